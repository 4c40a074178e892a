"""The simulated resistance emulator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.instruments.sim.responders.responder_fakes import Rig


@pytest.fixture
def emulator(rig: Rig) -> Any:
    """Open the emulator."""
    return rig.open("ntc_emulator")


def test_a_value_is_substituted_and_read_back(rig: Rig, emulator: Any) -> None:
    """A channel would substitute another sensor, or another value."""
    emulator.query("RES:CH2 12345.6;:MODE:CH2 OHM;*OPC?")
    assert rig.plant.fixture.ntc_mode == ["real", "ohm", "real", "real"]
    assert rig.plant.fixture.ntc_ohm[1] == 12345.6
    mode, ohm = emulator.query("MODE:CH2?;:RES:CH2?").split(";")
    assert (mode, float(ohm)) == ("OHM", 12345.6)


@pytest.mark.parametrize("mode", ["OPEN", "SHORT", "REAL"])
def test_open_short_and_real(rig: Rig, emulator: Any, mode: str) -> None:
    """A wire break could not be imitated, or the sensor not be given back."""
    emulator.query("MODE:CH4 OHM;*OPC?")
    emulator.query(f"MODE:CH4 {mode};*OPC?")
    assert rig.plant.fixture.ntc_mode[3] == mode.lower()
    assert emulator.query("MODE:CH4?") == mode


@pytest.mark.parametrize("text", ["RES:CH1 5", "RES:CH5 1000", "MODE:CH1 SOMETIMES"])
def test_refusals(rig: Rig, emulator: Any, text: str) -> None:
    """A value or channel that the box lacks would be acknowledged."""
    emulator.write(text)
    assert not emulator.query("SYST:ERR?").startswith("+0")
    assert rig.plant.fixture.ntc_mode == ["real"] * 4


def test_reset_gives_the_sensors_back(rig: Rig, emulator: Any) -> None:
    """*RST would leave the BMS looking at resistors."""
    emulator.query("MODE:CH1 SHORT;*OPC?")
    emulator.query("*RST;*OPC?")
    assert rig.plant.fixture.ntc_mode == ["real"] * 4
