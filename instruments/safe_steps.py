"""The steps to a dead bench, each tried by itself, and what became of them.

`make_safe` and the start of a run put them in order (`instruments.safe_state`,
`instruments.start_dead`). A step that fails is noted and never keeps the next one back.
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
PEER_LINES = ("peer1_contactor", "peer2_contactor", "peer1_bar", "peer2_bar")
_BLEED_US = 200_000
_BLEED_LOOKS = 15
_PRESS_US = 5_300_000
_BOTH = ("dark", "without voltage")
_DARK_US = 1_000_000
_DARK_LOOKS = 11


@dataclass(slots=True)
class SafeReport:
    """What make_safe measured; nan, None and False where it could not be measured.

    `module_dead` says that the module was dark and without voltage for 10 s on end.
    `disproved` names a part that was seen live in this run where it had to be off:
    whatever it reads now, a person has to look after it.
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
    disproved: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def dead(self) -> bool:
        """Tell whether the bench is proved dead by meters and read-backs."""
        return not self.doubts

    @property
    def doubts(self) -> tuple[str, ...]:
        """Name what is not proved dead; a reading that failed proves nothing."""
        proofs = (
            ("supply", self.supply_off),
            ("load", self.load_off),
            ("fixture contactor", self.contactor_open),
            ("current", abs(self.current_a) < BENCH_DEAD_A),
            ("bench side", abs(self.bench_v) < BENCH_DEAD_V),
        )
        doubts = tuple(name for name, proved in proofs if not proved)
        return (*doubts, self.disproved) if self.disproved else doubts


class SafeSteps:
    """The steps of one way to a dead bench.

    Args:
        parts: the instruments of the bench.
        clock: bench time.
        self_off_s: how long watchdog and dead-man take to act [s].
    """

    def __init__(self, parts: BenchParts, clock: Clock, self_off_s: float) -> None:
        self._parts = parts
        self._clock = clock
        self._self_off_us = round(self_off_s * 1e6)
        self._fed_us = clock.now_us()
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

    def reopen(self, *instruments: Instrument) -> None:
        """Open sessions anew, so that no old reply can answer the next query."""
        for instrument in instruments:
            self.attempt(instrument.reopen)

    def supply_off(self) -> None:
        """Switch the supply off and read it back; each message feeds its watchdog."""
        self.report.supply_off = False
        try:
            self._parts.supply.set_output(False)
            self.report.supply_off = not self._parts.supply.read_output()
        finally:
            self._fed_us = self._clock.now_us()

    def load_off(self) -> None:
        """Switch the load off and read it back."""
        self.report.load_off = False
        self._parts.load.set_input(False)
        self.report.load_off = not self._parts.load.read_input()

    def measure_current(self) -> None:
        """Measure the current by the shunt."""
        self.report.current_a = math.nan
        self.report.current_a = self._parts.shunt_meter.measure_current_a()

    @property
    def current_flows(self) -> bool:
        """Tell whether the last reading showed a current; peers may have fed it."""
        return abs(self.report.current_a) >= BENCH_DEAD_A

    def open_contactor(self) -> None:
        """Open the fixture contactor and read its auxiliary contact."""
        self.report.contactor_open = False
        box = self._parts.switchbox
        try:
            box.set_line("fixture_contactor", False)
        except Exception:  # it may obey although it does not answer properly
            box.send_open(("fixture_contactor",))
            raise
        self._clock.wait_us(100_000)
        self.report.contactor_open = not box.read_inputs()["contactor_closed"]

    def measure_bench(self) -> None:
        """Measure the bench side once."""
        self.report.bench_v = math.nan
        scan = self._parts.scan_meter.measure(("bench_side_v",))
        self.report.bench_v = scan["bench_side_v"]

    def wait_for_bleeder(self) -> None:
        """Measure the bench side until the bleeder has emptied it, for 3 s at most."""
        for _ in range(_BLEED_LOOKS):
            self.measure_bench()
            if abs(self.report.bench_v) < BENCH_DEAD_V:
                return
            self._clock.wait_us(_BLEED_US)

    def look_again(self) -> None:
        """Let watchdog and dead-man act, then ask once more whoever left doubt.

        Only the rest of their time is waited for: nothing was fed since the supply was
        told to go off.
        """
        left_us = self._fed_us + self._self_off_us - self._clock.now_us()
        if left_us > 0:
            self._clock.wait_us(left_us)
        parts = self._parts
        self.reopen(
            parts.supply,
            parts.load,
            parts.switchbox,
            parts.shunt_meter,
            parts.scan_meter,
        )
        for step in (
            self.supply_off,
            self.load_off,
            self.open_contactor,
            self.measure_current,
            self.wait_for_bleeder,
        ):
            self.attempt(step)

    def open_lines(self, lines: Sequence[str]) -> None:
        """Open lines in one exchange; one by one where that fails."""
        box = self._parts.switchbox
        try:
            box.open_lines(lines)
        except Exception as error:  # one bad relay must not hold the others closed
            self._note(str(error))
            box.send_open(lines)
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

    def open_all(self) -> None:
        """Open every line."""
        self.open_lines(self._parts.switchbox.line_names)

    def restore_sensors(self) -> None:
        """Connect the module's own temperature sensors."""
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

    def see_dead_man_fallen(self) -> None:
        """See the dead-man fallen by itself; the module was just watched for 10 s.

        Raises:
            InstrumentError: it still reads alive, so its input stands still.
        """
        if self._parts.switchbox.read_inputs()["dead_man_alive"]:
            raise InstrumentError(
                "dead-man relay",
                "reads alive long after it was last fed",
                "its input stands still or the relay is stuck; look after it",
            )

    def _measure_module_v(self) -> float:
        self.report.module_v = self._parts.module_meter.measure_voltage_v()
        return self.report.module_v

    def _is_dark(self) -> bool:
        bar = self._parts.led_reader.read_bar("module")
        return all(led == LED_OFF for led in (*bar.leds, bar.button))

    def clear_protections(self) -> None:
        """Clear what latched, on what is proved off only."""
        if self.report.supply_off:
            self._parts.supply.clear_protection()
        if self.report.load_off:
            self._parts.load.clear_protection()
