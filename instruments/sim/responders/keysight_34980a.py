"""Simulated Keysight 34980A: the fixture's relays and digital inputs.

Dialect: instruments.md 1.13. `ROUT:CLOS?` tells the relay's drive, never the contact.

The fixture around it holds the safety electronics. Each edge of line `dead_man`
retriggers the dead-man relay (2.5 s). When it falls, the latches of the fixture
contactor and of both peers' contactors fall too and stay down: after a retrigger each
needs a new ROUT:CLOS. While the dead-man is down a ROUT:CLOS latches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.scpi_parameters import Params, ScpiFault, channel_list
from instruments.sim.scpi_responder import Command, ScpiResponder
from instruments.sim.world import PRIORITY_INSTRUMENT, Event, World

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

_LATCHED = {
    "fixture_contactor": "contactor_drive",
    "peer1_contactor": "peer1_contactor",
    "peer2_contactor": "peer2_contactor",
}
_DIRECT = ("peer1_bar", "peer2_bar", "rs485_chain", "rs485_head", "rs485_port_a")
_BUTTONS = {"button": "module", "peer1_button": "peer1", "peer2_button": "peer2"}


class Keysight34980a(ScpiResponder):
    """The switchbox.

    Args:
        wiring: line by relay channel.
        input_bits: bit by digital input, read together on `input_channel`.
        dead_man_s: how long one edge holds the dead-man relay [s].
    """

    def __init__(
        self,
        identity: str,
        plant: Plant,
        world: World,
        wiring: Mapping[int, str],
        input_bits: Mapping[str, int],
        input_channel: int,
        dead_man_s: float,
        faults: FaultSchedule,
    ) -> None:
        self._plant = plant
        self._world = world
        self._fixture = plant.fixture
        self._lines = dict(wiring)
        self._input_bits = dict(input_bits)
        self._input_channel = input_channel
        self._dead_man_us = round(dead_man_s * 1e6)
        self._dead_man_look: Event | None = None
        self._faults = faults
        self._closed: set[int] = set()
        super().__init__(
            identity,
            (
                Command("ROUTe:CLOSe", self._write_close, self._query_close),
                Command("ROUTe:OPEN", self._write_open, self._query_open),
                Command("[SENSe:]DIGital:DATA[:BYTE]", query=self._query_inputs),
                Command("SYSTem:CTYPe", query=self._query_card),
            ),
        )

    def reset(self) -> None:
        """Do what *RST does: open every relay."""
        for channel in sorted(self._closed):
            self._set(channel, False)

    # -- relays ------------------------------------------------------------------

    def _wired(self, params: Params) -> tuple[int, ...]:
        channels = channel_list(params)
        for channel in channels:
            if channel not in self._lines:
                raise ScpiFault(-224, f"channel {channel}")
        return channels

    def _write_close(self, params: Params) -> None:
        for channel in self._wired(params):
            self._set(channel, True)

    def _write_open(self, params: Params) -> None:
        for channel in self._wired(params):
            self._set(channel, False)

    def _query_close(self, params: Params) -> str:
        closed = self._closed
        return ",".join("1" if c in closed else "0" for c in self._wired(params))

    def _query_open(self, params: Params) -> str:
        closed = self._closed
        return ",".join("0" if c in closed else "1" for c in self._wired(params))

    def _query_card(self, params: Params) -> str:
        return "Keysight Technologies,34938A,SIM-CARD,1.0"

    def _set(self, channel: int, closed: bool) -> None:
        edge = closed != (channel in self._closed)
        if closed:
            self._closed.add(channel)
        else:
            self._closed.discard(channel)
        line = self._lines[channel]
        if line == "dead_man":
            if edge:
                self._retrigger()
        elif line in _LATCHED:
            self._set_latch(_LATCHED[line], closed)
        elif edge:
            self._plant.change(self._line_change(line, closed))

    def _line_change(self, line: str, closed: bool) -> Callable[[], None]:
        fixture = self._fixture
        if line in _DIRECT:
            return lambda: setattr(fixture, line, closed)
        if line in _BUTTONS:
            pressed = closed and not self._faults.active(f"{line}_stuck_open")
            return lambda: fixture.button.__setitem__(_BUTTONS[line], pressed)
        index = int(line[-1]) - 1
        if line.startswith("dip"):
            return lambda: self._set_dip(index, closed)
        return lambda: self._set_dry_input(index, closed)

    def _set_dip(self, index: int, closed: bool) -> None:
        bit = 1 << index
        dip = self._fixture.dip
        self._fixture.dip = dip | bit if closed else dip & ~bit

    def _set_dry_input(self, index: int, closed: bool) -> None:
        inputs = list(self._fixture.dry_in)
        inputs[index] = closed
        self._fixture.dry_in = (inputs[0], inputs[1])

    # -- dead-man ------------------------------------------------------------------

    def _alive(self) -> bool:
        until_us: int = self._fixture.dead_man_until_us
        if self._world.now_us() < until_us:
            return True
        return until_us > 0 and self._faults.active("dead_man_stuck")

    def _set_latch(self, name: str, closed: bool) -> None:
        closed = closed and self._alive()
        if getattr(self._fixture, name) != closed:
            self._plant.change(lambda: setattr(self._fixture, name, closed))

    def _retrigger(self) -> None:
        """Hold the dead-man relay anew; the one pending look moves by itself."""
        self._fixture.dead_man_until_us = self._world.now_us() + self._dead_man_us
        if self._dead_man_look is None:
            self._look_again()

    def _look_again(self) -> None:
        self._dead_man_look = self._world.at_us(
            self._fixture.dead_man_until_us, PRIORITY_INSTRUMENT, self._dead_man_due
        )

    def _dead_man_due(self) -> None:
        self._dead_man_look = None
        if self._alive():
            if self._world.now_us() < self._fixture.dead_man_until_us:
                self._look_again()
            return
        fixture = self._fixture

        def drop() -> None:
            for name in _LATCHED.values():
                setattr(fixture, name, False)

        self._plant.change(drop)

    # -- inputs --------------------------------------------------------------------

    def _query_inputs(self, params: Params) -> str:
        if channel_list(params) != (self._input_channel,):
            raise ScpiFault(-224)
        fixture = self._fixture
        dry_out1, dry_out2 = self._plant.modules["module"].do
        states = {
            "estop_ok": fixture.estop_ok,
            "door_ok": fixture.door_ok,
            "inhibit_ok": fixture.inhibit_ok,
            "dead_man_alive": self._alive(),
            "contactor_closed": fixture.contactor_closed,
            "dry_out1": dry_out1,
            "dry_out2": dry_out2,
        }
        return str(sum(1 << b for n, b in self._input_bits.items() if states[n]))
