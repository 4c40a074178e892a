"""Counts of a campaign and the bounds that follow."""

from __future__ import annotations

import pytest

from station.campaigns.count import Result
from station.campaigns.job import Kind
from station.campaigns.report.seen import Seen, see
from station.campaigns.report.tally import tally
from tests.station.campaigns.report.made_runs import catalogue, entry, job, played

KNOWN = catalogue("a", "b")


def drawn(number: int, outcome: str) -> Seen:
    """Make one drawn run."""
    made = job(f"drawn_{number}", kind=Kind.DRAWN, seed=7)
    return see(made, played(outcome=outcome), KNOWN)


def healthy(count: int) -> list[Seen]:
    """Make healthy modules that pass."""
    return [see(job(seed=seed), played(), KNOWN) for seed in range(count)]


def test_an_escape_shows_in_every_table() -> None:
    """A bad module that passed would disappear in the totals."""
    caught = see(job("a"), played(("capacity_ah",)), KNOWN)
    escaped = see(job("b"), played(), KNOWN)
    found = tally([caught, escaped], KNOWN)
    assert [run.job.subject for run in found.escapes] == ["b"]
    for counts in (
        found.by_kind,
        found.by_sequence,
        found.by_severity,
        found.by_family,
    ):
        assert sum(count.of(Result.ESCAPED) for count in counts) == 1
        assert sum(count.of(Result.DETECTED) for count in counts) == 1


def test_without_escapes_none_is_listed() -> None:
    """The head of the page would cry wolf."""
    found = tally([see(job("a"), played(("capacity_ah",)), KNOWN)], KNOWN)
    assert [found.escapes, found.false_failed, found.errors] == [[], [], []]


def test_only_drawn_defects_bear_the_bound() -> None:
    """Defects chosen by the plan's own authors would improve the bound."""
    chosen = [see(job("a", seed=n), played(("capacity_ah",)), KNOWN) for n in range(99)]
    found = tally([*chosen, *(drawn(n, "FAIL") for n in range(320))], KNOWN)
    assert (found.detection.count, found.detection.runs) == (320, 320)
    assert found.detection.bound_pct == pytest.approx(99.068, abs=0.001)


@pytest.mark.parametrize("outcome", ["PASS", "ERROR"])
def test_what_was_not_detected_lowers_the_bound(outcome: str) -> None:
    """An error would stand in for a detection."""
    runs = [*(drawn(n, "FAIL") for n in range(319)), drawn(319, outcome)]
    found = tally(runs, KNOWN)
    assert found.detection.count == 319
    assert found.detection.bound_pct < 99.0


def test_false_fails_of_harmless_and_healthy_modules_count() -> None:
    """A good module that fails would not show in the bound."""
    clean = tally(healthy(1500), KNOWN)
    assert clean.false_fails.bound_pct == pytest.approx(0.1995, abs=0.0001)
    harmless = see(job("a", grade="harmless"), played(("capacity_ah",)), KNOWN)
    found = tally([*healthy(1500), harmless], KNOWN)
    assert (found.false_fails.count, found.false_fails.runs) == (1, 1501)
    assert found.false_fails.bound_pct > 0.3
    assert found.false_fails_healthy.count == 0


def test_an_error_is_no_good_module_that_passed() -> None:
    """Runs without a verdict would improve the bound on false fails."""
    error = see(job(seed=9), played(outcome="ERROR"), KNOWN)
    found = tally([*healthy(10), error], KNOWN)
    assert found.false_fails.runs == 10
    assert len(found.errors) == 1


def test_not_detectable_stands_in_sight_and_in_no_total() -> None:
    """A defect that is out of reach would be hidden, or counted."""
    hidden = entry("c", sequence="not_detectable", reason="inside the cell")
    known = {**KNOWN, "c": hidden}
    found = tally([see(job("c"), played(), known)], known)
    assert [item.reason for item in found.not_detectable] == ["inside the cell"]
    assert found.by_kind == []
    assert len(found.not_owed) == 1
