"""Bounds of rates: exact, one-sided, against published values."""

from __future__ import annotations

import sys

import pytest

from station.campaigns.report.bounds import (
    DETECTION_WANTED_PCT,
    FALSE_FAILS_WANTED_PCT,
    detection_bound,
    false_fail_bound,
    lower_bound_pct,
    upper_bound_pct,
)
from station.errors import BadOption


@pytest.mark.parametrize(
    ("count", "runs", "confidence_pct", "bound_pct"),
    [
        (0, 1500, 95.0, 0.1995),  # 1 - 0.05 ** (1 / 1500)
        (0, 320, 95.0, 0.9318),
        (0, 1, 95.0, 95.0),
        (4, 20, 95.0, 40.1029),  # NIST/SEMATECH handbook 7.2.4.1, 90 % two-sided
        (1, 10, 97.5, 44.5016),  # 95 % two-sided, in every table
    ],
)
def test_upper_bound_is_the_published_one(
    count: int, runs: int, confidence_pct: float, bound_pct: float
) -> None:
    """The report would claim fewer escapes or false fails than were shown."""
    found_pct = upper_bound_pct(count, runs, confidence_pct)
    assert found_pct == pytest.approx(bound_pct, abs=1e-4)


def test_lower_bound_is_the_published_one() -> None:
    """The report would claim a better detection than was shown."""
    assert lower_bound_pct(4, 20) == pytest.approx(7.1354, abs=6e-5)  # the same page
    assert lower_bound_pct(320, 320) == pytest.approx(100 - 0.9318, abs=1e-4)


def test_three_over_n() -> None:
    """The rule of thumb for no count in many runs would not hold."""
    assert upper_bound_pct(0, 3000) == pytest.approx(100 * 3.0 / 3000, rel=0.01)


def test_one_escape_makes_the_bound_worse() -> None:
    """An escape would not show in the bound."""
    assert lower_bound_pct(319, 320) < lower_bound_pct(320, 320) - 0.4


def test_of_no_run_nothing_is_known() -> None:
    """An empty campaign would claim something."""
    assert upper_bound_pct(0, 0) == 100.0
    assert lower_bound_pct(0, 0) == 0.0
    assert lower_bound_pct(0, 10) == 0.0
    assert upper_bound_pct(10, 10) == 100.0


def test_error_is_no_detection_and_no_good_module() -> None:
    """Terminal and page would state two bounds of one campaign."""
    detection = detection_bound(9, 10)
    assert (detection.count, detection.runs, detection.rate_pct) == (9, 10, 90.0)
    assert detection.bound_pct == pytest.approx(60.58, abs=0.01)
    false_fails = false_fail_bound(0, 1500)
    assert (false_fails.count, false_fails.runs) == (0, 1500)
    assert false_fails.bound_pct <= FALSE_FAILS_WANTED_PCT
    assert detection_bound(320, 320).bound_pct >= DETECTION_WANTED_PCT
    assert detection_bound(0, 0).rate_pct == 0.0


def test_without_scipy_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """`campaign show` would end in a traceback where only the station is installed."""
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(BadOption, match="scipy is not installed"):
        lower_bound_pct(9, 10)


def test_impossible_counts_are_refused() -> None:
    """A wrong sum would be turned into a bound."""
    with pytest.raises(ValueError, match="3 of 2"):
        upper_bound_pct(3, 2)
