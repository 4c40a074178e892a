"""What the outcome of a run means: only FAIL detects, only PASS lets through."""

from __future__ import annotations

import pytest

from station.campaigns.bound_lines import bound_lines
from station.campaigns.count import Result, Tally, judge
from station.campaigns.job import Job, Kind
from tests.station.campaigns.fakes import bad, healthy, played


@pytest.mark.parametrize(
    ("job", "outcome", "result"),
    [
        (bad("d"), "FAIL", Result.DETECTED),
        (bad("d"), "PASS", Result.ESCAPED),
        (bad("d"), "ERROR", Result.ERROR),
        (bad("d", "harmless"), "PASS", Result.ACCEPTED),
        (bad("d", "harmless"), "FAIL", Result.FALSE_FAILED),
        (healthy(1), "PASS", Result.ACCEPTED),
        (healthy(1), "FAIL", Result.FALSE_FAILED),
        (healthy(1), "ABORTED", Result.ERROR),
    ],
)
def test_outcome_is_judged_by_what_the_module_is(
    job: Job, outcome: str, result: Result
) -> None:
    """A run that ended without a verdict would count as a detection."""
    assert judge(job, outcome) is result


def test_what_went_wrong_is_named() -> None:
    """An escape would be a number that nobody can look up."""
    tally = Tally()
    tally.add(bad("found"), played(bad("found"), "FAIL"))
    tally.add(bad("missed"), played(bad("missed"), "PASS"))
    tally.add_loss(healthy(3), "its workers died")
    assert [(v, key) for v, key, _ in tally.wrong] == [
        (Result.ESCAPED, bad("missed").key),
        (Result.ERROR, healthy(3).key),
    ]
    total = tally.total
    assert (total.runs, total.detected, total.escaped, total.errors) == (3, 1, 1, 1)


def test_bounds_are_those_of_the_drawn_and_the_good() -> None:
    """The catalogue, which its authors chose, would carry the stated bound."""
    tally = Tally()
    for number in range(320):
        job = Job(Kind.DRAWN, f"drawn_{number}", "bad", "eol", number)
        tally.add(job, played(job, "FAIL"))
    for seed in range(1500):
        tally.add(healthy(seed), played(healthy(seed)))
    drawn, good = bound_lines(tally)
    assert "320 of 320 detected; at least 99.07 %" in drawn
    assert "0 of 1500 failed; at most 0.20 %" in good
    assert bound_lines(Tally()) == []
