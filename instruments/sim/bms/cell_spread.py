"""Raise an alarm when the cells of a resting module differ too much (AL-08)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import Sense


@dataclass(frozen=True, slots=True)
class CellSpreadParameters:
    """Limit and times: [module.bms.cell_spread]."""

    limit_v: float
    rest_s: float
    delay_s: float
    release_v: float


class CellSpread:
    """Compare highest and lowest cell while no current flows."""

    def __init__(self, parameters: CellSpreadParameters, faults: Faults) -> None:
        self._parameters = parameters
        self._faults = faults
        self._rest = Delay(parameters.rest_s)
        self._spread = Delay(parameters.delay_s)
        self.active = False

    def update(self, sense: Sense) -> bool:
        """Return whether the alarm stands."""
        resting = not (sense.charging or sense.discharging)
        rested = self._rest.elapsed(resting, sense.now_us)
        if not rested:
            self._spread.reset()
            return self.active
        spread_v = sense.spread_v
        if self._spread.elapsed(spread_v > self._parameters.limit_v, sense.now_us):
            self.active = not self._faults.active("no_alarm", sense.now_us)
        elif spread_v < self._parameters.release_v:
            self.active = False
        return self.active
