"""One limit: the edges of a range, expected values, and what cannot be judged."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limits import Limit, LimitError
from limits.limit import Side

TRIP = Limit(
    name="over_voltage_trip_v",
    low=58.7,
    high=59.1,
    expect=None,
    unit="V",
    source="manual L1129",
    status="derived",
)
PAGE = replace(TRIP, name="over_voltage_led_page", low=None, high=None, expect="5")
FLAG = replace(PAGE, name="over_voltage_flag", expect=True)
COUNT = replace(PAGE, name="identity_cell_count", expect=16)

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("low", "high", "good"),
    [
        (58.9, 58.9, True),
        (58.7, 59.1, True),
        (math.nextafter(58.7, 0), 58.9, False),
        (58.9, math.nextafter(59.1, 60), False),
        (58.0, 60.0, False),
        (59.2, 59.3, False),
    ],
)
def test_range_is_judged_on_the_worst_edge(low: float, high: float, good: bool) -> None:
    """A bracket that reaches over a limit would pass."""
    assert good == TRIP.judge(low, high)


@pytest.mark.parametrize(
    ("limit", "value", "good"),
    [
        (replace(TRIP, low=None), -1e9, True),
        (replace(TRIP, low=None), 59.2, False),
        (replace(TRIP, high=None), 1e9, True),
        (replace(TRIP, high=None), 58.6, False),
    ],
)
def test_open_end_limits_one_side_only(limit: Limit, value: float, good: bool) -> None:
    """A limit without low or high would refuse, or accept, everything."""
    assert good == limit.judge(value, value)


@given(finite, finite, finite, finite)
def test_judge_is_inclusion(a: float, b: float, c: float, d: float) -> None:
    """Any order of magnitude could break the comparison of edges."""
    low, high = sorted((a, b))
    edge_low, edge_high = sorted((c, d))
    limit = replace(TRIP, low=low, high=high)
    assert limit.judge(edge_low, edge_high) == (low <= edge_low and edge_high <= high)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, None, True, "58.9"], ids=repr
)
def test_what_is_no_finite_number_is_refused(value: float) -> None:
    """A missing reading would be compared as if it were one."""
    with pytest.raises(LimitError, match="over_voltage_trip_v"):
        TRIP.judge(value, 58.9)
    with pytest.raises(LimitError, match="over_voltage_trip_v"):
        TRIP.judge(58.9, value)


def test_swapped_edges_are_refused() -> None:
    """A phase that mixes up its bracket would pass."""
    with pytest.raises(LimitError, match="swapped"):
        TRIP.judge(59.0, 58.8)


@pytest.mark.parametrize(
    ("value", "side", "good"),
    [
        (50.0, "upper", True),
        (59.2, "upper", False),
        (70.0, "lower", True),
        (58.6, "lower", False),
    ],
)
def test_one_side_leaves_the_other_out(value: float, side: Side, good: bool) -> None:
    """A threshold hidden behind another one would fail on the wrong side."""
    assert good == TRIP.judge(value, value, side=side)


@pytest.mark.parametrize(
    ("limit", "side"),
    [(replace(TRIP, high=None), "upper"), (replace(TRIP, low=None), "lower")],
)
def test_side_without_a_number_is_refused(limit: Limit, side: Side) -> None:
    """Everything would pass against a limit that is not there."""
    with pytest.raises(LimitError, match=f"no {side} limit"):
        limit.judge(58.9, 58.9, side=side)


def test_series_is_judged_by_its_extremes() -> None:
    """One bad member among good ones would be lost."""
    assert TRIP.judge_series([58.8, 59.0])
    assert not TRIP.judge_series([58.8, 59.2, 59.0])


@pytest.mark.parametrize("series", [[], [58.9, math.nan], [math.nan, 58.9]], ids=repr)
def test_empty_or_broken_series_is_refused(series: list[float]) -> None:
    """min() and max() step over NaN; an empty series proves nothing."""
    with pytest.raises(LimitError):
        TRIP.judge_series(series)


@pytest.mark.parametrize(
    ("limit", "value", "good"),
    [
        (PAGE, "5", True),
        (PAGE, "4", False),
        (FLAG, True, True),
        (FLAG, False, False),
        (COUNT, 16, True),
        (COUNT, 16.0, True),
        (COUNT, 15, False),
    ],
)
def test_expected_value_is_compared(limit: Limit, value: object, good: bool) -> None:
    """Words, answers and counts would be judged wrongly."""
    assert good == limit.matches(value)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        (PAGE, None),
        (PAGE, 5),
        (FLAG, 1),
        (FLAG, None),
        (COUNT, True),
        (COUNT, math.nan),
        (TRIP, 58.9),
    ],
)
def test_value_of_another_kind_is_refused(limit: Limit, value: object) -> None:
    """1 would count as yes, and a missing statement as a wrong one."""
    with pytest.raises(LimitError, match=limit.name):
        limit.matches(value)


def test_expected_value_has_no_range() -> None:
    """A statement judged as a number would pass or fail by accident."""
    with pytest.raises(LimitError, match="matches"):
        FLAG.judge(1.0, 1.0)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (TRIP, "58.7 .. 59.1 V"),
        (replace(TRIP, low=None), "<= 59.1 V"),
        (replace(TRIP, high=None), ">= 58.7 V"),
        (replace(PAGE, unit="1"), "5"),
        (replace(FLAG, unit="1"), "yes"),
        (replace(FLAG, unit="1", expect=False), "no"),
    ],
)
def test_limit_prints_with_its_unit(limit: Limit, text: str) -> None:
    """The operator would read a number without its unit."""
    assert text == str(limit)
