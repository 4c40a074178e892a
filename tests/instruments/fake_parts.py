"""Fake parts of a bench: they remember what they were told, and can be broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from instruments.clock import StopSwitch
from instruments.errors import InstrumentError
from instruments.parts import BenchParts
from instruments.roles import INSTRUMENT_ROLES, LED_OFF, LedBar

DARK = LedBar((LED_OFF,) * 5, LED_OFF)
LIT = LedBar(("blue",) * 5, "green")
LINES = (
    "button",
    "peer1_button",
    "fixture_contactor",
    "peer1_contactor",
    "peer2_contactor",
    "peer1_bar",
    "peer2_bar",
    "rs485_chain",
    "rs485_head",
    "rs485_port_a",
    "dip1",
    "dry_in1",
)


class FakeClock:
    """Time that passes only by waiting; a stop request is noticed as on a bench."""

    def __init__(self) -> None:
        self.stop = StopSwitch()
        self.t_us = 0

    def now_us(self) -> int:
        """Read the time [µs]."""
        return self.t_us

    def wait_us(self, duration_us: int) -> None:
        """Let time pass [µs]."""
        self.stop.check()
        self.t_us += duration_us


@dataclass
class World:
    """What the fake parts share: the state of the bench and what was done to it."""

    supply_on: bool = True
    load_on: bool = False
    contactor_closed: bool = True
    module_live: bool = True
    done: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    lying: set[str] = field(default_factory=set)

    def act(self, what: str) -> None:
        """Note an act; raise when the part is broken."""
        part = what.partition(".")[0]
        self.done.append(what)
        if what in self.wrong:
            raise KeyError(what)
        if part in self.broken or what in self.broken:
            raise InstrumentError(part, "does not answer", "look after it")


class Part:
    """One instrument of the fake bench."""

    def __init__(self, world: World, role: str) -> None:
        self.world = world
        self.role = role
        self._pressed = False
        self.channels = 4
        self.line_names = LINES

    def send_off(self) -> None:
        """Take an off that is sent without asking; a silent part may still hear it."""
        self.world.done.append(f"{self.role}.send_off")
        if self.role in self.world.stuck or self.role in self.world.deaf:
            return
        if self.role == "supply":
            self.world.supply_on = False
        else:
            self.world.load_on = False

    def open_lines(self, lines: Sequence[str]) -> None:
        """Open relays in one exchange."""
        self.world.act("switchbox.open_lines")
        for line in lines:
            self.set_line(line, False)

    def send_open(self, lines: Sequence[str]) -> None:
        """Open relays without an answer; a part that is only dumb still does."""
        self.world.done.append(f"switchbox.send_open {','.join(lines)}")
        if "switchbox" not in self.world.deaf and "fixture_contactor" in lines:
            self.world.contactor_closed = False

    def open(self) -> None:
        """Open the session."""
        self.reopen()

    def close(self) -> None:
        """Close the session."""

    def reopen(self) -> None:
        """Note that the session was opened anew."""
        self.world.act(f"{self.role}.reopen")

    def set_output(self, on: bool) -> None:
        """Switch the supply."""
        self.world.act("supply.set_output")
        if "supply" not in self.world.stuck:
            self.world.supply_on = on

    def read_output(self) -> bool:
        """Read the supply's output back."""
        return self.world.supply_on and "supply" not in self.world.lying

    def set_input(self, on: bool) -> None:
        """Switch the load."""
        self.world.act("load.set_input")
        if "load" not in self.world.stuck:
            self.world.load_on = on

    def read_input(self) -> bool:
        """Read the load's input back."""
        return self.world.load_on

    def clear_protection(self) -> None:
        """Clear what latched."""
        self.world.act(f"{self.role}.clear_protection")

    def measure_voltage_v(self) -> float:
        """Measure the terminals."""
        self.world.act("module_meter.measure")
        return 52.0 if self.world.module_live else 0.0

    def measure_current_a(self) -> float:
        """Measure the current."""
        self.world.act("shunt_meter.measure")
        world = self.world
        flows = world.contactor_closed and (world.supply_on or world.load_on)
        return 20.0 if flows else 0.0

    def measure(self, channels: Sequence[str]) -> Mapping[str, float]:
        """Measure the bench side."""
        self.world.act("scan_meter.measure")
        world = self.world
        live = world.supply_on or (world.contactor_closed and world.module_live)
        return dict.fromkeys(channels, 52.0 if live else 0.0)

    def set_line(self, line: str, closed: bool) -> None:
        """Switch a relay; a long press shuts the module down."""
        self.world.act(f"switchbox.{line}={'on' if closed else 'off'}")
        world = self.world
        if line == "fixture_contactor" and "contactor" not in world.stuck:
            world.contactor_closed = closed
        if line == "button":
            if self._pressed and not closed and "button" not in world.stuck:
                world.module_live = False
            self._pressed = closed

    def read_inputs(self) -> Mapping[str, bool]:
        """Read the contactor's auxiliary contact."""
        self.world.act("switchbox.read_inputs")
        return {
            "contactor_closed": self.world.contactor_closed,
            "dead_man_alive": "dead_man" in self.world.stuck,
        }

    def set_real(self, channel: int) -> None:
        """Connect a real sensor."""
        self.world.act(f"ntc_emulator.set_real{channel}")

    def read_bar(self, bar: str) -> LedBar:
        """Read the LEDs."""
        self.world.act(f"led_reader.{bar}")
        return LIT if self.world.module_live else DARK


def fake_parts(world: World) -> BenchParts:
    """Make the parts of one fake bench."""
    made: dict[str, Any] = {role: Part(world, role) for role in INSTRUMENT_ROLES}
    nobody = cast("Any", None)
    return BenchParts(**made, can=nobody, service=nobody, operator=nobody)
