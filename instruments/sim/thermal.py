"""Temperature of sixteen cells: Joule and entropic heat, neighbours, surroundings.

Charge and squared current are gathered at every electrical step; the temperatures
move on their own coarser grid, because they change by millikelvins a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Protocol

from instruments.sim.ocv import OcvTable

KELVIN = 273.15
REFERENCE_K = 298.15
GAS_CONSTANT_J_PER_MOLK = 8.314462618


@dataclass(frozen=True, slots=True)
class ThermalParameters:
    """Heat capacity a cell, conductances, activation energy of the resistance.

    `case_share` is how much of the cells' rise over ambient the case shows.
    """

    heat_capacity_j_per_k: float
    neighbour_w_per_k: float
    ambient_w_per_k: float
    activation_j_per_mol: float
    case_share: float
    step_s: float


class HeatSource(Protocol):
    """What the heat balance reads from the cells when it moves."""

    soc: list[float]
    factor: list[float]
    w1_v: float
    w2_v: float
    hysteresis_v: float
    top: float
    ocv: OcvTable


class HeatBalance:
    """Temperatures [°C] of the cells of one string."""

    __slots__ = ("_aas", "_as", "_s", "ambient_c", "cell_c", "parameters", "r0_ohm")

    def __init__(
        self,
        parameters: ThermalParameters,
        r0_ohm: float,
        cell_c: Sequence[float],
        ambient_c: float,
    ) -> None:
        self.parameters = parameters
        self.r0_ohm = r0_ohm
        self.cell_c = list(cell_c)
        self.ambient_c = ambient_c
        self._s = 0.0
        self._as = 0.0
        self._aas = 0.0

    def gather(self, dt_s: float, current_a: float, cells: HeatSource) -> bool:
        """Add one electrical step; tell whether the temperatures moved."""
        self._s += dt_s
        self._as += current_a * dt_s
        self._aas += current_a * current_a * dt_s
        if self._s < self.parameters.step_s:
            return False
        self._move(cells)
        self._s = self._as = self._aas = 0.0
        return True

    def arrhenius(self) -> list[float]:
        """Calculate each cell's resistance relative to 25 °C."""
        scale = self.parameters.activation_j_per_mol / GAS_CONSTANT_J_PER_MOLK
        return [
            exp(scale * (1.0 / (celsius + KELVIN) - 1.0 / REFERENCE_K))
            for celsius in self.cell_c
        ]

    def case_c(self) -> float:
        """Calculate the temperature of the case [°C]."""
        total = 0.0
        for celsius in self.cell_c:
            total += celsius
        mean_c = total / len(self.cell_c)
        return self.ambient_c + (mean_c - self.ambient_c) * self.parameters.case_share

    def _move(self, cells: HeatSource) -> None:
        heat_w = self._heat_w(cells)
        # Explicit steps stay stable well below the cell's own time constant.
        pieces = 1 + int(self._s / 60.0)
        dt_s = self._s / pieces
        for _ in range(pieces):
            self._step(dt_s, heat_w)

    def _heat_w(self, cells: HeatSource) -> list[float]:
        current_a = self._as / self._s
        squared = self._aas / self._s
        resistive_w = self.r0_ohm * squared + (cells.w1_v + cells.w2_v) * current_a
        table = cells.ocv
        heat_w = []
        for soc, factor, celsius in zip(
            cells.soc, cells.factor, self.cell_c, strict=True
        ):
            j = table.segment(soc)
            over_v = cells.hysteresis_v
            over_v += (table.top_a[j] + table.top_b[j] * soc) * cells.top
            over_v += table.du_dt_v_per_k[j] * (celsius + KELVIN)
            heat_w.append(factor * resistive_w + over_v * current_a)
        return heat_w

    def _step(self, dt_s: float, heat_w: Sequence[float]) -> None:
        p = self.parameters
        old = self.cell_c
        gain = dt_s / p.heat_capacity_j_per_k
        last = len(old) - 1
        moved = []
        for i, celsius in enumerate(old):
            left = old[i - 1] if i else celsius
            right = old[i + 1] if i < last else celsius
            flow_w = p.neighbour_w_per_k * (left + right - 2.0 * celsius)
            flow_w += p.ambient_w_per_k * (self.ambient_c - celsius)
            moved.append(celsius + gain * (heat_w[i] + flow_w))
        self.cell_c = moved
