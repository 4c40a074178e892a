"""Open the contactor on over-current, each way, and count it (AL-01, C03, C28)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import Sense

_NEAR_A = 6.0


@dataclass(frozen=True, slots=True)
class OverCurrentParameters:
    """Thresholds and delays of both directions: [module.bms.over_current]."""

    charge_trip_a: float
    charge_delay_s: float
    discharge_trip_a: float
    discharge_delay_s: float
    warn_a: float


class OverCurrent:
    """Watch the current in both directions; keep the counters of registers 75, 76."""

    causes: tuple[str, ...] = ("charge_over_current", "discharge_over_current")

    def __init__(self, parameters: OverCurrentParameters, faults: Faults) -> None:
        self.parameters = parameters
        self._faults = faults
        self._charge = Delay(parameters.charge_delay_s)
        self._discharge = Delay(parameters.discharge_delay_s)
        self.charge_count = 0
        self.discharge_count = 0

    def update(self, sense: Sense) -> str | None:
        """Return the cause when a current was passed for its delay."""
        now_us = sense.now_us
        parameters = self.parameters
        current_a = sense.current_a
        if self._faults.active("directions_swapped", now_us):
            current_a = -current_a
        if self._charge.elapsed(current_a >= parameters.charge_trip_a, now_us):
            return self._act("charge", now_us)
        if self._discharge.elapsed(-current_a >= parameters.discharge_trip_a, now_us):
            return self._act("discharge", now_us)
        return None

    def _act(self, direction: str, now_us: int) -> str | None:
        faults = self._faults
        if faults.active("no_trip", now_us) or faults.active(
            f"no_{direction}_trip", now_us
        ):
            return None
        self._count(direction == "charge", now_us)
        return f"{direction}_over_current"

    def _count(self, charge: bool, now_us: int) -> None:
        faults = self._faults
        if faults.active("no_count", now_us):
            return
        step = 2 if faults.active("counts_twice", now_us) else 1
        both = faults.active("counts_both", now_us)
        to_charge = charge != faults.active("counts_swapped", now_us)
        if to_charge or both:
            self.charge_count += step
        if both or not to_charge:
            self.discharge_count += step

    def near(self, sense: Sense) -> bool:
        """Tell whether a level is near."""
        parameters = self.parameters
        return (
            sense.current_a > parameters.charge_trip_a - _NEAR_A
            or -sense.current_a > parameters.discharge_trip_a - _NEAR_A
        )

    def calm_below_a(self) -> float:
        """Return the current [A], either way, below which nothing is near."""
        parameters = self.parameters
        return min(parameters.charge_trip_a, parameters.discharge_trip_a) - _NEAR_A

    def released(self, cause: str, sense: Sense) -> bool:
        """Tell whether no current flows any more."""
        return not (sense.charging or sense.discharging)

    def warnings(self, sense: Sense) -> tuple[str, ...]:
        """Name the direction whose current is above the warning level."""
        warn_a = self.parameters.warn_a
        if sense.current_a >= warn_a:
            return self.causes[:1]
        return self.causes[1:] if -sense.current_a >= warn_a else ()

    def due_us(self) -> int:
        """Return the end of the first running delay [µs]."""
        return min(self._charge.due_us, self._discharge.due_us)

    def reset(self) -> None:
        """Forget running delays."""
        self._charge.reset()
        self._discharge.reset()
