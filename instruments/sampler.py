"""Sampling: what the bench does each time it looks at the module.

One look reads terminal voltage and current, keeps the trace and the counters, feeds the
watchdogs, drains the links and checks ceilings and ages. A phase that hangs stops
sampling, so it stops feeding; then the instruments turn themselves off. Nothing here
feeds the supply's watchdog or the dead-man before voltage and current have just been
read and lie within the ceilings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from instruments.ceilings import Ceilings
from instruments.clock import Clock
from instruments.counter import Counter
from instruments.cross_check import CrossCheck
from instruments.errors import InstrumentError, NotProtected
from instruments.link_watch import LinkWatch
from instruments.parts import BenchParts
from instruments.standing import (
    OPEN_A,
    check_open,
    check_pace,
    check_safety_chain,
    check_source,
    dropped_out,
)
from instruments.trace import Sample, Trace

FRESH_US = 500_000
"""How old a sample may be that lets a watchdog be fed (test-plan.md, stale)."""
_DEAD_MAN_TURNS = 4
_CASE_TURNS = 22


class Energy(Enum):
    """Which source may be on behind the closed fixture contactor.

    STANDBY is the closed contactor with both sources off: the dead-man is fed.
    """

    NONE = "none"
    STANDBY = "standby"
    CHARGE = "charge"
    DISCHARGE = "discharge"


_AT_REST = (Energy.NONE, Energy.STANDBY)


class Sampler:
    """Looks at the module and at the bench, on the one clock."""

    def __init__(
        self,
        parts: BenchParts,
        clock: Clock,
        trace: Trace,
        counter: Counter,
        ceilings: Ceilings,
        cross_check: CrossCheck,
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._trace = trace
        self._counter = counter
        self._ceilings = ceilings
        self._volts = parts.module_meter.measure_voltage_v
        self._amps = parts.shunt_meter.measure_current_a
        self._now_us = clock.now_us
        self._drain = parts.can.drain
        self.cross_check = cross_check
        self._link_watch = LinkWatch(parts, clock, ceilings)
        self._turn = 0
        self.energy = Energy.NONE
        self.watch_links = True
        self.joined = False
        self.samples = 0
        self.last: Sample | None = None
        self.on_sample: Callable[[Sample], None] | None = None
        self.on_progress: Callable[[Sample], None] | None = None

    @property
    def cells(self) -> Mapping[str, float]:
        """Read what the service port last said of the cells; empty before it did."""
        return self._link_watch.cells

    def take(self) -> Sample:
        """Take one sample: voltage [V] and current [A] at the module's terminals.

        Raises:
            InstrumentError: a meter, a watchdog, the safety chain or a ceiling.
        """
        before = self.last
        sample = self._read_terminals()
        bench_v = None
        if self.energy in _AT_REST and self.watch_links:
            self._link_watch.look_at_rest(sample)
        if self.energy is not Energy.NONE:
            if before is not None:
                check_pace(sample.t_v_us - before.t_a_us)
            self._ceilings.check(sample.module_v, sample.current_a)
            bench_v = self._look_at_bench(sample)
        self._keep(sample, bench_v)
        return sample

    def match(self, connected: bool) -> float:
        """Look at both sides of the contactor with the supply on; feed its watchdog.

        Args:
            connected: the fixture contactor is closed, so that a current may flow.

        Returns:
            The voltage of the bench side [V].

        Raises:
            InstrumentError: a meter, the supply, a ceiling, or a current through the
                open contactor.
        """
        sample = self._read_terminals()
        self._ceilings.check(sample.module_v, sample.current_a)
        if not connected:
            check_open("shunt meter", sample.current_a)
        supply = self._parts.supply.measure()
        check_source("supply", supply.output_on, supply.tripped)
        if not connected:
            check_open("supply", supply.current_a)
        bench_v = self._parts.scan_meter.measure(("bench_side_v",))["bench_side_v"]
        self._keep(sample, bench_v)
        return bench_v

    def look_if_old(self) -> None:
        """Take a sample unless the last is fresh: only then may anything be fed."""
        last = self.last
        if last is None or self._now_us() - last.t_a_us > FRESH_US:
            self.take()

    def hold_dead_man(self) -> Mapping[str, bool]:
        """Feed the dead-man on a fresh sample and see that it holds; return the inputs.

        Raises:
            NotProtected: the dead-man does not hold.
            SafetyChainOpen: emergency stop, door or inhibit.
        """
        self.look_if_old()
        inputs = self._parts.switchbox.feed_dead_man()
        check_safety_chain(inputs)
        if not inputs["dead_man_alive"]:
            raise NotProtected(
                "dead-man relay", "does not hold", "check its wiring and supply"
            )
        return inputs

    def _read_terminals(self) -> Sample:
        now_us = self._now_us
        module_v = self._volts()
        t_v_us = now_us()
        current_a = self._amps()
        sample = Sample(t_v_us, module_v, now_us(), current_a)
        self._counter.add(sample)
        self.samples += 1
        self.last = sample
        return sample

    def _keep(self, sample: Sample, bench_v: float | None) -> None:
        """Drain the links, write the trace and tell whoever listens."""
        self._drain()
        self._trace.sample(sample, bench_v)
        if self.on_sample is not None:
            self.on_sample(sample)
        if self.on_progress is not None:
            self.on_progress(sample)

    def _look_at_bench(self, sample: Sample) -> float | None:
        """Feed the watchdogs in turn; return the bench side [V] when it was read."""
        self._turn = turn = self._turn + 1
        bench_v = None
        if turn & 1:
            self._look_at_source(sample)
        elif turn % _CASE_TURNS:
            bench_v = self._parts.scan_meter.measure(("bench_side_v",))["bench_side_v"]
        else:
            scan = self._parts.scan_meter.measure(("bench_side_v", "case_c"))
            bench_v = scan["bench_side_v"]
            self._ceilings.check_case(scan["case_c"])
        if bench_v is not None and not self.joined:
            source_on = self.energy is not Energy.STANDBY
            self.cross_check.bench_side(sample, bench_v, source_on)
        if turn % _DEAD_MAN_TURNS == 0:
            self._feed_dead_man()
        if self.watch_links and self.energy is not Energy.STANDBY:
            self._link_watch.look(turn, sample)
        return bench_v

    def _feed_dead_man(self) -> None:
        """Retrigger the dead-man; a contactor that dropped out is no trip."""
        inputs = self.hold_dead_man()
        joined = self.energy is Energy.STANDBY and self.joined
        if joined and inputs["contactor_closed"]:
            raise InstrumentError(
                "fixture contactor",
                "reads closed while peers are joined behind the open one",
                "its input stands still, or it is welded; check both",
            )
        if not (joined or inputs["contactor_closed"]):
            raise dropped_out()

    def _look_at_source(self, sample: Sample) -> None:
        """Read the source that is on, feed its watchdog, compare it with the shunt."""
        if self.energy is Energy.CHARGE:
            supply = self._parts.supply.measure()
            self.cross_check.supply(sample, supply.current_a, supply.voltage_v)
            check_source("supply", supply.output_on, supply.tripped)
        elif self.energy is Energy.DISCHARGE:
            load = self._parts.load.measure()
            self.cross_check.load(sample, load.current_a, load.voltage_v)
            check_source("load", load.input_on, load.tripped)

    def hear_module(self) -> None:
        """Take a sample, and hear by it what the service port says before an edge.

        Raises:
            InstrumentError: as `take`; ServiceLinkError: no valid answer.
        """
        sample = self.take()
        if self.watch_links:
            self._link_watch.hear(sample)

    def confirm_fixture(self, sample: Sample) -> None:
        """See that source and contactor still stand where the current has stopped.

        Otherwise the fixture has dropped out, and nothing is known of the module.

        Raises:
            InstrumentError: source off or tripped, contactor open, safety chain open.
        """
        sourced = self.energy in (Energy.CHARGE, Energy.DISCHARGE)
        if sourced and abs(sample.current_a) < OPEN_A:
            self._look_at_source(sample)
            self._feed_dead_man()
