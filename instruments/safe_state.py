"""make_safe: the way to a dead bench, whatever is broken.

Order (test-plan.md, Definitions): supply off, load off, measure the current, contactor
open, measure the bench side, peers' contactors open, button 5 s, measure the module
side, and only then clear protections. Each step is tried whatever became of the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.clock import Clock
from instruments.errors import InstrumentError
from instruments.parts import BenchParts
from instruments.roles import LED_OFF, Instrument

BENCH_DEAD_V = 1.0
BENCH_DEAD_A = 0.5
MODULE_DEAD_V = 1.0
_BLEED_US = 200_000
_BLEED_LOOKS = 15
_PRESS_US = 5_300_000
_WATCHDOG_US = 2_600_000
_BOTH = ("dark", "without voltage")
_DARK_US = 1_000_000
_DARK_LOOKS = 11
PEER_LINES = ("peer1_contactor", "peer2_contactor", "peer1_bar", "peer2_bar")


@dataclass(slots=True)
class SafeReport:
    """What make_safe measured; nan, None and False where it could not be measured.

    `module_dead` says that the module was dark and without voltage for 10 s on end.
    """

    supply_off: bool = False
    load_off: bool = False
    contactor_open: bool = False
    current_a: float = math.nan
    bench_v: float = math.nan
    module_v: float = math.nan
    leds_dark: bool | None = None
    module_dead: bool = False
    module_asked: bool = False
    errors: list[str] = field(default_factory=list)

    @property
    def dead(self) -> bool:
        """Tell whether the bench is proved dead by meters and read-backs."""
        return (
            self.supply_off
            and self.load_off
            and self.contactor_open
            and abs(self.current_a) < BENCH_DEAD_A
            and abs(self.bench_v) < BENCH_DEAD_V
        )


class _Steps:
    """The steps of one make_safe and what became of them."""

    def __init__(self, parts: BenchParts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self.report = SafeReport()

    def attempt(self, step: Callable[[], None]) -> None:
        """Do one step; keep its error and go on."""
        try:
            step()
        except (InstrumentError, OSError) as error:
            self.report.errors.append(str(error))

    def reopen(self, instrument: Instrument) -> None:
        self.attempt(instrument.reopen)

    def supply_off(self) -> None:
        self.report.supply_off = False
        self._parts.supply.set_output(False)
        self.report.supply_off = not self._parts.supply.read_output()

    def load_off(self) -> None:
        self.report.load_off = False
        self._parts.load.set_input(False)
        self.report.load_off = not self._parts.load.read_input()

    def measure_current(self) -> None:
        self.report.current_a = math.nan
        self.report.current_a = self._parts.shunt_meter.measure_current_a()

    def open_contactor(self) -> None:
        box = self._parts.switchbox
        box.set_line("fixture_contactor", False)
        self._clock.wait_us(100_000)
        self.report.contactor_open = not box.read_inputs()["contactor_closed"]

    def measure_bench(self) -> None:
        for _ in range(_BLEED_LOOKS):
            scan = self._parts.scan_meter.measure(("bench_side_v",))
            self.report.bench_v = scan["bench_side_v"]
            if abs(self.report.bench_v) < BENCH_DEAD_V:
                return
            self._clock.wait_us(_BLEED_US)

    def look_again(self) -> None:
        """Let watchdog and dead-man act, then ask once more whoever left doubt."""
        self._clock.wait_us(_WATCHDOG_US)
        supply, load, switchbox, _, shunt_meter, scan_meter, *_ = (
            self._parts.instruments()
        )
        for instrument in (supply, load, switchbox, shunt_meter, scan_meter):
            self.reopen(instrument)
        for step in (
            self.supply_off,
            self.load_off,
            self.open_contactor,
            self.measure_current,
            self.measure_bench,
        ):
            self.attempt(step)

    def open_peers(self) -> None:
        for line in PEER_LINES:
            self._parts.switchbox.set_line(line, False)

    def restore_sensors(self) -> None:
        for channel in range(1, self._parts.ntc_emulator.channels + 1):
            self._parts.ntc_emulator.set_real(channel)

    def press_if_live(self) -> None:
        """Press the button for 5 s unless the module is seen dead."""
        self.report.module_asked = True
        looks: list[bool] = []
        self.attempt(lambda: looks.append(self._is_dark()))
        self.attempt(
            lambda: looks.append(abs(self._measure_module_v()) < MODULE_DEAD_V)
        )
        if len(looks) == len(_BOTH) and all(looks):
            return
        box = self._parts.switchbox
        box.set_line("button", True)
        try:
            self._clock.wait_us(_PRESS_US)
        finally:
            box.set_line("button", False)

    def watch_for_dark(self) -> None:
        """Dark and without voltage for 10 s, or the module is not dead."""
        report = self.report
        dead_looks = dark_looks = 0
        for _ in range(_DARK_LOOKS + 4):
            module_v = self._measure_module_v()
            dark_looks = dark_looks + 1 if self._is_dark() else 0
            dead = dark_looks > 0 and abs(module_v) < MODULE_DEAD_V
            dead_looks = dead_looks + 1 if dead else 0
            report.leds_dark = dark_looks >= _DARK_LOOKS
            report.module_dead = dead_looks >= _DARK_LOOKS
            if report.module_dead:
                return
            self._clock.wait_us(_DARK_US)

    def _measure_module_v(self) -> float:
        self.report.module_v = self._parts.module_meter.measure_voltage_v()
        return self.report.module_v

    def _is_dark(self) -> bool:
        bar = self._parts.led_reader.read_bar("module")
        return all(led == LED_OFF for led in (*bar.leds, bar.button))

    def clear_protections(self) -> None:
        if self.report.supply_off:
            self._parts.supply.clear_protection()
        if self.report.load_off:
            self._parts.load.clear_protection()


def make_safe(parts: BenchParts, clock: Clock, module_dead: bool) -> SafeReport:
    """Bring the bench to a dead state and measure it.

    Sessions are reopened first, the two that can energise before the others, so that
    a reply that was cut off cannot answer the next query.

    Args:
        module_dead: also press the button for 5 s and watch the module for 10 s.
    """
    steps = _Steps(parts, clock)
    supply, load, *others = parts.instruments()
    steps.reopen(supply)
    steps.attempt(steps.supply_off)
    steps.reopen(load)
    steps.attempt(steps.load_off)
    for instrument in others:
        steps.reopen(instrument)
    steps.attempt(steps.measure_current)
    steps.attempt(steps.open_contactor)
    steps.attempt(steps.measure_bench)
    steps.attempt(steps.open_peers)
    steps.attempt(steps.restore_sensors)
    if not steps.report.dead:
        steps.look_again()
    if module_dead:
        steps.attempt(steps.press_if_live)
        steps.attempt(steps.watch_for_dark)
    steps.attempt(steps.clear_protections)
    return steps.report
