"""Sixteen LFP cells in series: equivalent circuit of model.md 2.2.

Each cell is an open-circuit voltage, a resistance with Arrhenius temperature
dependence, two RC elements (exact for a current held over the step), a one-state
hysteresis, an over-potential near full charge that only a charging current builds
up, a leak and a bleed resistor. All cells carry the same current, so the RC,
hysteresis and top-of-charge states are kept once for the string and scaled by each
cell's resistance factor. It is a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asinh, exp, fsum
from operator import mul

from instruments.sim.ocv import (
    HIGHEST_SOC,
    LOWEST_SOC,
    OFFSET,
    SEGMENTS_PER_UNIT,
    OcvTable,
)
from instruments.sim.thermal import HeatBalance

CELLS = 16
TOP_BEGINS_SOC = 0.95
"""Below this state of charge the top-of-charge over-potential is zero (OCV table)."""


@dataclass(frozen=True, slots=True)
class CellParameters:
    """What every cell of a string has; lists hold one number a cell.

    `capacity_ah` is the physical charge between 0 and 100 %; `resistance_scale`
    multiplies all three resistances of the cell; `short_a` is what an inner short
    takes.
    """

    capacity_ah: Sequence[float]
    resistance_scale: Sequence[float]
    r0_ohm: float
    r1_ohm: float
    tau1_s: float
    r2_ohm: float
    tau2_s: float
    hysteresis_v: float
    hysteresis_soc: float
    top_current_a: float
    top_tau_s: float
    leak_a: float
    bleed_ohm: float
    short_a: Sequence[float] = (0.0,) * CELLS


class CellString:
    """State of sixteen cells: charge, polarisation, hysteresis, temperature."""

    __slots__ = (
        "_decay",
        "_decay_dt_s",
        "_drain",
        "_drain_a",
        "_factor_sum",
        "_moved",
        "_over_v",
        "_per_as",
        "_resting_v",
        "_step_soc",
        "drain_j",
        "emf_sum_v",
        "emf_v",
        "factor",
        "heat",
        "hysteresis_v",
        "loss_j",
        "ocv",
        "parameters",
        "resistance_ohm",
        "soc",
        "top",
        "w1_v",
        "w2_v",
    )

    def __init__(
        self,
        parameters: CellParameters,
        ocv: OcvTable,
        heat: HeatBalance,
        soc: Sequence[float],
    ) -> None:
        self.parameters = parameters
        self.ocv = ocv
        self.heat = heat
        self.soc = list(soc)
        self.w1_v = 0.0
        self.w2_v = 0.0
        self.hysteresis_v = 0.0
        self.top = 0.0
        self.emf_v: list[float] = [0.0] * CELLS
        self.emf_sum_v = 0.0
        self.loss_j = 0.0
        self.drain_j = 0.0
        self._resting_v = 0.0
        self._over_v = 0.0
        self._per_as = [1.0 / (3600.0 * ah) for ah in parameters.capacity_ah]
        self._drain: tuple[tuple[bool, ...], float] = ((False,) * CELLS, 0.0)
        self._drain_a = [parameters.leak_a + short_a for short_a in parameters.short_a]
        self._moved: tuple[float, float, object] | None = None
        self._step_soc = [0.0] * CELLS
        self._decay_dt_s = -1.0
        self._decay = (1.0, 1.0, 1.0)
        self.factor: list[float] = []
        self._factor_sum = 0.0
        self.resistance_ohm = 0.0
        self._update_factor()
        self._charge_cells(0.0, 0.0)

    def advance(self, dt_s: float, current_a: float) -> float:
        """Let a current [A, + charging], held constant, flow for a time [s].

        Returns the integral of the string's voltage over that time [Vs].
        """
        p = self.parameters
        if dt_s != self._decay_dt_s:
            self._decay_dt_s = dt_s
            self._decay = (
                exp(-dt_s / p.tau1_s),
                exp(-dt_s / p.tau2_s),
                exp(-dt_s / p.top_tau_s),
            )
        decay1, decay2, decay3 = self._decay
        w1, w2, top = self.w1_v, self.w2_v, self.top
        resting_v = self._resting_v
        goal1, goal2 = p.r1_ohm * current_a, p.r2_ohm * current_a
        self.w1_v = goal1 + (w1 - goal1) * decay1
        self.w2_v = goal2 + (w2 - goal2) * decay2
        goal3 = asinh(current_a / p.top_current_a) if current_a > 0.0 else 0.0
        self.top = goal3 + (top - goal3) * decay3
        if current_a:
            self._hysteresis(dt_s, current_a)
        over_v = self._over_v
        self._charge_cells(dt_s, current_a)
        over_vs = 0.5 * (over_v + self._over_v) * dt_s
        # The RC elements are integrated exactly, the rest by the trapezoidal rule,
        # so that the ledger closes whatever the grid.
        polarisation_vs = (
            (goal1 + goal2 + p.r0_ohm * current_a) * dt_s
            - p.tau1_s * (self.w1_v - w1)
            - p.tau2_s * (self.w2_v - w2)
        ) * self._factor_sum
        rest_vs = 0.5 * (resting_v + self._resting_v) * dt_s
        string_vs = rest_vs + polarisation_vs
        self.loss_j += current_a * (polarisation_vs + over_vs)
        if self.heat.gather(dt_s, current_a, self):
            self._update_factor()
        return string_vs

    def cell_voltages(self, current_a: float) -> list[float]:
        """Calculate the sixteen cell voltages [V] at a current [A]."""
        drop_v = self.parameters.r0_ohm * current_a
        return [e + f * drop_v for e, f in zip(self.emf_v, self.factor, strict=True)]

    def set_drain(self, bleed: Sequence[bool], consumption_a: float) -> None:
        """Switch the balancing resistors, and set what the BMS itself takes [A]."""
        drain = (tuple(bleed), consumption_a)
        if drain == self._drain:
            return
        self._drain = drain
        p = self.parameters
        common_a = p.leak_a + consumption_a
        self._drain_a = [
            common_a + (v / p.bleed_ohm if on else 0.0) + short_a
            for on, v, short_a in zip(bleed, self.emf_v, p.short_a, strict=True)
        ]

    def stored_j(self) -> float:
        """Calculate the energy stored [J] from the states of charge alone."""
        total = 0.0
        for soc, ah in zip(self.soc, self.parameters.capacity_ah, strict=True):
            total += ah * 3600.0 * self.ocv.stored_v(soc)
        return total

    def _hysteresis(self, dt_s: float, current_a: float) -> None:
        p = self.parameters
        goal_v = p.hysteresis_v if current_a > 0.0 else -p.hysteresis_v
        moved = abs(current_a) * dt_s * self._per_as[0] / p.hysteresis_soc
        self.hysteresis_v = goal_v + (self.hysteresis_v - goal_v) * exp(-moved)

    def _charge_cells(self, dt_s: float, current_a: float) -> None:
        """Move every cell's charge and voltage, and the sums over the string."""
        lowest, highest = min(self.soc), max(self.soc)
        margin = 0.002 + abs(current_a) * dt_s * self._per_as[0] * 1.5
        if lowest - margin < LOWEST_SOC or highest + margin > HIGHEST_SOC:
            ocv_sum_v, top_sum_v, drain_v = self._loop_clamped(dt_s, current_a)
        elif highest + margin < TOP_BEGINS_SOC:
            ocv_sum_v, top_sum_v, drain_v = self._loop_plain(dt_s, current_a)
        else:
            ocv_sum_v, top_sum_v, drain_v = self._loop_top(dt_s, current_a)
        self.drain_j += drain_v * dt_s
        self._over_v = top_sum_v + CELLS * self.hysteresis_v
        self._resting_v = ocv_sum_v + self._over_v
        self.emf_sum_v = self._resting_v + self._factor_sum * (self.w1_v + self.w2_v)

    def _loop_plain(self, dt_s: float, current_a: float) -> tuple[float, float, float]:
        a, b = self.ocv.a, self.ocv.b
        w_v, h_v = self.w1_v + self.w2_v, self.hysteresis_v
        scale, offset = float(SEGMENTS_PER_UNIT), float(OFFSET)
        moved = (dt_s, current_a, self._drain)
        if moved != self._moved:  # in constant current every step is like the last
            self._moved = moved
            self._step_soc = [
                (current_a - drain) * dt_s * per_as
                for drain, per_as in zip(self._drain_a, self._per_as, strict=True)
            ]
        soc = [s + ds for s, ds in zip(self.soc, self._step_soc, strict=True)]
        ocv_v = [a[j := int(s * scale + offset)] + b[j] * s for s in soc]
        self.soc = soc
        self.emf_v = [
            v + h_v + f * w_v for v, f in zip(ocv_v, self.factor, strict=True)
        ]
        drain_w = fsum(map(mul, self._drain_a, ocv_v))
        return fsum(ocv_v), 0.0, drain_w

    def _loop_top(self, dt_s: float, current_a: float) -> tuple[float, float, float]:
        a, b = self.ocv.a, self.ocv.b
        top_a, top_b = self.ocv.top_a, self.ocv.top_b
        w_v, h_v, top = self.w1_v + self.w2_v, self.hysteresis_v, self.top
        soc: list[float] = []
        emf: list[float] = []
        ocv_sum_v = top_sum_v = drain_w = 0.0
        for s, per_as, drain, f in zip(
            self.soc, self._per_as, self._drain_a, self.factor, strict=True
        ):
            s += (current_a - drain) * dt_s * per_as
            j = int(s * SEGMENTS_PER_UNIT + OFFSET)
            v = a[j] + b[j] * s
            over_v = (top_a[j] + top_b[j] * s) * top
            ocv_sum_v += v
            top_sum_v += over_v
            drain_w += drain * v
            soc.append(s)
            emf.append(v + over_v + h_v + f * w_v)
        self.soc = soc
        self.emf_v = emf
        return ocv_sum_v, top_sum_v, drain_w

    def _loop_clamped(
        self, dt_s: float, current_a: float
    ) -> tuple[float, float, float]:
        """Do the same where a cell leaves the table: its last segments extend."""
        table = self.ocv
        w_v, h_v, top = self.w1_v + self.w2_v, self.hysteresis_v, self.top
        ocv_sum_v = top_sum_v = drain_w = 0.0
        for i in range(CELLS):
            drain = self._drain_a[i]
            s = self.soc[i] + (current_a - drain) * dt_s * self._per_as[i]
            j = table.segment(s)
            v = table.a[j] + table.b[j] * s
            over_v = (table.top_a[j] + table.top_b[j] * s) * top
            ocv_sum_v += v
            top_sum_v += over_v
            drain_w += drain * v
            self.soc[i] = s
            self.emf_v[i] = v + over_v + h_v + self.factor[i] * w_v
        return ocv_sum_v, top_sum_v, drain_w

    def _update_factor(self) -> None:
        """Follow the temperatures with the resistances, and keep the sums right."""
        scales = self.parameters.resistance_scale
        self.factor = [
            scale * arrhenius
            for scale, arrhenius in zip(scales, self.heat.arrhenius(), strict=True)
        ]
        total = 0.0
        for factor in self.factor:
            total += factor
        self._factor_sum = total
        self.resistance_ohm = total * self.parameters.r0_ohm
        self.emf_sum_v = self._resting_v + total * (self.w1_v + self.w2_v)
