"""Where the energy went: supply, load, cells and every resistance on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from instruments.sim.circuit import Solution
from instruments.sim.module import SimModule

J_PER_WH = 3600.0


@dataclass(slots=True)
class Ledger:
    """Energies [J] of the busbar, summed step by step with the held currents."""

    supply_j: float = 0.0
    load_j: float = 0.0
    bleeder_j: float = 0.0
    lead_j: float = 0.0
    link_j: float = 0.0

    def add(
        self, solution: Solution, dt_s: float, bench_vs: float, lead_ohm: float
    ) -> None:
        """Add one step: `bench_vs` is the integral of the bench-side voltage [Vs]."""
        self.supply_j += solution.supply_a * bench_vs
        self.load_j += solution.load_a * bench_vs
        self.bleeder_j += solution.bleeder_a * bench_vs
        self.lead_j += lead_ohm * solution.lead_a * solution.lead_a * dt_s

    def balance(self, modules: Iterable[SimModule]) -> dict[str, float]:
        """Sum up in [Wh]; `error_wh` is what the parts do not explain."""
        stored_j = cells_j = pack_j = drain_j = 0.0
        for module in modules:
            stored_j += module.stored_j()
            cells_j += module.cells.loss_j
            pack_j += module.pack_loss_j
            drain_j += module.cells.drain_j
        heat_j = cells_j + pack_j + drain_j
        heat_j += self.bleeder_j + self.lead_j + self.link_j
        error_j = self.supply_j - self.load_j - stored_j - heat_j
        parts = {
            "supply_wh": self.supply_j,
            "load_wh": self.load_j,
            "stored_wh": stored_j,
            "cells_heat_wh": cells_j,
            "pack_heat_wh": pack_j,
            "drain_heat_wh": drain_j,
            "bleeder_heat_wh": self.bleeder_j,
            "lead_heat_wh": self.lead_j,
            "link_heat_wh": self.link_j,
            "error_wh": error_j,
        }
        return {name: joule / J_PER_WH for name, joule in parts.items()}
