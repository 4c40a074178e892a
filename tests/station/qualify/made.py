"""Runs and results as a test needs them."""

from __future__ import annotations

from limits.limit import Limit
from station.campaigns.job import Found, Job, Kind, Played
from station.qualify.compare import Compared, Comparison, compare
from station.qualify.tolerances import Tolerances

TOLERANCES = Tolerances(0.1, 0.1, {"window_s": 0.5})
GOOD = Job(Kind.HEALTHY, "healthy", "", "eol", 1)
BAD = Job(Kind.CATALOGUE, "trip_high", "just_bad", "eol", 2)
HARMLESS = Job(Kind.CATALOGUE, "trip_high", "harmless", "eol", 3)


def limit(name: str, low: float | None, high: float | None) -> Limit:
    """Make a limit."""
    return Limit(name, low, high, None, "V", "assumed", "provisional")


LIMITS = {
    "trip_v": limit("trip_v", 58.7, 59.1),
    "delay_s": limit("delay_s", None, 2.0),
    "window_s": limit("window_s", 80.0, 100.0),
    "page": Limit("page", None, None, "5", "1", "assumed", "provisional"),
}


def found(name: str, low: float, high: float, outcome: str = "PASS") -> Found:
    """Make a measurement that is known as a bracket."""
    return Found("over_voltage", name, outcome, low, high)


def result(outcome: str, *items: Found, reason: str = "") -> Played:
    """Make a result."""
    steps = [("over_voltage", outcome, 1.0), ("make_safe", "PASS", 1.0)]
    return Played("key", outcome, reason, steps, items, 2.0, "0" * 64, 0.5)


def compared(
    job: Job, before: Played | None, after: Played | None, loss: str = ""
) -> Comparison:
    """Compare one run."""
    run = Compared(job, before, after, loss)
    return compare([run], TOLERANCES, lambda _: LIMITS)
