"""What one phase learns and a later one needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from instruments.counter import Tally

_LOCKOUT_TRIPS = 4


@dataclass(slots=True)
class RunFacts:
    """Facts of one run; None means that the phase which finds it did not.

    `trips` counts the module's current and voltage trips in this run, `earlier_trips`
    those of the last 30 minutes before it. `full` is the charge anchor at
    54.5 V / 10 A, `empty` the one at 49.5 V / 43 A; `window_charge` and
    `window_discharge` are the two passes through the efficiency window.
    """

    serial: str
    judges_capacity: bool = False
    trips: int = 0
    earlier_trips: int = 0
    full: Tally | None = None
    empty: Tally | None = None
    usable_ah: float | None = None
    usable_uncertainty_ah: float = 0.0
    window_start: Tally | None = None
    window_charge: Tally | None = None
    window_discharge: Tally | None = None
    firmware: dict[str, str] = field(default_factory=dict)

    @property
    def may_be_locked_out(self) -> bool:
        """Tell whether four trips may stand in a row (manual section 11, C16)."""
        return self.trips + self.earlier_trips >= _LOCKOUT_TRIPS
