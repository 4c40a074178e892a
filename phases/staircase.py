"""Climb a staircase of stimuli and find the step at which the contactor opens.

One climb gives level and delay together: a step is held longer than the longest allowed
delay, so a trip belongs to the step under way, and its delay counts from that step's
edge. Currents and temperatures climb so; voltages climb by pulses (`pulses.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from instruments.bench import Bench, Edge
from instruments.trace import Sample
from phases.climb import Climb, check_abrupt, conducts, stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircase:
    """A climb's levels, and how each of them is set, watched and left.

    Attributes:
        steps: the levels, in order.
        set_level: sets one and returns the bracket of its edge [µs].
        dwell_s: how long a level is held and sampled every `period_us` [s].
        period_us: sampling period [µs].
        back_off: goes back from a level between two steps and watches there, so
            that a delay longer than a step begins anew and is never counted from the
            next one; a late opening belongs to the step before.
    """

    steps: Sequence[float]
    set_level: Callable[[float], tuple[int, int]]
    dwell_s: float
    period_us: int
    back_off: Callable[[float], Edge | None]


def levels(start: float, stop: float, step: float) -> tuple[float, ...]:
    """List the levels from start to stop inclusive, rising or falling.

    The last step is shortened so that `stop` is met and never passed.
    """
    sign = 1.0 if stop >= start else -1.0
    count = int(abs(stop - start) / step + 1e-9)
    found = [start + sign * step * index for index in range(count + 1)]
    if abs(found[-1] - stop) > 1e-9:
        found.append(stop)
    return tuple(round(level, 6) for level in found)


def climb(bench: Bench, stairs: Staircase) -> Climb:
    """Set level after level until the current stops or the levels run out.

    The bench is energised and conducting.
    """
    level_before: float | None = None
    last = bench.sample()
    before: Sample | None = last if conducts(last) else None
    edge_us: tuple[int, int] | None = None
    for level in stairs.steps:
        edge_us = stairs.set_level(level)
        opened = bench.wait_until(stopped, stairs.dwell_s, stairs.period_us)
        if opened is not None:
            check_abrupt(opened, last)
            last = opened.before if conducts(opened.before) else last
            return Climb(opened, level_before, level, before, last, edge_us)
        last = bench.sampler.last or last
        opened = stairs.back_off(level)
        if opened is not None:
            return Climb(opened, level_before, level, before, last, edge_us)
        level_before, before = level, last
    held = stairs.steps[0] if level_before is None else level_before
    return Climb(None, level_before, held, before, last, edge_us)
