"""A module reduced to what the BMS sees, for the tests of the BMS alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import exp
from typing import Any

from instruments.sim.bms.interface import BmsInitial, BmsInputs, BmsOutputs, BmsUnit
from instruments.sim.bms.unit import make_bms
from instruments.sim.parameters import Parameters, load_parameters
from instruments.wire.pylon_lv import PylonLv
from instruments.wire.weco_service import (
    encode_request,
    load_profile,
    parse_reply,
)

S = 1_000_000
PROFILE = load_profile()
TABLE = PROFILE.table()


@cache
def shipped() -> Parameters:
    """Return the shipped parameters."""
    return load_parameters()


@cache
def codec() -> PylonLv:
    """Return the CAN codec."""
    return PylonLv()


@dataclass(frozen=True)
class OneFault:
    """A fault as the parameter file gives it."""

    name: str
    when: Any = "always"


@dataclass
class Source:
    """The shipped parameters with changes and faults on top."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    active: Mapping[str, Sequence[OneFault]] = field(default_factory=dict)

    def section(self, prefix: str) -> Mapping[str, Any]:
        """Return a table with the changes applied."""
        found = dict(shipped().section(prefix))
        for key, value in self.changes.items():
            if key.startswith(prefix + "."):
                found[key[len(prefix) + 1 :]] = value
        return found

    def faults(self, target: str) -> Sequence[OneFault]:
        """Return the faults of a target."""
        return self.active.get(target, ())


def ohm_of(temperature_c: float) -> float:
    """Return the resistance of the shipped thermistor at a temperature."""
    kelvin = temperature_c + 273.15
    return 10_000.0 * exp(3435.0 * (1.0 / kelvin - 1.0 / 298.15))


class Rig:
    """Step one BMS at its own wakes; the contactor follows its commands."""

    def __init__(
        self,
        initial: BmsInitial | None = None,
        changes: Mapping[str, Any] | None = None,
        faults: Mapping[str, Sequence[OneFault]] | None = None,
        bms: BmsUnit | None = None,
    ) -> None:
        initial = initial or BmsInitial(50.0)
        source = Source(changes or {}, faults or {})
        self.bms = bms or make_bms(source, "module", 0, initial)
        self.now_us = 0
        self.closed = initial.mode == "running"
        self.cell_v = [3.28] * 16
        self.current_a = 0.0
        self.terminal_v: float | None = None
        self.ntc_ohm = [10_000.0] * 4
        self.pressed = False
        self.dip = 0
        self.can: dict[int, bytes] = {}
        self.frames: list[tuple[int, int, bytes]] = []
        self.commands: list[tuple[float, str]] = []
        self.sent_a: list[bytes] = []
        self.sent_b: list[bytes] = []
        self.steps = 0
        self.out: BmsOutputs = self.step()

    @property
    def now_s(self) -> float:
        """Return the time [s]."""
        return self.now_us / S

    def set_pack(self, pack_v: float) -> None:
        """Set all cells to a sixteenth of a voltage."""
        self.cell_v = [pack_v / 16] * 16

    def set_temperature(self, temperature_c: float) -> None:
        """Set all thermistors."""
        self.ntc_ohm = [ohm_of(temperature_c)] * 4

    def step(
        self,
        serial_rx: bytes = b"",
        a: tuple[bytes, ...] = (),
        b: tuple[bytes, ...] = (),
    ) -> BmsOutputs:
        """Step once at the present time."""
        pack_v = 0.0
        for voltage_v in self.cell_v:
            pack_v += voltage_v
        terminal_v = self.terminal_v
        if terminal_v is None:
            terminal_v = pack_v if self.closed else 0.0
        out = self.bms.step(
            BmsInputs(
                self.now_us,
                list(self.cell_v),
                pack_v,
                terminal_v,
                self.current_a if self.closed else 0.0,
                list(self.ntc_ohm),
                self.pressed,
                self.dip,
                (False, False),
                self.closed,
                a,
                b,
                (),
                serial_rx,
            )
        )
        self.steps += 1
        self.out = out
        assert out.next_wake_us > self.now_us
        if out.contactor is not None:
            self.closed = out.contactor == "close"
            self.commands.append((self.now_s, out.contactor))
        for can_id, data in out.can_tx:
            self.can[can_id] = data
            self.frames.append((self.now_us, can_id, data))
        self.sent_a.extend(out.rs485_a)
        self.sent_b.extend(out.rs485_b)
        return out

    def run(
        self, seconds: float, until: Callable[[Rig], bool] | None = None
    ) -> BmsOutputs:
        """Let time pass, stepping whenever the BMS asks for it."""
        end_us = self.now_us + round(seconds * S)
        self.step()
        while not (until and until(self)):
            if self.out.next_wake_us > end_us:
                self.now_us = end_us
                return self.step()
            self.now_us = self.out.next_wake_us
            self.step()
        return self.out

    def press(self, seconds: float) -> BmsOutputs:
        """Press the button for a time."""
        self.pressed = True
        self.run(seconds)
        self.pressed = False
        return self.step()

    def start(self) -> Rig:
        """Press for 1 s and wait until the module runs."""
        self.press(1.0)
        self.run(6.5)
        assert self.closed
        return self

    def say(self, can_id: int) -> Mapping[str, Any]:
        """Decode the last frame of an id."""
        return codec().decode(can_id, self.can[can_id])

    def read(self, start: int, count: int, key: int = PROFILE.key) -> tuple[int, ...]:
        """Read registers over the service port."""
        self.now_us += 30_000
        out = self.step(serial_rx=encode_request(start, count, key))
        return parse_reply(out.serial_tx, count, key)

    def register(self, name: str) -> float:
        """Read one register by name, decoded."""
        entry = TABLE[name]
        words = self.read(entry.address, entry.words)
        return TABLE.decode_words(entry.address, words)[name]

    @property
    def red(self) -> str:
        """Return the numbers of the red LEDs."""
        return "".join(
            str(k) for k, colour in enumerate(self.out.leds, 1) if colour == "red"
        )
