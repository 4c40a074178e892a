"""Climb by pulses of falling current and find the pulse at which the contactor opens.

Each step is an edge: from a reversed current to the pulse's, so that pack and cells
pass every threshold that they reach within one exchange. Then the current falls faster
than charge, polarisation or drops along the leads could drive any cell on: all of them
go back, and none passes a threshold later within the step. So a trip's delay counts
from the edge, whichever rule acts. The charge that a pulse leaves makes the next step.

Between two steps the current is reversed until pack and cells are clear of every
threshold that the limits allow. So no delay runs on: one longer than a pulse begins
anew with the next, and the module does not open at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

from instruments.bench import FINE_US, LIVE_V, Bench, Edge
from instruments.errors import NotProtected, PreconditionNotMet
from instruments.trace import Sample
from phases.cell_history import CellHistory
from phases.climb import Climb, Flow, check_abrupt
from phases.plan import PulsePlan

_REVERSE_S = 60.0
_RISE_S = 10.0
_DEAD_S = 2.0
_MOST_PULSES = 300
_LEAST_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulses:
    """A climb's currents and times, and what moves the bench.

    Attributes:
        test: currents, times and levels.
        rising: True for a voltage that climbs.
        connect: puts the source on at the small current that flows between pulses.
        pulse: makes the edge of the n-th pulse, counted from 1; returns its bracket
            [µs].
        risen: tells whether the n-th pulse is in place.
        trim_current_a: lets a current [A, magnitude] fall within a step; no edge.
        reverse: reverses the current.
        is_back: tells whether the reversal, begun at a time [µs], has cleared every
            threshold.
        history: the extreme cell's readings.
    """

    test: PulsePlan
    rising: bool
    connect: Callable[[], object]
    pulse: Callable[[int], tuple[int, int]]
    risen: Callable[[int, Sample], bool]
    trim_current_a: Callable[[float], object]
    reverse: Callable[[], object]
    is_back: Callable[[Sample, int], bool]
    history: CellHistory


def climb_by_pulses(bench: Bench, pulses: Pulses) -> Climb:
    """Give pulse after pulse until the current stops or the acceptance limit is passed.

    The small current flows already.

    Raises:
        PreconditionNotMet: the pulses led nowhere.
    """
    before = bench.sample()
    sign = 1.0 if pulses.rising else -1.0
    step_v = sign * pulses.test.step_v
    expected_v: float | None = None
    for number in range(1, _MOST_PULSES):
        step = _Step(bench, pulses, number)
        opened = step.run()
        if opened is not None:
            check_abrupt(opened, step.last)
        if opened is not None or step.over:
            return step.found(before, opened, expected_v)
        before, expected_v = step.proof, step.first_v + step_v
    raise PreconditionNotMet(
        "module",
        f"neither opened nor came to an end in {_MOST_PULSES} pulses",
        "look at the trace files around this instant, then start again",
    )


class _Step:
    """One pulse, what follows it until the next one, and what was seen meanwhile."""

    def __init__(self, bench: Bench, pulses: Pulses, number: int) -> None:
        self._bench = bench
        self._pulses = pulses
        self._test = pulses.test
        self._number = number
        self._edge_us = (0, 0)
        self._from_a = self._set_a = pulses.test.pulse_a
        near = pulses.history.is_beyond(pulses.test.near_cell_v)
        self._decay_s = pulses.test.near_decay_s if near else pulses.test.decay_s
        self._first: Sample | None = None
        self.last = bench.sampler.last or bench.sample()
        self.proof = self.last
        self.over = False

    def run(self) -> Edge | None:
        """Give the pulse, carry the charge on, and reverse; return an opening."""
        return self._rise() or self._hold() or self._go_back() or self._return()

    @property
    def first_v(self) -> float:
        """Voltage of the pulse's first sample [V]."""
        return (self._first or self.last).module_v

    def found(
        self, before: Sample, opened: Edge | None, expected_v: float | None
    ) -> Climb:
        """Describe what the climb found in this step.

        An opening before the first look at the pulse: it came where one step more than
        at the pulse before is expected.
        """
        last = self.last if opened is not None else self.proof
        unseen = opened is not None and self._first is None
        level = expected_v if unseen and expected_v is not None else last.module_v
        return Climb(opened, None, level, before, last, self._edge_us)

    def _rise(self) -> Edge | None:
        """Make the edge and wait until the pulse is in place."""
        number, pulses = self._number, self._pulses
        self._edge_us = pulses.pulse(number)
        flow = Flow(self._bench, flowing=True)
        found = self._bench.wait_until(
            lambda s: flow.stopped(s) or self._must_end() or pulses.risen(number, s),
            _RISE_S,
            FINE_US,
        )
        if found is None:
            raise PreconditionNotMet(
                "source",
                "did not bring a pulse into place",
                "check the source's limits, then start again",
            )
        if flow.edge is None:
            self._first = self.last = self.proof = found.after
            self._from_a = self._set_a = abs(found.after.current_a)
            self._edge_us = (self._edge_us[0], found.after.t_a_us)
        return flow.edge

    def _hold(self) -> Edge | None:
        """Let the current fall, at least for the dwell; keep what the pulse proves."""
        flow = Flow(self._bench, flowing=True)
        fall_s = self._decay_s * log(self._from_a / self._test.rest_a)

        def ended(sample: Sample) -> bool:
            if flow.stopped(sample):
                return True
            self.last = sample
            held_s = (sample.t_v_us - self._edge_us[1]) / 1e6
            if held_s <= self._test.proof_s and not self._beyond(
                sample.module_v, self.proof.module_v
            ):
                self.proof = sample
            self._trim(held_s)
            return self._must_end()

        self._bench.wait_until(ended, max(self._test.dwell_s, fall_s), FINE_US)
        if flow.edge is None and self._beyond(self.first_v, self._test.stop_v):
            self.over = True
        return flow.edge

    def _go_back(self) -> Edge | None:
        """Reverse the current until every threshold is cleared, and a little longer.

        Raises:
            PreconditionNotMet: the thresholds were not cleared.
        """
        if self.over:
            return None
        bench, pulses = self._bench, self._pulses
        flow = Flow(bench)
        if not _switch(bench, pulses.reverse, flow):
            return flow.edge
        since_us = bench.clock.now_us()
        found = bench.wait_until(
            lambda s: flow.stopped(s) or (flow.flowing and pulses.is_back(s, since_us)),
            _REVERSE_S,
            FINE_US,
        )
        if found is None:
            raise PreconditionNotMet(
                "module",
                "did not come back from its threshold between two steps",
                "look at the trace files around this instant, then start again",
            )
        if flow.edge is None:
            bench.wait_until(flow.stopped, self._test.back_off_s, FINE_US)
        return flow.edge

    def _return(self) -> Edge | None:
        """Put the small current back; wait until it flows."""
        if self.over:
            return None
        flow = Flow(self._bench)
        if _switch(self._bench, self._pulses.connect, flow):
            self._bench.wait_until(
                lambda s: flow.stopped(s) or flow.flowing, _RISE_S, FINE_US
            )
        return flow.edge

    def _beyond(self, one_v: float, other_v: float) -> bool:
        return one_v >= other_v if self._pulses.rising else one_v <= other_v

    def _must_end(self) -> bool:
        """Tell whether a cell must be spared: the climb ends at once."""
        if self._pulses.history.is_beyond(self._test.stop_cell_v):
            self.over = True
        return self.over

    def _trim(self, held_s: float) -> None:
        fallen_a = self._from_a * exp(-held_s / self._decay_s)
        wanted_a = max(self._test.rest_a, fallen_a)
        if self._set_a - wanted_a >= _LEAST_SHARE * self._set_a:
            self._set_a = wanted_a
            self._pulses.trim_current_a(wanted_a)


def _switch(bench: Bench, switch: Callable[[], object], flow: Flow) -> bool:
    """Switch the other source on.

    The bench connects a source only while all its readings agree, which they cease to
    do when the module opens meanwhile. So a refusal is an opening if the terminals die.
    """
    try:
        switch()
    except (PreconditionNotMet, NotProtected):
        dead = bench.wait_until(lambda s: s.module_v < LIVE_V, _DEAD_S, FINE_US)
        if dead is None:
            raise
        flow.opened_meanwhile(dead.before)
        return False
    return True
