"""Which targets belong to the firmware."""

from __future__ import annotations

import pytest

from instruments.sim.defects import Change, DefectFile, Fault, load_fault_kinds
from instruments.sim.parameters import load_parameters
from station.qualify.ownership import (
    FIRMWARE_PARTS,
    belongs_to_firmware,
    concerns_firmware,
)


@pytest.mark.parametrize(
    ("target", "belongs"),
    [
        ("module.bms.over_voltage.pack_trip_v", True),
        ("module.can", True),
        ("module.can.period_351_s", True),
        ("module.service.latency_max_ms", False),
        ("module.cells.leak_ma", False),
        ("module.canopy.a", False),
        ("peer1.bms.over_voltage.pack_trip_v", False),
    ],
)
def test_targets(target: str, belongs: bool) -> None:
    """A firmware file could change the cells of a module."""
    assert belongs_to_firmware(target) is belongs


def test_every_part_exists() -> None:
    """A renamed table would silently leave the firmware."""
    targets = [line.target for line in load_parameters().targets()]
    targets += [kind.target for kind in load_fault_kinds()]
    for part in FIRMWARE_PARTS:
        assert any(target.startswith(part) for target in targets), part


def test_defect_concerns_the_firmware_if_any_part_does() -> None:
    """A pair of a cell and a threshold would be played without the threshold."""
    cell = Change("module.cells.leak_ma", "set", 4.0, "")
    trip = Change("module.bms.over_voltage.pack_trip_v", "set", 59.0, "")
    silent = Fault("module.can", "mute")
    assert not concerns_firmware(DefectFile("a", "a", (cell,), ()))
    assert concerns_firmware(DefectFile("a", "a", (cell, trip), ()))
    assert concerns_firmware(DefectFile("a", "a", (cell,), (silent,)))
