"""The outputs of a BMS that does nothing new: asleep, or as it was a moment ago."""

from __future__ import annotations

from collections.abc import Sequence

from instruments.sim.bms.interface import BmsOutputs, ContactorCommand
from instruments.sim.bms.leds import DARK

_NO_DO = (False, False)


def asleep(
    next_wake_us: int, contactor: ContactorCommand | None, bleed: Sequence[bool]
) -> BmsOutputs:
    """Return the outputs of a BMS that drives nothing; it wakes at [µs]."""
    return BmsOutputs(
        next_wake_us, contactor, bleed, DARK, "off", _NO_DO, (), b"", (), ()
    )


def unchanged(last: BmsOutputs, next_wake_us: int, serial_tx: bytes) -> BmsOutputs:
    """Return the outputs of before with a new wake [µs] and bytes to send."""
    return BmsOutputs(
        next_wake_us,
        None,
        last.bleed,
        last.leds,
        last.button_led,
        last.do,
        (),
        serial_tx,
        (),
        (),
    )
