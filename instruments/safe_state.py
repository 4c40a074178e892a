"""make_safe: the way to a dead bench, whatever is broken.

Order (test-plan.md, Definitions): supply off, load off, measure the current, contactor
open, measure the bench side, peers' contactors and buttons open, button 5 s, measure
the module side, open every other line, and only then clear protections. Each step is
tried whatever became of the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

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

    def __init__(self, parts: BenchParts, clock: Clock, self_off_s: float) -> None:
        self._parts = parts
        self._clock = clock
        self._self_off_us = round(self_off_s * 1e6)
        self.report = SafeReport()

    def attempt(self, step: Callable[[], None]) -> None:
        """Do one step; keep its error and go on."""
        try:
            step()
        except InstrumentError as error:
            self._note(str(error))
        except Exception as error:  # nothing may skip the steps that follow
            self._note(f"{type(error).__name__}: {error}")

    def _note(self, text: str) -> None:
        """Keep an error once, however often it came."""
        if text not in self.report.errors:
            self.report.errors.append(text)

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
        self._clock.wait_us(self._self_off_us)
        parts = self._parts
        self.reopen(parts.supply)
        self.reopen(parts.load)
        self.reopen(parts.switchbox)
        self.reopen(parts.shunt_meter)
        self.reopen(parts.scan_meter)
        for step in (
            self.supply_off,
            self.load_off,
            self.open_contactor,
            self.measure_current,
            self.measure_bench,
        ):
            self.attempt(step)

    def open_lines(self, lines: Sequence[str]) -> None:
        """Open lines in one exchange; one by one where that fails."""
        box = self._parts.switchbox
        try:
            box.open_lines(lines)
        except Exception as error:  # one bad relay must not hold the others closed
            self._note(str(error))
            box.reopen()
            for line in lines:
                self.attempt(partial(box.set_line, line, False))

    def open_joints(self) -> None:
        """Part the peers and release every button."""
        names = self._parts.switchbox.line_names
        self.open_lines([n for n in names if n in PEER_LINES or "button" in n])

    def open_signals(self) -> None:
        """Open what is left: chain, head, port A, DIP lines, dry contacts."""
        names = self._parts.switchbox.line_names
        self.open_lines([n for n in names if n not in PEER_LINES and "button" not in n])

    def restore_sensors(self) -> None:
        emulator = self._parts.ntc_emulator
        for channel in range(1, emulator.channels + 1):
            self.attempt(partial(emulator.set_real, channel))

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


def make_safe(
    parts: BenchParts, clock: Clock, self_off_s: float, module_dead: bool
) -> SafeReport:
    """Bring the bench to a dead state and measure it.

    The two that can energise are told to go off before anything is asked of them.
    Then sessions are reopened, these two before the others, so that a reply that was
    cut off cannot answer the next query. DIP lines and chain open last: they are moved
    with the module dead only.

    Args:
        parts: the instruments of the bench.
        clock: bench time.
        self_off_s: how long watchdog and dead-man take to act [s].
        module_dead: also press the button for 5 s and watch the module for 10 s.
    """
    steps = _Steps(parts, clock, self_off_s)
    steps.attempt(parts.supply.send_off)
    steps.attempt(parts.load.send_off)
    steps.reopen(parts.supply)
    steps.attempt(steps.supply_off)
    steps.reopen(parts.load)
    steps.attempt(steps.load_off)
    for instrument in parts.instruments():
        if instrument is not parts.supply and instrument is not parts.load:
            steps.reopen(instrument)
    steps.attempt(steps.measure_current)
    steps.attempt(steps.open_contactor)
    steps.attempt(steps.measure_bench)
    steps.attempt(steps.open_joints)
    steps.attempt(steps.restore_sensors)
    if not steps.report.dead:
        steps.look_again()
    if module_dead:
        steps.attempt(steps.press_if_live)
        steps.attempt(steps.watch_for_dark)
    steps.attempt(steps.open_signals)
    steps.attempt(steps.clear_protections)
    return steps.report
