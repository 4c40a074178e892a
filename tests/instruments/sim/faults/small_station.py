"""A station of a page: it charges for some seconds and asks every seam on the way.

It notes what it sees and goes on after every error, so that a fault's whole effect
shows in its notes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import can
import pyvisa
import serial

from instruments.sim.faults.kinds import Kind
from instruments.sim.faults.plan import FaultPlan
from instruments.sim.faults.points import FaultPoints, StationKilled
from instruments.sim.simulated_bench import SimulatedBench, build_simulated_bench
from instruments.sim.state import BenchState
from instruments.wire import weco_service
from tests.instruments.sim.responders.responder_fakes import RESOURCES

TIMEOUT_MS = 500
LOOPS = 6
TRIED = 16
SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:STAT:QUES1:COND?;:STAT:OPER:COND?;:OUTP?"
_KEY = weco_service.load_profile().key
_REQUEST = weco_service.encode_request(14, 7, _KEY)


class SmallStation:
    """One run against one simulated bench.

    Attributes:
        notes: bench time [µs] and what was seen, in order.
    """

    def __init__(self, points: FaultPoints | None) -> None:
        self.notes: list[tuple[int, str]] = []
        self.points = points
        state = BenchState(soc_pct=50.0, module="running")
        self.bench: SimulatedBench = build_simulated_bench(
            RESOURCES, state=state, fault_points=points
        )
        self._sessions: dict[str, Any] = {}

    def run(self) -> SmallStation:
        """Charge, measure, switch off; return itself."""
        try:
            self._work()
        except StationKilled:
            self._note("killed")
        finally:
            self._end_dead()
            self.bench.close()
        return self

    def query(self, role: str, message: str) -> None:
        """Exchange one message; open the session first where there is none."""
        self._try(lambda: self._session(role).query(message), role)

    def _work(self) -> None:
        world = self.bench.world
        world.advance_us(1_000_000)
        bus = self.bench.can_bus()
        led = self._port("led_reader", 0.5)
        service = self._port("service", 0.3)
        self._try(lambda: self._ask(service, weco_service.encode_announce(_KEY), 8))
        self.query("switchbox", "ROUT:CLOS (@1005);*OPC?")
        self.query("switchbox", "ROUT:CLOS (@1004);*OPC?")
        self.query("supply", "FUNC CURR;:VOLT:LIM 56;:CURR 10;*OPC?;:SYST:ERR?")
        self.query("supply", "OUTP:PROT:WDOG:DEL 2;:OUTP:PROT:WDOG ON;*OPC?")
        self.query("supply", "OUTP ON;*OPC?;:OUTP?;:SYST:ERR?")
        for turn in range(LOOPS):
            self._record(f"sample {turn}")
            self._wait(230_000)
            way = "CLOS" if turn % 2 else "OPEN"
            self.query("switchbox", f"ROUT:{way} (@1005);:SENS:DIG:DATA:BYTE? (@3001)")
            self.query("supply", f"CURR {10 + 5 * turn};*OPC?;:CURR?;:SYST:ERR?")
            self.query("supply", SAMPLE)
            self.query("module_meter", "READ?")
            self.query("shunt_meter", "READ?")
            self._try(lambda: self._ask(service, _REQUEST, 19))
            self._try(lambda: self._ask(led, b"capture\r", 4))
            self._try(lambda: self._ask(led, b"gethsi01\r", 18))
            self._try(lambda: self._drain(bus))
        bus.shutdown()

    def _end_dead(self) -> None:
        """Switch off as make_safe does; a killed station gets nowhere."""
        try:
            self.query("supply", "OUTP OFF;*OPC?;:OUTP?")
            self.query("load", "LOAD OFF;*OPC?;:LOAD?")
            self.query("switchbox", "ROUT:OPEN (@1004);*OPC?")
            self._wait(1_000_000)
        except StationKilled:
            self._note("killed")

    def _session(self, role: str) -> Any:
        if role not in self._sessions:
            self._sessions[role] = self.bench.resource_manager().open_resource(
                RESOURCES[role],
                open_timeout=TIMEOUT_MS,
                read_termination="\n",
                write_termination="\n",
                timeout=TIMEOUT_MS,
            )
        return self._sessions[role]

    def _port(self, name: str, timeout_s: float) -> list[Any]:
        """Open a port; a list that stays empty where that failed."""
        ports: list[Any] = []
        url = self.bench.serial_url(name)
        self._try(lambda: ports.append(serial.serial_for_url(url, timeout=timeout_s)))
        return ports

    def _ask(self, ports: list[Any], data: bytes, size: int) -> str:
        if not ports:
            return "no port"
        ports[0].reset_input_buffer()
        ports[0].write(data)
        return repr(ports[0].read(size))

    def _drain(self, bus: can.BusABC) -> str:
        bus.send(can.Message(arbitration_id=0x305, is_extended_id=False, data=bytes(8)))
        frames = []
        while (message := bus.recv(0)) is not None:
            frames.append(f"{message.arbitration_id:x}#{message.data.hex()}")
        return " ".join(frames)

    def _wait(self, duration_us: int) -> None:
        try:
            self.bench.world.wait_us(duration_us)
        except Exception as stop:
            self._note(type(stop).__name__)

    def _record(self, what: str) -> None:
        if self.points is None:
            return
        try:
            self.points.reach("record", "store", what)
        except OSError as error:
            self._note(str(error))

    def _try(self, step: Callable[[], Any], role: str = "") -> None:
        try:
            self._note(str(step()))
        except (OSError, pyvisa.Error, can.CanError, UnicodeError) as error:
            self._note(type(error).__name__)
            if role in self._sessions:
                self._sessions.pop(role).close()

    def _note(self, text: str) -> None:
        self.notes.append((self.bench.world.t_us, text))


def record() -> FaultPoints:
    """Run once without a fault and keep every call."""
    points = FaultPoints(keep_calls=True)
    SmallStation(points).run()
    return points


def inject(
    kind: str, persistence: str, call: int, keep_calls: bool = False
) -> SmallStation:
    """Run once with a fault."""
    plan = FaultPlan(kind, persistence, call)
    return SmallStation(FaultPoints(plan, keep_calls=keep_calls)).run()


def points_of(station: SmallStation) -> FaultPoints:
    """Give the fault points of a run that has them."""
    assert station.points is not None
    return station.points


def calls_for(points: FaultPoints, kind: Kind, seam: str) -> list[int]:
    """Choose calls of a recording at which a kind can act, spread over the run."""
    calls = [
        call.k
        for call in points.calls_seen
        if call.site.seam == seam
        and kind.applies(call.site)
        and (call.state.supply_on or seam == "record")
    ]
    return calls[len(calls) // 2 :: max(1, len(calls) // TRIED)]
