"""The busbar over time: held currents, integration, voltages that can be seen.

Currents are held from one solution to the next. Only `integrate` and `solve` change
the state; everything else looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from instruments.sim.circuit import (
    CV,
    FixtureState,
    LoadState,
    Solution,
    SupplyState,
    solve,
)
from instruments.sim.defects import Fault
from instruments.sim.ledger import Ledger
from instruments.sim.module import SimModule

US = 1e-6
CONDUCTING_A = 0.2


@dataclass(frozen=True, slots=True)
class FixtureParameters:
    """Resistances and delays of the fixture, DIP codes that it gives the peers."""

    ambient_c: float
    lead_ohm: float
    link_ohm: float
    bar_ohm: float
    bleeder_ohm: float
    bench_tau_s: float
    contactor_close_us: int
    contactor_open_us: int
    dip_module_leads: dict[str, int]
    dip_peer_leads: dict[str, int]


class Busbar:
    """Supply, load, bleeder, module under test and peers on two nodes."""

    def __init__(
        self,
        modules: Sequence[SimModule],
        parameters: FixtureParameters,
        faults: Sequence[Fault],
    ) -> None:
        self.modules = tuple(modules)
        self.parameters = parameters
        self.supply = SupplyState()
        self.load = LoadState()
        self.fixture = FixtureState()
        self.books = Ledger()
        self.t_us = 0
        self._by_name = {module.name: module for module in modules}
        self._module = self._by_name["module"]
        self._others_a = [0.0] * (len(self.modules) - 1)
        self._faults = tuple(faults)
        self._joined: list[tuple[SimModule, float]] = []
        self._solution = Solution(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, "off", ())
        self._bench_from = (0.0, 0)

    def integrate(self, now_us: int) -> None:
        """Let the held currents flow until now, and book the energies.

        A module whose contactor is open moves on its own coarse grid.
        """
        dt_s = (now_us - self.t_us) * US
        if dt_s <= 0.0:
            return
        self.t_us = now_us
        node_vs = None
        for module in self.modules:
            if module.contactor.closed:
                terminal_vs = module.integrate(now_us)
                if module is self._module:
                    node_vs = terminal_vs
            elif module.idle_due(now_us):
                module.integrate(now_us)
        self._book(dt_s, node_vs)

    def solve(self, now_us: int) -> list[float]:
        """Find the currents that flow from now on; return each module's current."""
        bench_v = self.bench_v(now_us)
        self._joined = joined = self._join()
        sources = [(m.emf_v, m.resistance_ohm + link) for m, link in joined]
        solution = solve(
            self.supply,
            self.load,
            self.fixture.contactor_closed,
            sources,
            self.parameters.lead_ohm,
            self.parameters.bleeder_ohm,
        )
        self._solution = solution
        if solution.bench_v == 0.0:
            self._bench_from = (0.0 if self.load.input_on else bench_v, now_us)
        supply, load = self.supply, self.load
        supply.meas_v = load.meas_v = self.bench_v(now_us)
        supply.meas_a = solution.supply_a
        supply.regulation = solution.regulation
        load.meas_a = solution.load_a
        if len(joined) == 1 and joined[0][0] is self.modules[0]:
            return [solution.source_a[0], *self._others_a]
        flowing = dict.fromkeys(self._by_name, 0.0)
        for (module, _), current_a in zip(joined, solution.source_a, strict=True):
            flowing[module.name] = current_a
        return list(flowing.values())

    def conducting(self) -> bool:
        """Tell whether current worth a fine grid flows anywhere."""
        for module in self.modules:
            if not -CONDUCTING_A <= module.current_a <= CONDUCTING_A:
                return True
        return False

    def regulates_voltage(self) -> bool:
        """Tell whether supply or load holds a voltage, so that currents drift."""
        load = self.load
        return self._solution.regulation == CV or (
            load.input_on and load.mode == "voltage"
        )

    def bench_v(self, now_us: int) -> float:
        """Read the voltage on the bench side of the fixture contactor [V]."""
        driven_v = self._solution.bench_v
        if driven_v != 0.0:
            return driven_v
        start_v, start_us = self._bench_from
        if start_v == 0.0 or self.has_fault("bleeder_open", now_us):
            return start_v
        return start_v * exp((start_us - now_us) * US / self.parameters.bench_tau_s)

    def module_v(self, now_us: int) -> float:
        """Read the voltage at the terminals of the module under test [V]."""
        if self._joined:
            return self._solution.module_v
        if self.fixture.contactor_closed:
            return self.bench_v(now_us)
        return self._module.remnant_v(now_us)

    def peer_v(self, name: str, now_us: int) -> float:
        """Read the voltage at the terminals of a peer [V]."""
        peer = self._by_name[name]
        for module, link_ohm in self._joined:
            if module is peer:
                return self._solution.module_v - link_ohm * peer.current_a
        if peer.contactor.closed:
            return peer.emf_v
        if getattr(self.fixture, f"{name}_contactor"):
            return self.module_v(now_us)
        return peer.remnant_v(now_us)

    def has_fault(self, name: str, now_us: int) -> bool:
        """Tell whether a fault of the fixture acts now."""
        return any(f.name == name and f.from_us <= now_us for f in self._faults)

    def begin_fault(self, name: str) -> None:
        """Let a fault of the fixture act from the last grid point on."""
        if not self.has_fault(name, self.t_us):
            self._faults += (Fault("fixture", name, self.t_us * US),)

    def _book(self, dt_s: float, node_vs: float | None) -> None:
        solution, lead_ohm = self._solution, self.parameters.lead_ohm
        if solution.bench_v == 0.0 and not self._joined:
            return
        bench_vs = solution.bench_v * dt_s
        if self._joined and self.fixture.contactor_closed:
            if node_vs is None:
                node_vs = solution.module_v * dt_s
            bench_vs = node_vs + lead_ohm * solution.lead_a * dt_s
        self.books.add(solution, dt_s, bench_vs, lead_ohm)
        for module, link_ohm in self._joined:
            if link_ohm:
                self.books.link_j += link_ohm * module.current_a**2 * dt_s

    def _join(self) -> list[tuple[SimModule, float]]:
        """List the live modules on the module side with their link resistance."""
        joined = []
        fixture, p = self.fixture, self.parameters
        for module in self.modules:
            if not module.contactor.closed:
                continue
            if module is self._module:
                joined.append((module, 0.0))
            elif getattr(fixture, f"{module.name}_contactor"):
                direct = getattr(fixture, f"{module.name}_bar")
                joined.append((module, p.bar_ohm if direct else p.link_ohm))
        return joined
