"""The judge: worst edges, bounds, sides, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import pytest

from limits.errors import LimitError
from limits.limit import Limit, Side
from phases.judge import LOWER, UPPER, Judge
from phases.results import FAIL, NOT_RUN, PASS


def limit(key: str = "v", **given: Any) -> Limit:
    """Make a limit of the behaviour `thing`."""
    table: dict[str, Any] = {"low": 1.0, "high": 2.0, "expect": None} | given
    return Limit(name=f"thing_{key}", unit="V", source="here", status="manual", **table)


def judge(*limits: Limit) -> Judge:
    """Make a judge that owes these limits."""
    return Judge("thing", limits or (limit(),))


@pytest.mark.parametrize(
    ("value", "uncertainty", "good"),
    [
        (1.5, 0.1, True),
        (1.9, 0.1, True),
        (1.95, 0.1, False),
        (1.05, 0.1, False),
        (2.1, 0.0, False),
    ],
)
def test_value_is_judged_on_its_worst_edge(
    value: float, uncertainty: float, good: bool
) -> None:
    """A value passes although its uncertainty reaches past the limit."""
    one = judge()
    assert one.value("v", value, uncertainty=uncertainty) is good
    assert one.measurements[0].outcome == (PASS if good else FAIL)


def test_bracket_is_widened_at_both_ends() -> None:
    """A bracket's edges are kept without the uncertainty of the readings."""
    one = judge()
    assert one.between("v", 1.2, 1.8, uncertainty=0.1)
    found = one.measurements[0]
    assert (found.value_low, found.value_high) == pytest.approx((1.1, 1.9))
    assert found.bound == "between"


def test_trip_that_did_not_come_fails_though_the_stimulus_is_inside() -> None:
    """A missing trip passes because the highest stimulus lies inside the limit."""
    one = judge()
    assert one.at_least("v", 1.5) is False
    found = one.measurements[0]
    assert (found.outcome, found.bound, found.value_high) == (FAIL, "at_least", None)


def test_trip_that_did_not_come_on_the_way_down_fails() -> None:
    """A missing falling trip passes because the lowest stimulus lies inside."""
    one = judge()
    assert one.at_most("v", 1.5) is False
    found = one.measurements[0]
    assert (found.outcome, found.bound, found.value_low) == (FAIL, "at_most", None)


def test_stimulus_that_was_held_carries_its_uncertainty_both_ways() -> None:
    """What did not come is known as exactly as the set value, on one side of it."""
    one = judge(limit(), limit("w"))
    one.at_least("v", 1.5, uncertainty=0.25)
    one.at_most("w", 1.5, uncertainty=0.25)
    assert [(m.value_low, m.value_high) for m in one.measurements] == [
        (1.25, None),
        (None, 1.75),
    ]


@pytest.mark.parametrize(
    ("value", "side", "good"),
    [(0.5, UPPER, True), (2.5, UPPER, False), (2.5, LOWER, True), (0.5, LOWER, False)],
)
def test_side_leaves_out_the_other_limit_and_says_so(
    value: float, side: Side, good: bool
) -> None:
    """The record shows a limit that was not judged, or the judged one is left out."""
    one = judge()
    assert one.value("v", value, side=side) is good
    found = one.measurements[0]
    assert (found.low is None) == (side == UPPER)
    assert (found.high is None) == (side == LOWER)


@pytest.mark.parametrize("side", [UPPER, LOWER])
def test_side_that_the_limit_does_not_have_is_refused(side: Side) -> None:
    """A value passes because nothing was there to judge it."""
    one = judge(limit(low=None) if side == LOWER else limit(high=None))
    with pytest.raises(LimitError, match=f"no {side} limit"):
        one.value("v", 1.5, side=side)
    assert one.measurements == []


def test_statement_is_not_judged_as_a_number() -> None:
    """A limit without a range lets every number pass."""
    with pytest.raises(LimitError, match="matches"):
        judge(limit(low=None, high=None, expect=True)).value("v", 1.0)


def test_swapped_bracket_is_refused() -> None:
    """A bracket with its edges mixed up passes."""
    with pytest.raises(LimitError, match="swapped"):
        judge().between("v", 1.8, 1.2)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_value_that_is_no_number_never_passes(value: float) -> None:
    """A reading that is not a number passes, or passes silently one-sided."""
    one = judge(limit(low=None))
    try:
        good = one.value("v", value)
    except (ValueError, LimitError):
        return
    assert good is False


def test_second_judgement_of_one_name_is_refused() -> None:
    """A later, better reading replaces the one that failed."""
    one = judge()
    one.value("v", 5.0)
    with pytest.raises(ValueError, match="twice"):
        one.value("v", 1.5)
    assert [found.outcome for found in one.measurements] == [FAIL]


def test_what_is_not_owed_cannot_be_judged() -> None:
    """A phase judges a name that stands in no limit table."""
    with pytest.raises(KeyError):
        judge().value("other", 1.0)


@pytest.mark.parametrize(
    ("expected", "value", "good"),
    [
        (True, True, True),
        (True, False, False),
        ("3", "3", True),
        ("3", "2", False),
        (16, 16, True),
        (16, 15, False),
        (True, None, False),
    ],
)
def test_statement_is_compared_with_what_is_expected(
    expected: Any,
    value: Any,
    good: bool,
) -> None:
    """A wrong or missing statement passes."""
    one = judge(limit(low=None, high=None, expect=expected))
    assert one.expect("v", value) is good


def test_statement_of_another_kind_is_an_error() -> None:
    """A number passes for a yes."""
    one = judge(limit(low=None, high=None, expect=True))
    with pytest.raises(LimitError):
        one.expect("v", 1)


def test_what_was_not_judged_is_recorded_as_not_run() -> None:
    """A measurement that a failure left out vanishes from the record."""
    one = judge(limit(), limit("w"))
    one.value("v", 5.0)
    one.not_run("nothing left")
    assert [(m.name, m.outcome) for m in one.measurements] == [
        ("thing_v", FAIL),
        ("thing_w", NOT_RUN),
    ]
    assert one.failed
