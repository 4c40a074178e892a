"""The simulated bench as a whole, around its real plant and BMS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import can
import pytest
import pyvisa
import serial

from instruments.errors import BenchFileError
from instruments.sim.simulated_bench import SimulatedBench, build_simulated_bench
from instruments.sim.state import BenchState
from tests.instruments.sim.responders.responder_fakes import RESOURCES, write_faults

RUNNING = BenchState(soc_pct=50.0, module="running")
CAN_PERIOD_S = 1.0
Make = Callable[..., SimulatedBench]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make benches that are closed afterwards."""
    made: list[SimulatedBench] = []

    def build(defects: Sequence[Path] = (), seed: int | None = None) -> SimulatedBench:
        bench = build_simulated_bench(
            RESOURCES, seed=seed, defects=defects, state=RUNNING
        )
        made.append(bench)
        bench.world.advance_us(1_000_000)
        return bench

    yield build
    for bench in made:
        bench.close()


def open_role(bench: SimulatedBench, role: str) -> Any:
    """Open one instrument."""
    return bench.resource_manager().open_resource(
        RESOURCES[role], read_termination="\n", write_termination="\n", timeout=500
    )


def charge(bench: SimulatedBench) -> list[str]:
    """Charge for ten minutes with 43 A and note every meter."""
    roles = ("supply", "load", "module_meter", "shunt_meter", "switchbox")
    supply, load, volts, amps, box = (open_role(bench, role) for role in roles)
    box.query("ROUT:CLOS (@1005);*OPC?")
    box.query("ROUT:CLOS (@1004);*OPC?")
    volts.query("CONF:VOLT:DC 100;:SENS:VOLT:DC:NPLC 1;*OPC?")
    amps.query("CONF:VOLT:DC 0.1;:SENS:VOLT:DC:NPLC 1;*OPC?")
    supply.query("FUNC CURR;:VOLT:LIM 56;:CURR 43;:OUTP ON;*OPC?")
    notes = []
    for turn in range(600):
        box.query(f"ROUT:{'CLOS' if turn % 2 else 'OPEN'} (@1005);*OPC?")
        bench.world.advance_us(900_000)
        notes += [supply.query("MEAS:VOLT?;:MEAS:CURR?"), volts.query("READ?")]
        notes += [amps.query("READ?"), load.query("MEAS:VOLT?")]
    return notes


def test_every_role_answers_as_itself(make: Make) -> None:
    """Two roles would share an address or an identity."""
    bench = make()
    identities = {open_role(bench, role).query("*IDN?") for role in RESOURCES}
    assert len(identities) == len(RESOURCES)


def test_a_charge_is_the_same_in_every_run(make: Make) -> None:
    """The same parameters, seed and program would give another record."""
    first = charge(make(seed=3))
    assert first == charge(make(seed=3))
    assert first != charge(make(seed=4))


def test_meters_agree_while_charging(make: Make) -> None:
    """The circuit between supply, shunt and module would leak or invent current."""
    supply, volts, amps, load = charge(make())[-4:]
    supply_v, supply_a = (float(field) for field in supply.split(";"))
    assert float(amps) / 0.0005 == pytest.approx(supply_a, abs=0.2)
    assert float(volts) < supply_v < float(volts) + 0.2
    assert float(load) == pytest.approx(supply_v, abs=0.02)


def test_frames_arrive_in_bench_time(make: Make) -> None:
    """The module's CAN frames would not reach the adapter, or come without a time."""
    bench = make()
    bus = bench.can_bus()
    message = bus.recv(timeout=2 * CAN_PERIOD_S)
    assert message is not None
    assert 1.0 < message.timestamp <= bench.world.now_us() * 1e-6


def test_the_adapter_can_fail(make: Make, tmp_path: Path) -> None:
    """A dead CAN adapter would open, receive or send."""
    with pytest.raises(can.CanInitializationError):
        make([write_faults(tmp_path, "can", "absent")]).can_bus()
    silent = make([write_faults(tmp_path, "can", "silent")]).can_bus()
    assert silent.recv(timeout=3 * CAN_PERIOD_S) is None
    deaf = make([write_faults(tmp_path, "can", "send_fails")]).can_bus()
    with pytest.raises(can.CanOperationError):
        deaf.send(can.Message(arbitration_id=0x305, is_extended_id=False))


def test_the_service_port_can_fail(make: Make, tmp_path: Path) -> None:
    """A dead service adapter would open."""
    bench = make([write_faults(tmp_path, "service", "absent")])
    with pytest.raises(serial.SerialException):
        serial.serial_for_url(bench.serial_url("service"), timeout=0.3)


def test_an_absent_instrument(make: Make, tmp_path: Path) -> None:
    """A supply without power would be found."""
    bench = make([write_faults(tmp_path, "supply", "absent")])
    with pytest.raises(pyvisa.VisaIOError):
        open_role(bench, "supply")


def test_an_unknown_fault_is_refused(make: Make, tmp_path: Path) -> None:
    """A misspelt fault would leave the bench healthy in silence."""
    with pytest.raises(BenchFileError):
        make([write_faults(tmp_path, "supply", "on_fire")])


def test_closing_twice_and_closing_everything(make: Make) -> None:
    """A closed bench would leave ports, buses or sessions behind."""
    bench = make()
    bus = bench.can_bus()
    url = bench.serial_url("service")
    box = open_role(bench, "switchbox")
    bench.close()
    bench.close()
    with pytest.raises(can.CanOperationError):
        bus.recv(timeout=0)
    with pytest.raises(serial.SerialException):
        serial.serial_for_url(url)
    with pytest.raises((pyvisa.VisaIOError, pyvisa.errors.InvalidSession)):
        box.query("*IDN?")


def test_without_latency_nothing_waits(make: Make) -> None:
    """The explicit option for zero latency would be ignored."""
    bench = build_simulated_bench(RESOURCES, latency=False)
    open_role(bench, "supply").query("*IDN?")
    assert bench.world.now_us() == 0
    bench.close()


def charge_with_open_contactor(bench: SimulatedBench, over_voltage_v: float) -> Any:
    """Charge, open the fixture contactor under current, and return the supply."""
    supply, box = open_role(bench, "supply"), open_role(bench, "switchbox")
    box.query("ROUT:CLOS (@1005);:ROUT:CLOS (@1004);*OPC?")
    bench.world.advance_us(100_000)
    supply.query(f"FUNC CURR;:VOLT:LIM 56;:CURR 43;:VOLT:PROT {over_voltage_v};*OPC?")
    supply.query("OUTP ON;*OPC?")
    bench.world.advance_us(500_000)
    assert supply.query("STAT:OPER:COND?") == "2"
    box.query("ROUT:OPEN (@1004);*OPC?")
    bench.world.advance_us(500_000)
    return supply


def test_a_source_into_an_open_contactor_rises_to_its_limit(make: Make) -> None:
    """The cheapest trip detector (CC becomes CV, no current) would not exist."""
    supply = charge_with_open_contactor(make(), 60.0)
    volt, amp, operation = supply.query(
        "MEAS:VOLT?;:MEAS:CURR?;:STAT:OPER:COND?"
    ).split(";")
    assert float(volt) == pytest.approx(56.0, abs=0.01)
    assert float(amp) == pytest.approx(0.0, abs=0.2)
    assert operation == "1"


def test_over_voltage_acts_on_the_rise(make: Make) -> None:
    """OVP below the voltage limit would not see the rise."""
    bench = make()
    supply = charge_with_open_contactor(bench, 55.0)
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "1;0"
    assert not bench.plant.supply.output_on
    bench.world.advance_us(3_000_000)
    assert float(supply.query("MEAS:VOLT?")) < 1.0


def test_a_silent_station_leaves_a_dead_bench(make: Make) -> None:
    """Watchdog and dead-man would not bring the bench down in three seconds."""
    bench = make()
    supply, box = open_role(bench, "supply"), open_role(bench, "switchbox")
    box.query("ROUT:CLOS (@1005);:ROUT:CLOS (@1004);*OPC?")
    supply.query("OUTP:PROT:WDOG:DEL 2;:OUTP:PROT:WDOG ON;:FUNC CURR;*OPC?")
    supply.query("VOLT:LIM 56;:CURR 43;:OUTP ON;*OPC?")
    bench.world.advance_us(500_000)
    box.query("ROUT:OPEN (@1005);*OPC?")
    supply.query("*OPC?")
    assert bench.plant.current_a > 40
    bench.world.advance_us(3_000_000)
    assert not bench.plant.supply.output_on
    assert not bench.plant.fixture.contactor_closed
    assert abs(bench.plant.current_a) < 0.5
    assert bench.plant.bench_v < 1.0
