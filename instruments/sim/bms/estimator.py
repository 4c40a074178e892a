"""Estimate the state of charge as the module believes it: a count with anchors.

The manual's anchors (L1055; C31): 49.5, 50.5 and 51.0 V while discharging at 0.5C are
0, 5 and 10 %; 54.5 V under standard charge is 98 %; the 10 A tail there is 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.interface import NEVER_US
from instruments.sim.bms.parameters import to_us
from instruments.sim.bms.sense import Sense

_US_PER_H = 3_600_000_000


@dataclass(frozen=True, slots=True)
class EstimatorParameters:
    """Capacity, anchors and their conditions: [module.bms.estimator]."""

    capacity_ah: float
    charge_efficiency: float
    initial_error_pct: float
    soh_pct: float
    empty_v: float
    empty_soc_pct: float
    low_v: float
    low_soc_pct: float
    tenth_v: float
    tenth_soc_pct: float
    blend_v: float
    blend_soc_pct: float
    reference_a: float
    resistance_ohm: float
    cap_above_c: float
    cap_settle_s: float
    high_v: float
    high_soc_pct: float
    high_margin_v: float
    standard_charge_a: float
    tail_a: float
    tail_hold_s: float
    full_soc_pct: float


class Estimator:
    """Count charge and correct the count where the voltage says more."""

    __slots__ = (
        "_before_pct",
        "_charge_pct",
        "_discharge_pct",
        "_discharging_since_us",
        "_high_from_v",
        "_parameters",
        "_settle_us",
        "_tail_hold_us",
        "_tail_since_us",
        "soc_pct",
    )

    def __init__(self, parameters: EstimatorParameters, soc_pct: float) -> None:
        p = self._parameters = parameters
        self.soc_pct = _clamp(soc_pct + p.initial_error_pct, 0.0, p.full_soc_pct)
        self._discharge_pct = 100.0 / (p.capacity_ah * _US_PER_H)
        self._charge_pct = self._discharge_pct * p.charge_efficiency
        self._settle_us = to_us(p.cap_settle_s)
        self._tail_hold_us = to_us(p.tail_hold_s)
        self._high_from_v = p.high_v - p.high_margin_v
        self._tail_since_us = NEVER_US
        self._discharging_since_us = NEVER_US
        self._before_pct = self.soc_pct

    @property
    def soh_pct(self) -> float:
        """Return the state of health [%]; this model never ages."""
        return self._parameters.soh_pct

    def count(self, current_a: float, duration_us: int) -> None:
        """Count the charge of a span during which the current [A] was constant."""
        if current_a > 0.0:
            top = self._parameters.high_soc_pct
            if self.soc_pct < top:
                # Above the anchor only the voltage may say more (C31).
                soc = self.soc_pct + current_a * duration_us * self._charge_pct
                self.soc_pct = soc if soc < top else top
        else:
            soc = self.soc_pct + current_a * duration_us * self._discharge_pct
            self.soc_pct = soc if soc > 0.0 else 0.0

    def anchor(self, sense: Sense) -> None:
        """Correct the count by the anchors that hold at this instant."""
        if sense.charging:
            self._discharging_since_us = NEVER_US
            if sense.terminal_v >= self._high_from_v:
                self._anchor_high(sense)
            else:
                self._tail_since_us = NEVER_US
        elif sense.discharging:
            self._tail_since_us = NEVER_US
            self._anchor_low(sense)
        else:
            self._tail_since_us = self._discharging_since_us = NEVER_US
        self._before_pct = self.soc_pct

    def _anchor_high(self, sense: Sense) -> None:
        p = self._parameters
        if sense.current_a <= p.standard_charge_a:
            self.soc_pct = max(self.soc_pct, p.high_soc_pct)
        if sense.current_a > p.tail_a:
            self._tail_since_us = NEVER_US
            return
        if self._tail_since_us == NEVER_US:
            self._tail_since_us = sense.now_us
        if sense.now_us - self._tail_since_us >= self._tail_hold_us:
            self.soc_pct = p.full_soc_pct

    def _anchor_low(self, sense: Sense) -> None:
        p = self._parameters
        if self._discharging_since_us == NEVER_US:
            self._discharging_since_us = sense.now_us
        equal_v = sense.terminal_v - p.resistance_ohm * (
            sense.current_a + p.reference_a
        )
        if (
            equal_v >= p.blend_v
            or sense.now_us - self._discharging_since_us < self._settle_us
            or sense.temperature_min_c < p.cap_above_c
        ):
            return
        # The map leads down here: the count neither stays above nor runs ahead of it.
        self.soc_pct = min(self._before_pct, self._map_pct(equal_v))

    def _map_pct(self, voltage_v: float) -> float:
        """Map a voltage at 0.5C discharge to SOC [%], between the three low anchors."""
        p = self._parameters
        if voltage_v <= p.empty_v:
            return p.empty_soc_pct
        if voltage_v < p.low_v:
            share = (voltage_v - p.empty_v) / (p.low_v - p.empty_v)
            return p.empty_soc_pct + share * (p.low_soc_pct - p.empty_soc_pct)
        if voltage_v < p.tenth_v:
            share = (voltage_v - p.low_v) / (p.tenth_v - p.low_v)
            return p.low_soc_pct + share * (p.tenth_soc_pct - p.low_soc_pct)
        share = (voltage_v - p.tenth_v) / (p.blend_v - p.tenth_v)
        return p.tenth_soc_pct + share * (p.blend_soc_pct - p.tenth_soc_pct)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
