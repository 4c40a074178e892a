"""Sampling: what the bench does each time it looks at the module.

One look reads terminal voltage and current, keeps the trace and the counters, feeds the
watchdogs, drains the links and checks ceilings and ages. A phase that hangs stops
sampling, so it stops feeding; then the instruments turn themselves off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from instruments.bench_file import BenchConfig
from instruments.ceilings import Ceilings
from instruments.clock import Clock
from instruments.counter import Counter
from instruments.cross_check import CrossCheck
from instruments.errors import (
    InstrumentError,
    SafetyChainOpen,
    ServiceLinkError,
    StaleReading,
)
from instruments.parts import BenchParts
from instruments.trace import Sample, Trace

_DEAD_MAN_TURNS = 4
_SERVICE_TURNS = 4
_CASE_TURNS = 22
_CAN_MAX_AGE_S = 3.5
_SERVICE_FAILURES = 3
SAFETY_INPUTS = ("estop_ok", "door_ok", "inhibit_ok")


class Energy(Enum):
    """Which source may be on behind the closed fixture contactor.

    STANDBY is the closed contactor with both sources off: the dead-man is fed.
    """

    NONE = "none"
    STANDBY = "standby"
    CHARGE = "charge"
    DISCHARGE = "discharge"


class Sampler:
    """Looks at the module and at the bench, on the one clock."""

    def __init__(
        self,
        parts: BenchParts,
        clock: Clock,
        trace: Trace,
        counter: Counter,
        ceilings: Ceilings,
        config: BenchConfig,
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
        self._cross_check = CrossCheck(config)
        self._turn = 0
        self._service_sent = False
        self._service_failures = 0
        self.energy = Energy.NONE
        self.watch_links = True
        self.compare_bench_side = True
        self.samples = 0
        self.cells: Mapping[str, float] = {}
        self.last: Sample | None = None
        self.on_sample: Callable[[Sample], None] | None = None
        self.on_progress: Callable[[Sample], None] | None = None

    def take(self) -> Sample:
        """Take one sample: voltage [V] and current [A] at the module's terminals.

        Raises:
            InstrumentError: a meter, a watchdog, the safety chain or a ceiling.
        """
        now_us = self._now_us
        module_v = self._volts()
        t_v_us = now_us()
        current_a = self._amps()
        sample = Sample(t_v_us, module_v, now_us(), current_a)
        self._counter.add(sample)
        self.samples += 1
        self.last = sample
        bench_v = None
        if self.energy is not Energy.NONE:
            self._ceilings.check(module_v, current_a)
            bench_v = self._look_at_bench(sample)
        self._drain()
        self._trace.sample(sample, bench_v)
        if self.on_sample is not None:
            self.on_sample(sample)
        if self.on_progress is not None:
            self.on_progress(sample)
        return sample

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
        if bench_v is not None and self.compare_bench_side:
            source_on = self.energy is not Energy.STANDBY
            self._cross_check.bench_side(sample, bench_v, source_on)
        if turn % _DEAD_MAN_TURNS == 0:
            self._feed_dead_man()
        if self.watch_links and self.energy is not Energy.STANDBY:
            self._watch_links(turn)
        return bench_v

    def _feed_dead_man(self) -> None:
        """Retrigger the dead-man; a contactor that dropped out is no trip."""
        inputs = self._parts.switchbox.feed_dead_man()
        check_safety_chain(inputs)
        if self.energy is not Energy.STANDBY and not inputs["contactor_closed"]:
            raise InstrumentError(
                "fixture contactor",
                "dropped out while a source was on",
                "check the dead-man relay and its feeding, then start again",
            )

    def _look_at_source(self, sample: Sample) -> None:
        """Read the source that is on, feed its watchdog, compare it with the shunt."""
        if self.energy is Energy.CHARGE:
            supply = self._parts.supply.measure()
            self._cross_check.supply(sample, supply.current_a)
            who, tripped = "supply", supply.tripped
        elif self.energy is Energy.DISCHARGE:
            load = self._parts.load.measure()
            self._cross_check.load(sample, load.current_a)
            who, tripped = "load", load.tripped
        else:
            return
        if tripped:
            raise InstrumentError(
                who,
                f"protection latched: {', '.join(sorted(tripped))}",
                "find the cause before the next run",
            )

    def _watch_links(self, turn: int) -> None:
        """Watch the ages of the module's links; poll the cells about once a second."""
        age_s = self._parts.can.state.age_s("pack_voltage_v")
        if age_s > _CAN_MAX_AGE_S:
            raise StaleReading(
                "CAN",
                f"no pack voltage frame for {age_s:.1f} s",
                "check the CAN cable and the module",
            )
        phase = turn % _SERVICE_TURNS
        if phase == 1:
            self._parts.service.send("summary")
            self._service_sent = True
        elif phase == 2 and self._service_sent:
            self._service_sent = False
            self._collect_cells()
        elif phase == 3:
            self._look_for_silent_ids()

    def _look_for_silent_ids(self) -> None:
        """Look for an id that stopped coming while others still do."""
        silent = self._parts.can.silent_ids()
        if silent:
            names = ", ".join(f"0x{can_id:03X}" for can_id in silent)
            raise StaleReading(
                "CAN",
                f"no frame in time of {names}",
                "check the module's firmware and CAN profile",
            )

    def _collect_cells(self) -> None:
        try:
            self.cells = self._parts.service.collect()
        except ServiceLinkError:
            self._service_failures += 1
            if self._service_failures >= _SERVICE_FAILURES:
                raise
            return
        self._service_failures = 0
        self._ceilings.check_cells(self.cells["cell_max_v"], self.cells["cell_min_v"])


def check_safety_chain(inputs: Mapping[str, bool]) -> None:
    """Check emergency stop, door and inhibit.

    Raises:
        SafetyChainOpen: one of them is not healthy.
    """
    open_inputs = [name for name in SAFETY_INPUTS if not inputs[name]]
    if open_inputs:
        raise SafetyChainOpen(
            "safety chain",
            f"{', '.join(open_inputs)} not healthy",
            "close the door, release the emergency stop, and start again",
        )
