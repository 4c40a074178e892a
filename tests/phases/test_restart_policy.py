"""Restart policy: the looks of five days (defects: failures/restart_policy.toml)."""

from __future__ import annotations

import pytest

from limits.limit import Limit
from phases.plan import load_plan
from phases.restart_policy import Span, days_after, first_hour, reading_of
from tests.phases import rig

TEST = load_plan().restart_policy


def spans_of(*, restless: bool = False) -> list[Span]:
    """List all looks from the first trip to the end."""
    morning = Span(TEST.morning_end_s, TEST.day_look_s)
    return [*first_hour(TEST), morning, *days_after(TEST, restless=restless)]


def look_at(spans: list[Span], t_s: float) -> float:
    """Tell how often is looked at an instant [s]."""
    return next(span.look_s for span in spans if t_s < span.until_s)


def limit(key: str) -> Limit:
    """Look up a limit of the behaviour."""
    return rig.limits()[f"restart_policy_{key}"]


def test_spans_follow_each_other() -> None:
    """The bench would look back in time, and skip what lies between."""
    ends_s = [span.until_s for span in spans_of()]
    assert ends_s == sorted(ends_s)
    assert ends_s[-1] == TEST.watch_s


@pytest.mark.parametrize("due_s", [*TEST.early_s, *TEST.late_s])
def test_bench_looks_closely_where_an_attempt_is_due(due_s: float) -> None:
    """An attempt within its limits would be bracketed too widely to pass."""
    spans = spans_of()
    early = due_s < TEST.hour_end_s
    width = limit("hour_spacing_s" if early else "late_spacing_s")
    assert width.low is not None
    assert width.high is not None
    reach_s = (width.high - width.low) / 2
    for t_s in (due_s - reach_s, due_s, due_s + reach_s):
        assert 4 * look_at(spans, t_s) <= reach_s


def test_bench_finds_a_restart_of_the_first_day_before_the_list_begins_anew() -> None:
    """Reading B would be seen as something else."""
    assert look_at(spans_of(), 4500.0) < 900.0
    assert look_at(spans_of(restless=True), 40_000.0) < 900.0


def test_end_is_watched_for_one_more_interval() -> None:
    """A module that goes on for ever would pass."""
    assert TEST.watch_s > TEST.late_s[-1] + 43_200.0 + 600.0


@pytest.mark.parametrize(
    ("count", "reading"),
    [(0, "A"), (92, "B"), (2, "neither A nor B"), (140, "neither A nor B")],
)
def test_reading_is_named(count: int, reading: str) -> None:
    """The record would say another reading of C15 than the firmware's."""
    assert reading_of(count) == reading
