"""Open the contactor on under-voltage of the pack or of a cell (EL-09, AL-05)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import Sense

_NEAR_PACK_V = 0.6
_NEAR_CELL_V = 0.15


@dataclass(frozen=True, slots=True)
class UnderVoltageParameters:
    """Thresholds, delays and release levels: [module.bms.under_voltage]."""

    pack_trip_v: float
    pack_delay_s: float
    cell_trip_v: float
    cell_delay_s: float
    pack_release_v: float
    cell_release_v: float
    warn_v: float
    trips_while_charging: bool


class UnderVoltage:
    """Watch the pack sum and the lowest cell; whichever acts first opens.

    While the module is being charged the rule waits (manual section 7 row 5: the relay
    opens when discharging), otherwise an empty module could never be forced up.
    """

    causes: tuple[str, ...] = ("under_voltage",)

    def __init__(self, parameters: UnderVoltageParameters, faults: Faults) -> None:
        self.parameters = parameters
        self._faults = faults
        self._pack = Delay(parameters.pack_delay_s)
        self._cell = Delay(parameters.cell_delay_s)
        self._near_pack_v = parameters.pack_trip_v + _NEAR_PACK_V
        self._near_cell_v = parameters.cell_trip_v + _NEAR_CELL_V

    def update(self, sense: Sense) -> str | None:
        """Return the cause when a level was passed for its delay."""
        now_us = sense.now_us
        parameters = self.parameters
        armed = parameters.trips_while_charging or not sense.charging
        pack = self._pack.elapsed(
            armed and sense.pack_v <= parameters.pack_trip_v, now_us
        )
        cell = self._cell.elapsed(
            armed and sense.cell_min_v <= parameters.cell_trip_v, now_us
        )
        if pack and not self._faults.active("no_pack_trip", now_us):
            return self._act(now_us)
        if cell and not self._faults.active("no_cell_trip", now_us):
            return self._act(now_us)
        return None

    def _act(self, now_us: int) -> str | None:
        return None if self._faults.active("no_trip", now_us) else self.causes[0]

    def near(self, sense: Sense) -> bool:
        """Tell whether a level is near."""
        return sense.pack_v < self._near_pack_v or sense.cell_min_v < self._near_cell_v

    def calm_above(self) -> tuple[float, float]:
        """Return pack and cell voltage [V] above which nothing is near."""
        return self._near_pack_v, self._near_cell_v

    def released(self, cause: str, sense: Sense) -> bool:
        """Tell whether pack and cells are above their release levels."""
        parameters = self.parameters
        return (
            sense.pack_v > parameters.pack_release_v
            and sense.cell_min_v > parameters.cell_release_v
        )

    def below_release(self, sense: Sense) -> bool:
        """Tell whether the pack is below release: forced charge is due (C27)."""
        return sense.pack_v <= self.parameters.pack_release_v

    def warnings(self, sense: Sense) -> tuple[str, ...]:
        """Name the warning while the pack is below the warning level."""
        return self.causes if sense.pack_v <= self.parameters.warn_v else ()

    def due_us(self) -> int:
        """Return the end of the first running delay [µs]."""
        return min(self._pack.due_us, self._cell.due_us)

    def reset(self) -> None:
        """Forget running delays."""
        self._pack.reset()
        self._cell.reset()
