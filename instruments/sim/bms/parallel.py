"""Play the master or a slave of a cluster on the RS485 chain (PR-01..21, AL-09, AL-10).

The address is read from the DIP switches at each start (PR-08). The master calls on
port B once a second; a slave passes the call on from A to B and answers on A; answers
travel up the chain. Nothing may be heard on the master's port A (PR-12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from instruments.sim.bms.chain_message import (
    Heartbeat,
    Status,
    decode,
    encode_heartbeat,
    encode_status,
)
from instruments.sim.bms.interface import NEVER_US, BmsInputs
from instruments.sim.bms.parameters import Faults, to_period_us, to_us
from instruments.sim.bms.sense import Sense

Role = Literal["stand_alone", "master", "slave"]
StartVerdict = Literal["go", "wait", "voltage_imbalance"]
Messages = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ParallelParameters:
    """Address codes, voltage rule and time-outs: [module.bms.parallel]."""

    codes: tuple[str, ...]
    address_mask: int
    can_switch_mask: int
    master_needs_can_switch: bool
    imbalance_v: float
    heartbeat_s: float
    missed_after_s: float
    fault_after_s: float
    off_after_s: float
    online_timeout_s: float
    port_a_clear_s: float
    modules_max: int


class Parallel:
    """Hold the role of this module and what it knows of the others."""

    def __init__(
        self, parameters: ParallelParameters, live_v: float, faults: Faults
    ) -> None:
        self._parameters = parameters
        self._live_v = live_v
        self._faults = faults
        self._heartbeat_us = to_period_us(
            parameters.heartbeat_s, "bms.parallel.heartbeat_s"
        )
        self._fault_us = to_us(parameters.missed_after_s + parameters.fault_after_s)
        self._off_us = to_us(parameters.missed_after_s + parameters.off_after_s)
        self._online_us = to_us(parameters.online_timeout_s)
        self._port_a_us = to_us(parameters.port_a_clear_s)
        self.role: Role = "stand_alone"
        self.number = 0
        self.can_enabled = True
        self.slaves: dict[int, tuple[Status, int]] = {}
        self._sequence = 0
        self._next_call_us = 0
        self._heard_us = 0
        self._master: Heartbeat | None = None
        self._port_a_heard_us = -self._port_a_us
        self._out_a: list[bytes] = []
        self._out_b: list[bytes] = []

    def latch(self, dip: int, now_us: int) -> None:
        """Read the address and begin anew: a restart."""
        p = self._parameters
        code = dip & p.address_mask
        name = p.codes[code] if code < len(p.codes) else "stand_alone"
        self.number = int(name.removeprefix("slave")) if name[:5] == "slave" else 0
        self.role = (
            "slave" if self.number else "master" if name == "master" else "stand_alone"
        )
        switch = bool(dip & p.can_switch_mask)
        self.can_enabled = self.role == "stand_alone" or (
            self.role == "master" and (switch or not p.master_needs_can_switch)
        )
        self.slaves.clear()
        self._master = None
        self._next_call_us = now_us
        self._heard_us = now_us
        self._port_a_heard_us = now_us - self._port_a_us

    def receive(self, inputs: BmsInputs) -> None:
        """Take the messages of both ports."""
        if self._faults.active("silent", inputs.now_us):
            return
        for data in inputs.rs485_a:
            self._receive_a(data, inputs.now_us)
        for data in inputs.rs485_b:
            self._receive_b(data, inputs.now_us)

    def _receive_a(self, data: bytes, now_us: int) -> None:
        if self.role == "master":
            self._port_a_heard_us = now_us
            return
        message = decode(data)
        if self.role == "slave" and isinstance(message, Heartbeat):
            self._master = message
            self._heard_us = now_us
            self._out_b.append(data)

    def _receive_b(self, data: bytes, now_us: int) -> None:
        message = decode(data)
        if not isinstance(message, Status):
            return
        if self.role == "slave":
            self._out_a.append(data)
        elif self.role == "master" and message.number < self._parameters.modules_max:
            self.slaves[message.number] = (message, now_us)

    def send(
        self, own: Status, running: bool, now_us: int
    ) -> tuple[Messages, Messages]:
        """Return what goes out on ports A and B, given this module's own readings."""
        if self.role == "stand_alone":
            return (), ()
        if self.role == "master" and now_us >= self._next_call_us:
            self._next_call_us = now_us + self._heartbeat_us
            self._sequence += 1
            self._out_b.append(
                encode_heartbeat(Heartbeat(self._sequence, running, own.pack_v))
            )
        if self.role == "slave" and self._out_b:
            self._out_a.append(encode_status(own))
        out = tuple(self._out_a), tuple(self._out_b)
        self._out_a.clear()
        self._out_b.clear()
        return ((), ()) if self._faults.active("silent", now_us) else out

    def start_verdict(self, sense: Sense) -> StartVerdict:
        """Judge whether this module may join the others now."""
        if self.role != "slave":
            return "go"
        bus_v = self._bus_v(sense)
        if bus_v is not None and self._apart(sense, bus_v):
            return "voltage_imbalance"
        heard = self._master is not None and self._master.running
        silent = self._silent_for(sense.now_us, self._online_us)
        return "go" if heard and not silent else "wait"

    def _bus_v(self, sense: Sense) -> float | None:
        """Return the voltage of the others: own open terminals first, then the call."""
        if sense.terminal_v > self._live_v and not sense.contactor_closed:
            return sense.terminal_v
        return None if self._master is None else self._master.pack_v

    def _apart(self, sense: Sense, bus_v: float) -> bool:
        return abs(
            sense.pack_v - bus_v
        ) > self._parameters.imbalance_v and not self._faults.active(
            "no_voltage_rule", sense.now_us
        )

    def _silent_for(self, now_us: int, limit_us: int) -> bool:
        return now_us - self._heard_us >= limit_us

    def master_lost(self, now_us: int) -> bool:
        """Tell whether a slave shows that it lost its master (PR-17)."""
        return (
            self.role == "slave"
            and self._silent_for(now_us, self._fault_us)
            and not self._faults.active("no_master_fault", now_us)
        )

    def run_goes_dark(self, now_us: int) -> bool:
        """Tell whether a fault puts RUN out while the master is missed."""
        return self._faults.active(
            "run_dark_without_master", now_us
        ) and self.master_lost(now_us)

    def shall_turn_off(self, now_us: int) -> bool:
        """Tell whether a slave has waited long enough for its master (PR-18)."""
        return (
            self.role == "slave"
            and self._silent_for(now_us, self._off_us)
            and not self._faults.active("no_slave_shutdown", now_us)
        )

    def port_a_fault(self, now_us: int) -> bool:
        """Tell whether a master hears something on its port A (PR-12)."""
        return (
            self.role == "master"
            and now_us - self._port_a_heard_us < self._port_a_us
            and not self._faults.active("no_port_a_fault", now_us)
        )

    def own_count(self, now_us: int) -> int:
        """Return what this module counts for itself: 1, or 2 by a fault."""
        return 2 if self._faults.active("counts_itself_twice", now_us) else 1

    def online(self, now_us: int) -> list[Status]:
        """Return the last answer of every slave that is online, by number."""
        return [
            self.slaves[number][0]
            for number in sorted(self.slaves)
            if now_us - self.slaves[number][1] < self._online_us
        ]

    def due_us(self, now_us: int) -> int:
        """Return the next instant at which something changes by itself [µs]."""
        if self.role == "stand_alone":
            return NEVER_US
        if self.role == "master":
            return self._next_call_us
        for limit_us in (self._fault_us, self._off_us):
            if self._heard_us + limit_us > now_us:
                return self._heard_us + limit_us
        return NEVER_US
