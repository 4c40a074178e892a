"""Choose the cells that are bled (IF-09)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults, to_us
from instruments.sim.bms.sense import Sense


@dataclass(frozen=True, slots=True)
class BalancingParameters:
    """Levels and period: [module.bms.balancing]."""

    from_v: float
    over_lowest_v: float
    period_s: float
    while_discharging: bool


class Balancing:
    """Hold the bleed switches; they change at most once a period."""

    def __init__(
        self, parameters: BalancingParameters, faults: Faults, cells: int
    ) -> None:
        self._parameters = parameters
        self._faults = faults
        self._period_us = to_us(parameters.period_s)
        self._none = (False,) * cells
        self._next_us = 0
        self.bleed: tuple[bool, ...] = self._none

    def update(self, sense: Sense) -> None:
        """Choose again if the period is over."""
        if sense.now_us < self._next_us:
            return
        self._next_us = sense.now_us + self._period_us
        p = self._parameters
        allowed = p.while_discharging or not sense.discharging
        if (
            not allowed
            or sense.cell_max_v <= p.from_v
            or self._faults.active("no_bleed", sense.now_us)
        ):
            self.bleed = self._none
            return
        floor_v = max(p.from_v, sense.cell_min_v + p.over_lowest_v)
        self.bleed = tuple(voltage_v > floor_v for voltage_v in sense.cell_v)

    def stop(self) -> None:
        """Open every bleed switch."""
        self.bleed = self._none
        self._next_us = 0
