"""Work the two reference modules and the chain between all three.

DIP switches are moved only with the module dead and every contactor open
(test-plan.md, parallel start). Address codes are the model's (provisional, C26).
"""

from __future__ import annotations

from enum import IntEnum

from instruments.bench import LIVE_V, Bench
from instruments.errors import PreconditionNotMet
from phases.operate import DEAD_V, LONG_PRESS_S, SHORT_PRESS_S, press

_DIP_LINES = ("dip1", "dip2", "dip3", "dip4", "dip5")
_START_S = 9.0


class Role(IntEnum):
    """What the module's DIP switches say; bit 0 is switch 1."""

    STAND_ALONE = 0b00000
    MASTER = 0b10001
    MASTER_WITHOUT_CAN = 0b00001
    SLAVE = 0b00010


def set_role(bench: Bench, role: Role) -> None:
    """Set the module's DIP switches and where the chain begins.

    Raises:
        PreconditionNotMet: the module is not dead.
    """
    if abs(bench.sample().module_v) >= DEAD_V:
        raise PreconditionNotMet(
            "module", "terminals are live", "DIP switches are moved only when dead"
        )
    box = bench.parts.switchbox
    for bit, line in enumerate(_DIP_LINES):
        box.set_line(line, bool(role >> bit & 1))
    box.set_line("rs485_head", role is Role.MASTER)
    box.set_line("rs485_chain", role is not Role.STAND_ALONE)


def start_peer(bench: Bench, peer: str) -> None:
    """Start a reference module and wait for it to run.

    Raises:
        PreconditionNotMet: it does not start; the fixture needs care.
    """
    press(bench, SHORT_PRESS_S, f"{peer}_button")
    bench.hold(_START_S, 500_000)
    if peer_voltage_v(bench, peer) < LIVE_V:
        raise PreconditionNotMet(
            peer, "reference module does not start", "look after the reference module"
        )


def stop_peer(bench: Bench, peer: str) -> None:
    """Shut a reference module down."""
    press(bench, LONG_PRESS_S, f"{peer}_button")


def peer_voltage_v(bench: Bench, peer: str) -> float:
    """Measure a reference module's terminals [V]."""
    return bench.parts.scan_meter.measure((f"{peer}_v",))[f"{peer}_v"]
