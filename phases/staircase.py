"""Climb a staircase of stimuli and find the step at which the contactor opens.

One climb gives level and delay together: a step is held longer than the longest allowed
delay, so a trip belongs to the step under way, and its delay counts from that step's
edge. Pure of any behaviour: voltages, currents and temperatures climb alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from instruments.bench import Bench, Edge
from instruments.trace import Sample

CONDUCTS_A = 0.8
_REACH_S = 90.0


@dataclass(frozen=True, slots=True)
class Climb:
    """What a staircase found.

    `level_before` and `level` are the last step that was held throughout and the step
    under way at the end; `before` and `last` are the last conducting samples of both.
    `edge_us` brackets the instant at which the step's stimulus was in place. `opened`
    is None when the contactor never opened; then `level` was held to the end.
    """

    opened: Edge | None
    level_before: float | None
    level: float
    before: Sample | None
    last: Sample
    edge_us: tuple[int, int]

    def delay_s(self) -> tuple[float, float]:
        """Compute the bracket of the trip delay [s] from the last edge.

        Raises:
            ValueError: nothing opened.
        """
        if self.opened is None:
            raise ValueError("no opening, no delay")
        low = (self.opened.before.t_a_us - self.edge_us[1]) / 1e6
        high = (self.opened.after.t_a_us - self.edge_us[0]) / 1e6
        return max(0.0, low), high


def conducts(sample: Sample) -> bool:
    """Tell whether current flows through the module's contactor."""
    return abs(sample.current_a) >= CONDUCTS_A


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


def climb(
    bench: Bench,
    steps: Sequence[float],
    set_level: Callable[[float], tuple[int, int]],
    dwell_s: float,
    *,
    period_us: int,
    reached: Callable[[Sample, float], bool] | None = None,
    trim: Callable[[float, Sample, Sample], None] | None = None,
    ready: Callable[[Sample], bool] | None = None,
    back_off: Callable[[], Edge | None] | None = None,
    give_up: Callable[[], bool] | None = None,
) -> Climb:
    """Set level after level until the current stops or the levels run out.

    Args:
        bench: energised and conducting.
        steps: the levels, in order.
        set_level: sets one and returns the bracket of its edge [µs].
        dwell_s: how long a level is held once it is in place [s].
        period_us: sampling period [µs].
        reached: tells whether the quantity has come up to the level; the edge is
            then the instant of reaching it.
        trim: called at each sample of a step with the level, the first sample after
            the edge and this one; it takes back what creeps within the step, so that
            a threshold is crossed at an edge or not at all.
        ready: tells whether the next step has room; a step lasts until it has.
        back_off: goes back below the threshold between two steps and watches there, so
            that a delay longer than a step begins anew and is never counted from the
            next one; a late opening belongs to the step before.
        give_up: ends the climb early when the module itself must be spared.
    """
    level_before: float | None = None
    before: Sample | None = None
    last = bench.sample()
    for level in steps:
        edge_us = set_level(level)
        opened: Edge | None = None
        if reached is not None:
            opened, edge_us = _reach(bench, level, reached, period_us, edge_us)
        if opened is None:
            opened = _hold(bench, _Watch(level, trim), dwell_s, period_us, ready)
        if opened is not None:
            last = opened.before if conducts(opened.before) else last
            return Climb(opened, level_before, level, before, last, edge_us)
        last = bench.sampler.last or last
        opened = back_off() if back_off is not None else None
        if opened is not None:
            return Climb(opened, level_before, level, before, last, edge_us)
        level_before, before = level, last
        if give_up is not None and give_up():
            break
    return Climb(None, level_before, level_before or steps[0], before, last, edge_us)


def _hold(
    bench: Bench,
    watch: _Watch,
    dwell_s: float,
    period_us: int,
    ready: Callable[[Sample], bool] | None,
) -> Edge | None:
    """Hold a step for its dwell, and on until the next one has room."""
    opened = bench.wait_until(watch.opened, dwell_s, period_us)
    if opened is not None or ready is None:
        return opened
    found = bench.wait_until(lambda s: watch.opened(s) or ready(s), _REACH_S, period_us)
    return found if found is not None and not conducts(found.after) else None


class _Watch:
    """Watches one step: trims it while it conducts, ends it when it does not."""

    def __init__(
        self, level: float, trim: Callable[[float, Sample, Sample], None] | None
    ) -> None:
        self._level = level
        self._trim = trim
        self._first: Sample | None = None

    def opened(self, sample: Sample) -> bool:
        """Tell whether the current has stopped."""
        if not conducts(sample):
            return True
        if self._first is None:
            self._first = sample
        elif self._trim is not None:
            self._trim(self._level, self._first, sample)
        return False


def _reach(
    bench: Bench,
    level: float,
    reached: Callable[[Sample, float], bool],
    period_us: int,
    edge_us: tuple[int, int],
) -> tuple[Edge | None, tuple[int, int]]:
    """Wait for the quantity to reach its level, or for the contactor to open."""
    found = bench.wait_until(
        lambda s: reached(s, level) or not conducts(s), _REACH_S, period_us
    )
    if found is None:
        return None, edge_us
    if not conducts(found.after):
        return found, edge_us
    if found.before is found.after:
        return None, edge_us
    return None, (found.before.t_v_us, found.after.t_v_us)
