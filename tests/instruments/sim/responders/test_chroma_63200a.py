"""The simulated Chroma 63200A."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.instruments.sim.responders.responder_fakes import Rig

SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:LOAD?;:LOAD:PROT?"


def solve_battery(rig: Rig, voltage_v: float = 52.0) -> None:
    """Let a battery feed the load."""
    load = rig.plant.load
    load.meas_v = rig.plant.bench_v = voltage_v
    load.meas_a = load.current_a if load.input_on else 0.0


@pytest.fixture
def load(rig: Rig) -> Any:
    """Open the load on a battery."""
    rig.plant.solve = lambda: solve_battery(rig)
    rig.plant.bench_v = 52.0
    return rig.open("load")


def test_constant_current(rig: Rig, load: Any) -> None:
    """The load would not draw what it acknowledged."""
    load.query("MODE CCH;:CURR:STAT:L1 43;:LOAD ON;*OPC?")
    rig.wait_s(0.1)
    volt, amp, state, protection = load.query(SAMPLE).split(";")
    assert float(volt) == pytest.approx(52.0, abs=0.02)
    assert float(amp) == pytest.approx(43.0, abs=0.1)
    assert (state, protection) == ("ON", "0")
    load.query("LOAD OFF;*OPC?")
    rig.wait_s(0.1)
    assert not rig.plant.load.input_on


def test_constant_voltage_with_its_limit(rig: Rig, load: Any) -> None:
    """The CV mode would lose its current limit."""
    load.query("MODE CV;:VOLT:STAT:L1 46.5;:VOLT:STAT:ILIM 60;*OPC?")
    state = rig.plant.load
    assert (state.mode, state.voltage_v, state.current_limit_a) == ("voltage", 46.5, 60)
    assert load.query("MODE?") == "CV"
    assert load.query("SYST:ERR?") == '+0,"No error"'


@pytest.mark.parametrize("text", ["CURR:STAT:L1 1001", "MODE CC", "VOLT:STAT:L1 151"])
def test_refusals(load: Any, text: str) -> None:
    """A wrong range or mode word would be accepted."""
    load.write(text)
    assert load.query("SYST:ERR?").startswith("-22")


def test_over_power_latches_off(rig: Rig, load: Any) -> None:
    """The load's own protection would not protect it, or clear into conduction."""
    load.query("CURR:STAT:L1 220;:LOAD ON;*OPC?")
    rig.wait_s(0.1)
    assert load.query("LOAD?;:LOAD:PROT?") == "OFF;4"
    assert not rig.plant.load.input_on
    load.query("LOAD:PROT:CLE;*OPC?")
    rig.wait_s(0.1)
    assert load.query("LOAD?;:LOAD:PROT?") == "OFF;0"
    assert not rig.plant.load.input_on


def test_a_latched_load_does_not_switch_on(rig: Rig, load: Any) -> None:
    """A tripped load would conduct again without a clear."""
    load.query("CURR:STAT:L1 220;:LOAD ON;*OPC?")
    rig.wait_s(0.1)
    load.query("CURR:STAT:L1 10;:LOAD ON;*OPC?")
    rig.wait_s(0.1)
    assert not rig.plant.load.input_on


def test_it_waits_for_its_start_voltage(rig: Rig, load: Any) -> None:
    """The load would conduct below Von."""
    load.query("CONF:VOLT:ON 53;:CURR:STAT:L1 5;:LOAD ON;*OPC?")
    rig.wait_s(0.1)
    assert not rig.plant.load.input_on
    rig.plant.solve = lambda: solve_battery(rig, 54.0)
    rig.plant.change(lambda: None)
    rig.wait_s(0.1)
    assert rig.plant.load.input_on


def test_there_is_no_watchdog(rig: Rig, load: Any) -> None:
    """A watchdog that the real load lacks would hide a missing dead-man."""
    load.query("CURR:STAT:L1 10;:LOAD ON;*OPC?")
    rig.wait_s(3600)
    assert rig.plant.load.input_on


def test_a_stuck_input_reads_off(faulty: Callable[..., Rig]) -> None:
    """An input that stays on would show in its read-back."""
    rig = faulty("load", "input_stuck_on")
    load = rig.open("load")
    load.query("LOAD ON;*OPC?")
    rig.wait_s(0.1)
    assert load.query("LOAD OFF;*OPC?;:LOAD?") == "1;OFF"
    rig.wait_s(0.1)
    assert rig.plant.load.input_on
