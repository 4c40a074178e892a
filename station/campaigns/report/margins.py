"""Measure how far the healthy population stays from its limits.

What is judged is the worst edge of what the station knows of a quantity, so the margin
is taken from those edges too: measuring uncertainty is in them, and Cpk is the smaller
for it. All numbers are in the unit of their limit.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, quantiles, stdev

from limits.limit import Limit
from limits.limit_set import LimitSet
from phases.results import FAIL, PASS, READ_ONLY
from station.campaigns.job import Found, Job, Kind, Played
from station.campaigns.report.histogram import Histogram, histogram

_JUDGED = (PASS, FAIL, READ_ONLY)
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Margin:
    """One measurement in the healthy population [unit of its limit].

    Args:
        name, step, sequence, unit: what it is.
        low, high: what it was judged against; None where nothing on that side.
        modules: how many modules were judged.
        failed: how many of them failed it.
        percentiles: 5, 25, 50, 75 and 95 % of the middle of what was known.
        value_low, value_high: lowest and highest edge of all.
        worst_margin: smallest distance of an edge to its limit, negative outside.
        worst_margin_pct: the same in percent of the distance from the median.
        cpk_ratio: of the judged edges; None where they do not spread.
        histogram: of the middle of what was known.
    """

    name: str
    step: str
    sequence: str
    unit: str
    low: float | None
    high: float | None
    modules: int
    failed: int
    percentiles: tuple[float, ...]
    value_low: float
    value_high: float
    worst_margin: float
    worst_margin_pct: float | None
    cpk_ratio: float | None
    histogram: Histogram


@dataclass(frozen=True, slots=True)
class Answer:
    """One yes or no, word or count in the healthy population: right, or not."""

    name: str
    step: str
    sequence: str
    modules: int
    failed: int


@dataclass(slots=True)
class _Series:
    """The edges of one measurement, eight bytes a number.

    A value that was read and not exercised (READ_ONLY) is judged on one side only. It
    passed, so the side that it lies beyond is not the one that was judged.
    """

    step: str
    lows: array[float]
    highs: array[float]
    failed: int = 0
    low_judged: bool = True
    high_judged: bool = True


class MarginCollector:
    """Collects the healthy modules while the runs stream by."""

    def __init__(self, limits: Mapping[str, LimitSet]) -> None:
        self._limits = limits
        self._series: dict[tuple[str, str], _Series] = {}
        self._answers: dict[tuple[str, str], list[int]] = {}
        self._steps: dict[tuple[str, str], str] = {}

    def add(self, job: Job, played: Played) -> None:
        """Take the judged measurements of a healthy module; ignore any other run."""
        if job.kind is not Kind.HEALTHY or played.outcome not in (PASS, FAIL):
            return
        limits = self._limits[job.sequence]
        for item in played.found:
            if item.outcome not in _JUDGED or item.name not in limits:
                continue
            key = (job.sequence, item.name)
            self._steps[key] = item.step
            edges = _edges(item)
            if limits[item.name].expect is not None or edges is None:
                counts = self._answers.setdefault(key, [0, 0])
                counts[0] += 1
                counts[1] += item.outcome == FAIL
            else:
                self._add_number(key, item, edges)

    def _add_number(
        self, key: tuple[str, str], item: Found, edges: tuple[float, float]
    ) -> None:
        series = self._series.get(key)
        if series is None:
            series = _Series(item.step, array("d"), array("d"))
            self._series[key] = series
        series.lows.append(edges[0])
        series.highs.append(edges[1])
        series.failed += item.outcome == FAIL
        limit = self._limits[key[0]][key[1]]
        if item.outcome == READ_ONLY:
            series.low_judged &= limit.low is None or edges[0] >= limit.low
            series.high_judged &= limit.high is None or edges[1] <= limit.high

    def margins(self) -> list[Margin]:
        """List all margins, the tightest first; those that do not spread come last."""
        found = [
            _margin(sequence, self._limits[sequence][name], series)
            for (sequence, name), series in self._series.items()
        ]
        return sorted(
            found, key=lambda m: (m.cpk_ratio is None, m.cpk_ratio or 0.0, m.name)
        )

    def answers(self) -> list[Answer]:
        """List what has no number: how many modules gave the expected answer."""
        return [
            Answer(name, self._steps[sequence, name], sequence, counts[0], counts[1])
            for (sequence, name), counts in self._answers.items()
        ]


def _edges(item: Found) -> tuple[float, float] | None:
    """Read the edges of a measurement; a value known on one side stands for both."""
    if item.low is not None and item.high is not None:
        return item.low, item.high
    try:
        value = float(item.text)
    except ValueError:
        return None
    return value, value


def _margin(sequence: str, limit: Limit, series: _Series) -> Margin:
    middle = [
        (low + high) / 2.0 for low, high in zip(series.lows, series.highs, strict=True)
    ]
    limit = replace(
        limit,
        low=limit.low if series.low_judged else None,
        high=limit.high if series.high_judged else None,
    )
    smallest, largest = min(series.lows), max(series.highs)
    percentiles = _percentiles(middle)
    worst, worst_pct = _worst(limit, smallest, largest, percentiles[2])
    return Margin(
        name=limit.name,
        step=series.step,
        sequence=sequence,
        unit=limit.unit,
        low=limit.low,
        high=limit.high,
        modules=len(middle),
        failed=series.failed,
        percentiles=percentiles,
        value_low=smallest,
        value_high=largest,
        worst_margin=worst,
        worst_margin_pct=worst_pct,
        cpk_ratio=cpk(limit.low, limit.high, series.lows, series.highs),
        histogram=histogram(middle),
    )


def _percentiles(values: Sequence[float]) -> tuple[float, ...]:
    if len(values) < 2:
        return (values[0],) * 5
    cuts = quantiles(values, n=20, method="inclusive")
    return tuple(cuts[index] for index in (0, 4, 9, 14, 18))


def _worst(
    limit: Limit, smallest: float, largest: float, median: float
) -> tuple[float, float | None]:
    """Find the smallest distance to a limit, and what share of the median's it is."""
    sides = []
    if limit.low is not None:
        sides.append((smallest - limit.low, median - limit.low))
    if limit.high is not None:
        sides.append((limit.high - largest, limit.high - median))
    margin, room = min(sides, default=(0.0, 0.0))
    return margin, 100.0 * margin / room if room > 0.0 else None


def cpk(
    low: float | None,
    high: float | None,
    lows: Sequence[float],
    highs: Sequence[float],
) -> float | None:
    """Calculate Cpk of the judged edges: the nearer limit in units of three sigma.

    Args:
        low, high: limits; None where there is none on that side.
        lows: lower edges, judged against `low`.
        highs: upper edges, judged against `high`.

    Returns:
        None where nothing spreads, or fewer than two modules were judged.
    """
    if len(lows) < 2:
        return None
    ratios = []
    for room, spread_sigma in (
        (None if low is None else fmean(lows) - low, stdev(lows)),
        (None if high is None else high - fmean(highs), stdev(highs)),
    ):
        if room is not None and spread_sigma > _SAME * max(1.0, abs(room)):
            ratios.append(room / (3.0 * spread_sigma))
    return min(ratios, default=None)
