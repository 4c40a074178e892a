"""Bound a rate from counted runs: one-sided Clopper-Pearson, exact, at 95 %.

Clopper and Pearson, Biometrika 26 (1934) 404: the bound is the rate at which a count
as extreme as the one seen would still come up in 5 % of all campaigns.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.errors import BadOption

CONFIDENCE_PCT = 95.0
DETECTION_WANTED_PCT = 99.0
FALSE_FAILS_WANTED_PCT = 0.2


@dataclass(frozen=True, slots=True)
class Bound:
    """A rate that was counted, and the worst that it may be at 95 % confidence."""

    count: int
    runs: int
    rate_pct: float
    bound_pct: float


def detection_bound(detected: int, runs: int) -> Bound:
    """Bound the detection of bad modules from below; an error found nothing.

    Args:
        detected: how many runs ended FAIL.
        runs: how many were owed: detected, escaped, without a verdict, or lost.

    Raises:
        ValueError: a count that is negative or larger than the number of runs.
    """
    bound_pct = lower_bound_pct(detected, runs)
    return Bound(detected, runs, _rate_pct(detected, runs), bound_pct)


def false_fail_bound(failed: int, accepted: int) -> Bound:
    """Bound false fails from above; a run without a verdict shows neither.

    Raises:
        ValueError: a count that is negative.
    """
    runs = failed + accepted
    bound_pct = upper_bound_pct(failed, runs)
    return Bound(failed, runs, _rate_pct(failed, runs), bound_pct)


def upper_bound_pct(
    count: int, runs: int, confidence_pct: float = CONFIDENCE_PCT
) -> float:
    """Bound a rate from above [%]: it is not larger, at this confidence.

    Args:
        count: how many runs showed it.
        runs: how many runs were played; of none nothing is known, which is 100 %.
        confidence_pct: confidence of this one side [%].

    Raises:
        ValueError: a count that is negative or larger than the number of runs.
        BadOption: scipy is not installed.
    """
    _check(count, runs)
    if count == runs:
        return 100.0
    return 100.0 * _quantile(confidence_pct / 100.0, count + 1, runs - count)


def lower_bound_pct(
    count: int, runs: int, confidence_pct: float = CONFIDENCE_PCT
) -> float:
    """Bound a rate from below [%]: it is not smaller, at this confidence.

    Raises:
        ValueError: a count that is negative or larger than the number of runs.
        BadOption: scipy is not installed.
    """
    _check(count, runs)
    return 100.0 - upper_bound_pct(runs - count, runs, confidence_pct)


def _quantile(probability_ratio: float, first: int, second: int) -> float:
    try:
        from scipy.stats import beta  # a heavy import that only bounds need
    except ModuleNotFoundError as cause:
        raise BadOption(
            "campaign: scipy is not installed, and no bound is known without it;"
            " pip install 'weco-test-station[campaign]'"
        ) from cause
    return float(beta.ppf(probability_ratio, first, second))


def _rate_pct(count: int, runs: int) -> float:
    return 100.0 * count / runs if runs else 0.0


def _check(count: int, runs: int) -> None:
    if not 0 <= count <= runs:
        raise ValueError(f"{count} of {runs} runs is no count")
