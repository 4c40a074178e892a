"""Climb a staircase of stimuli and find the step at which the contactor opens.

One climb gives level and delay together: a step is held longer than the longest allowed
delay, so a trip belongs to the step under way, and its delay counts from that step's
edge. Pure of any behaviour: voltages, currents and temperatures climb alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from instruments.bench import FINE_US, SAMPLE_US, Bench, Edge
from instruments.errors import PreconditionNotMet
from instruments.trace import Sample
from phases.climb import Climb, check_abrupt, conducts

_REACH_S = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircase:
    """A climb's levels, and how each of them is set, watched and left.

    Attributes:
        steps: the levels, in order.
        set_level: sets one and returns the bracket of its edge [µs].
        dwell_s: how long a level is held and sampled every `period_us` once it is in
            place [s].
        period_us: sampling period [µs].
        reached: tells whether the quantity has come up to the level; the edge is then
            the instant of reaching it.
        beyond: tells whether a sample may lie beyond where the step before was held;
            the edge's bracket begins with the last one that does not.
        trim: called at each sample of a step with the level, the first sample after
            the edge and this one; it takes back what creeps within the step, so that
            a threshold is crossed at an edge or not at all.
        ready: tells whether the next step has room; a step lasts until it has.
        patience_s: how long the level is held on, sampled at leisure [s], so that a
            delay far too long still ends within the step it belongs to.
        back_off: goes back from a level between two steps and watches there, so
            that a delay longer than a step begins anew and is never counted from the
            next one; a late opening belongs to the step before.
        give_up: ends the climb early when the module itself must be spared.
    """

    steps: Sequence[float]
    set_level: Callable[[float], tuple[int, int]]
    dwell_s: float
    period_us: int
    back_off: Callable[[float], Edge | None]
    reached: Callable[[Sample, float], bool] | None = None
    beyond: Callable[[Sample, Sample], bool] | None = None
    trim: Callable[[float, Sample, Sample], None] | None = None
    ready: Callable[[Sample], bool] | None = None
    patience_s: float = 0.0
    give_up: Callable[[], bool] | None = None


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
        opened, edge_us = _take_step(bench, stairs, level, before)
        if opened is not None:
            check_abrupt(opened, last)
            last = opened.before if conducts(opened.before) else last
            return Climb(opened, level_before, level, before, last, edge_us)
        last = bench.sampler.last or last
        given_up = stairs.give_up is not None and stairs.give_up()
        opened = None if given_up else stairs.back_off(level)
        if opened is not None:
            return Climb(opened, level_before, level, before, last, edge_us)
        level_before, before = level, last
        if given_up:
            break
    held = stairs.steps[0] if level_before is None else level_before
    return Climb(None, level_before, held, before, last, edge_us)


def _take_step(
    bench: Bench, stairs: Staircase, level: float, before: Sample | None
) -> tuple[Edge | None, tuple[int, int]]:
    """Set one level and hold it; return the opening, if any, and the step's edge."""
    edge_us = stairs.set_level(level)
    reached = stairs.reached
    if reached is not None:
        passed = _Passed(before, stairs.beyond)
        opened, edge_us = _reach(
            bench, lambda s: reached(s, level), passed, stairs.period_us, edge_us
        )
        if opened is not None:
            return opened, edge_us
    watch = _Watch(level, stairs.trim)
    opened = (
        bench.wait_until(watch.opened, stairs.dwell_s, stairs.period_us)
        or bench.wait_until(watch.opened, stairs.patience_s, SAMPLE_US)
        or _make_room(bench, watch, stairs.ready)
    )
    return opened, edge_us


def back_off(
    bench: Bench,
    reverse: Callable[[], object],
    is_back: Callable[[Sample], bool],
    hold_s: float,
) -> Edge | None:
    """Reverse the current until the quantity is back, and hold it there.

    Returns the opening if the module opened before or meanwhile: it is connected to the
    other side only while both sides agree, so a refusal is an opening.

    Raises:
        PreconditionNotMet: the quantity did not come back.
    """
    before = bench.sample()
    try:
        reverse()
    except PreconditionNotMet:
        after = bench.sample()
        if conducts(after):
            raise
        return Edge(before, after)
    found = bench.wait_until(lambda s: is_back(s) or not conducts(s), _REACH_S, FINE_US)
    if found is None:
        raise PreconditionNotMet(
            "module",
            "did not come back from its threshold between two steps",
            "look at the trace files around this instant, then start again",
        )
    if not conducts(found.after):
        return found
    return bench.wait_until(lambda s: not conducts(s), hold_s, FINE_US)


def _make_room(
    bench: Bench, watch: _Watch, ready: Callable[[Sample], bool] | None
) -> Edge | None:
    """Hold a step on until the next one has room."""
    if ready is None:
        return None
    found = bench.wait_until(lambda s: watch.opened(s) or ready(s), _REACH_S, SAMPLE_US)
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


class _Passed:
    """Remembers the last sample that cannot lie beyond where the step before held."""

    def __init__(
        self,
        held: Sample | None,
        beyond: Callable[[Sample, Sample], bool] | None,
    ) -> None:
        self._held = held
        self._beyond = beyond
        self.last_us: int | None = None

    def look(self, sample: Sample) -> None:
        """Take note of one sample on the way to the level."""
        if self._held is None or self._beyond is None:
            return
        if not self._beyond(sample, self._held):
            self.last_us = sample.t_v_us


def _reach(
    bench: Bench,
    reached: Callable[[Sample], bool],
    passed: _Passed,
    period_us: int,
    edge_us: tuple[int, int],
) -> tuple[Edge | None, tuple[int, int]]:
    """Wait for the quantity to reach its level, or for the contactor to open."""

    def ended(sample: Sample) -> bool:
        passed.look(sample)
        return reached(sample) or not conducts(sample)

    found = bench.wait_until(ended, _REACH_S, period_us)
    if found is None:
        return None, edge_us
    if not conducts(found.after):
        return found, edge_us
    early_us = edge_us[0] if passed.last_us is None else passed.last_us
    if found.before is found.after:
        return None, (min(early_us, edge_us[0]), edge_us[1])
    return None, (min(early_us, found.before.t_v_us), found.after.t_v_us)
