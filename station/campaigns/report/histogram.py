"""Sort values into bins of one width, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 32


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in bins of equal width, from `low` to `high` [unit of the values]."""

    low: float
    high: float
    counts: tuple[int, ...]


def histogram(values: Sequence[float], bins: int = BINS) -> Histogram:
    """Count values in bins; where all are the same, there is one bin."""
    low, high = min(values), max(values)
    if high <= low:
        return Histogram(low, high, (len(values),))
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / (high - low) * bins))] += 1
    return Histogram(low, high, tuple(counts))
