"""The simulated 34465A and DAQ970A."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.instruments.sim.responders.responder_fakes import Rig

SCAN = (
    "CONF:VOLT:DC 100,(@101:103)",
    "CONF:TEMP TC,K,(@104,105)",
    "CONF:RES 1000000,(@106:109)",
    "CONF:FRES (@110)",
    "CONF:CURR:DC 0.01,(@111)",
)


@pytest.fixture
def meter(rig: Rig) -> Any:
    """Open the terminal meter in its range."""
    opened = rig.open("module_meter")
    opened.query("CONF:VOLT:DC 100;:SENS:VOLT:DC:NPLC 1;*OPC?")
    return opened


def test_a_reading_takes_its_aperture(rig: Rig, meter: Any) -> None:
    """A meter without aperture would allow brackets that no factory can reach."""
    start_us = rig.world.now_us()
    assert float(meter.query("READ?")) == pytest.approx(52.0, abs=0.002)
    assert 22_000 <= rig.world.now_us() - start_us <= 28_000
    start_us = rig.world.now_us()
    meter.query("FETC?")
    assert rig.world.now_us() - start_us <= 8_000


def test_noise_is_new_every_time_and_old_every_run(meter: Any) -> None:
    """Readings would be frozen without a fault, or differ between runs."""
    readings = [meter.query("READ?") for _ in range(20)]
    assert len(set(readings)) == 20
    other = Rig()
    again = other.open("module_meter")
    again.query("CONF:VOLT:DC 100;:SENS:VOLT:DC:NPLC 1;*OPC?")
    assert readings == [again.query("READ?") for _ in range(20)]
    other.bench.close()


def test_overload_is_marked(rig: Rig, meter: Any) -> None:
    """A value beyond the range would read as the range's end."""
    rig.plant.module_v = 121.0
    assert float(meter.query("READ?")) == 9.9e37
    rig.plant.module_v = -121.0
    assert float(meter.query("READ?")) == -9.9e37


def test_fetch_without_reading_is_stale(rig: Rig) -> None:
    """FETC? would invent a reading."""
    meter = rig.open("module_meter")
    assert meter.query("FETC?;*OPC?") == "1"
    assert meter.query("SYST:ERR?").startswith("-230")


def test_the_range_is_the_next_larger(meter: Any) -> None:
    """A range between two ranges would be taken as it is."""
    meter.query("CONF:VOLT:DC 60;*OPC?")
    assert float(meter.query("SENS:VOLT:DC:RANG?")) == 100.0


def test_the_shunt_turns_current_into_voltage(rig: Rig) -> None:
    """The current's sign or size would be lost in the shunt."""
    rig.plant.current_a = -100.0
    meter = rig.open("shunt_meter")
    meter.query("CONF:VOLT:DC 0.1;:SENS:VOLT:DC:NPLC 1;*OPC?")
    assert float(meter.query("READ?")) / 0.0005 == pytest.approx(-100.0, abs=0.05)


@pytest.fixture
def scanner(rig: Rig) -> Any:
    """Open the scanning meter with all its channels configured."""
    opened = rig.open("scan_meter")
    for text in SCAN:
        opened.query(f"{text};*OPC?")
    assert opened.query("SYST:ERR?") == '+0,"No error"'
    return opened


def test_a_scan_reads_every_channel(rig: Rig, scanner: Any) -> None:
    """A channel would be wired to another quantity or unit."""
    rig.plant.bench_v, rig.plant.peer1_v, rig.plant.peer2_v = 51.0, 52.1, 52.2
    rig.plant.case_c, rig.plant.ambient_c = 27.0, 24.0
    rig.plant.modules["module"].ntc_ohm = [11e3, 12e3, 0.0, math.inf]
    fields = scanner.query("ROUT:SCAN (@101:111);:READ?").split(",")
    values = [float(field) for field in fields]
    assert values[:5] == pytest.approx([51.0, 52.1, 52.2, 27.0, 24.0], abs=0.1)
    assert values[5:7] == pytest.approx([11e3, 12e3], rel=1e-4)
    assert abs(values[7]) < 0.001
    assert values[8] == 9.9e37
    assert values[9:] == pytest.approx([0.3e-3, 1.5e-3], abs=1e-4)


def test_a_scan_is_ascending_and_takes_its_time(rig: Rig, scanner: Any) -> None:
    """Readings would come in the order asked, or all at one instant."""
    scanner.query("ROUT:SCAN (@104,101);*OPC?")
    assert scanner.query("ROUT:SCAN?") == "(@101,104)"
    start_us = rig.world.now_us()
    case_last = float(scanner.query("READ?").split(",")[1])
    assert case_last == pytest.approx(25.0, abs=0.2)
    assert rig.world.now_us() - start_us >= 2 * 23_000


def test_a_channel_needs_its_function(rig: Rig) -> None:
    """An unconfigured channel would read as if it were configured."""
    scanner = rig.open("scan_meter")
    assert float(scanner.query("ROUT:SCAN (@101);:READ?")) == 9.9e37
    scanner.query("CONF:TEMP TC,K,(@101);*OPC?")
    assert float(scanner.query("READ?")) == 9.9e37


def test_an_unwired_channel_and_an_empty_scan_are_refused(rig: Rig) -> None:
    """A channel that does not exist would read something."""
    scanner = rig.open("scan_meter")
    assert scanner.query("READ?;*OPC?") == "1"
    assert scanner.query("SYST:ERR?").startswith("-221")
    scanner.write("ROUT:SCAN (@120)")
    assert scanner.query("SYST:ERR?").startswith("-224")
