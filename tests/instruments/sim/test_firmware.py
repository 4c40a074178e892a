"""Another firmware in the module under test: its values, and nobody else's."""

from __future__ import annotations

import pytest

from instruments.errors import BenchFileError
from instruments.sim.bms.interface import BmsInitial
from instruments.sim.bms.unit import Bms
from instruments.sim.defects import Change, DefectFile
from instruments.sim.firmware import Firmware
from instruments.sim.parameters import load_parameters

TRIP = "module.bms.over_voltage.pack_trip_v"
RELEASE = (Change(TRIP, "set", 58.8, "firmware.toml"),)


def test_reference_modules_keep_the_shipped_firmware() -> None:
    """A wrong firmware would be compared with itself."""
    params = load_parameters(firmware=RELEASE)
    assert params.value(TRIP) == 58.8
    assert params.value(TRIP.replace("module", "peer1")) == 58.9


def test_defect_is_added_to_what_the_firmware_sets() -> None:
    """A catalogue defect of a value that the firmware changed would be refused."""
    change = Change(TRIP, "add", 0.5, "defect.toml")
    defect = DefectFile("high", "high", (change,), ())
    params = load_parameters([defect], seed=1, firmware=RELEASE)
    assert params.value(TRIP) == pytest.approx(59.3)


def test_draw_of_a_module_stays_what_it_was() -> None:
    """Two firmwares would be compared on two different modules."""
    plain = load_parameters(seed=7)
    other = load_parameters(seed=7, firmware=RELEASE)
    moved = [
        line.target
        for line in plain.targets()
        if plain.value(line.target) != other.value(line.target)
    ]
    assert moved == [TRIP]


def test_one_target_twice_is_refused() -> None:
    """The later of two values would win in silence."""
    with pytest.raises(BenchFileError, match="already changed in firmware"):
        load_parameters(firmware=RELEASE * 2)


def test_library_is_for_the_module_under_test_only() -> None:
    """The reference modules would run the firmware that they shall judge."""
    pytest.importorskip("cffi")
    unit = Firmware(library="none.so").make_unit(
        load_parameters(), "peer1", 0, BmsInitial(50.0)
    )
    assert isinstance(unit, Bms)
    with pytest.raises(BenchFileError, match="cannot be loaded"):
        Firmware(library="none.so").make_unit(
            load_parameters(), "module", 0, BmsInitial(50.0)
        )
