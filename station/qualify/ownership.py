"""Say which targets belong to the firmware and which to the module around it.

A firmware file changes only the first; a compiled firmware has its own, so that the
catalogue's defects of the first kind cannot be played on it.
"""

from __future__ import annotations

from instruments.sim.defects import DefectFile

FIRMWARE_PARTS = (
    "module.bms",
    "module.ntc",
    "module.led_bar",
    "module.dry_contacts",
    "module.can",
    "module.service",
    "module.identity",
)
_WIRES = ("module.service.latency_min_ms", "module.service.latency_max_ms")
"""What the bench makes of a part's answers."""


def belongs_to_firmware(target: str) -> bool:
    """Tell whether a parameter or a fault's target lies in the firmware."""
    parts = any(target == p or target.startswith(f"{p}.") for p in FIRMWARE_PARTS)
    return parts and target not in _WIRES


def concerns_firmware(defect: DefectFile) -> bool:
    """Tell whether any part of a defect lies in the firmware."""
    targets = [change.target for change in defect.changes]
    targets += [fault.target for fault in defect.faults]
    return any(belongs_to_firmware(target) for target in targets)
