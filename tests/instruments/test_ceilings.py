"""The ceilings: both sides of each, on each quantity."""

from __future__ import annotations

import math

import pytest

from instruments.ceilings import Ceilings
from instruments.errors import CeilingExceeded

CEILINGS = Ceilings()


@pytest.mark.parametrize(
    ("module_v", "current_a"), [(59.3, 129.0), (0.0, -129.0), (-1.0, 0.0)]
)
def test_inside_is_allowed(module_v: float, current_a: float) -> None:
    """A run ends although nothing is past a ceiling."""
    CEILINGS.check(module_v, current_a)


@pytest.mark.parametrize(
    ("module_v", "current_a"), [(59.5, 0.0), (50.0, 131.0), (50.0, -131.0)]
)
def test_outside_ends_the_run(module_v: float, current_a: float) -> None:
    """A module is driven past a ceiling."""
    with pytest.raises(CeilingExceeded):
        CEILINGS.check(module_v, current_a)


@pytest.mark.parametrize("current_a", [math.nan, math.inf])
def test_current_that_is_no_number_ends_the_run(current_a: float) -> None:
    """A meter that gives no number is taken for a current inside the ceilings."""
    with pytest.raises(CeilingExceeded):
        CEILINGS.check(50.0, current_a)


@pytest.mark.parametrize(("high_v", "low_v"), [(3.80, 3.2), (3.2, 2.31)])
def test_cells_have_ceilings_of_their_own(high_v: float, low_v: float) -> None:
    """One cell is driven too far while the pack looks well."""
    with pytest.raises(CeilingExceeded):
        CEILINGS.check_cells(high_v, low_v)


def test_case_has_a_ceiling() -> None:
    """A module that gets hot is driven on."""
    CEILINGS.check_case(47.9)
    with pytest.raises(CeilingExceeded, match="case"):
        CEILINGS.check_case(48.5)


def test_ceilings_lie_inside_those_of_the_test_plan() -> None:
    """The station reacts only after the test plan's ceiling was passed."""
    assert CEILINGS.voltage_v < 59.5
    assert CEILINGS.current_a < 132.0
    assert CEILINGS.cell_high_v < 3.80
    assert CEILINGS.cell_low_v > 2.30
    assert CEILINGS.case_c < 50.0
