"""The bench's physics in bench time.

The plant moves on a grid that its own state decides (model.md 3.2, R7): currents are
held over a step, then the busbar is solved anew. A read shows the last grid point and
changes nothing. A change of a setpoint first integrates up to now with the currents
that flowed before it (seams.md 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from instruments.sim.busbar import Busbar, FixtureParameters
from instruments.sim.defects import Fault
from instruments.sim.electronics import Electronics
from instruments.sim.grid import Grid
from instruments.sim.module import SimModule
from instruments.sim.world import PRIORITY_PLANT, Event, World

EDGE_A = 1.0
"""A jump of the current that wakes the BMS and refines the grid."""
MAX_NOTIFY_ROUNDS = 20


class Plant:
    """Supply, load, fixture and modules on one busbar, moved by the world.

    Responders change `supply`, `load` and `fixture` through `change` only. Listeners:
    `on_step()` after every solution, `on_can_frame(module, t_us, id, data)` and
    `on_serial(module, t_us, data)`.
    """

    def __init__(
        self,
        world: World,
        modules: Sequence[SimModule],
        parameters: FixtureParameters,
        faults: Sequence[Fault] = (),
    ) -> None:
        self.world = world
        self.modules = {module.name: module for module in modules}
        self.busbar = Busbar(modules, parameters, faults)
        self.supply = self.busbar.supply
        self.load = self.busbar.load
        self.fixture = self.busbar.fixture
        self.on_step: list[Callable[[], None]] = []
        self._electronics = Electronics(world, self.busbar, self)
        self.on_can_frame = self._electronics.on_can_frame
        self.on_serial = self._electronics.on_serial
        self._module = self.modules["module"]
        self._grid = Grid(self._module.emf_v)
        self._fixture_move: Event | None = None
        self._grid_event: Event | None = None
        self._notifying = False
        self._again = False
        self._module.ntc_mode = self.fixture.ntc_mode
        self._module.ntc_substitute_ohm = self.fixture.ntc_ohm
        if self.busbar.has_fault("contactor_welded", 0):
            self.fixture.contactor_closed = True
        self._electronics.wire()
        self._settle(0)
        for module in modules:
            self._electronics.step(module)

    # -- what can be seen ------------------------------------------------------------

    @property
    def bench_v(self) -> float:
        """Read the voltage on the bench side of the fixture contactor [V]."""
        return self.busbar.bench_v(self.world.t_us)

    @property
    def module_v(self) -> float:
        """Read the voltage at the module's terminals [V]."""
        return self.busbar.module_v(self.world.t_us)

    @property
    def current_a(self) -> float:
        """Read the current into the module under test [A]."""
        return self._module.current_a

    @property
    def peer1_v(self) -> float:
        """Read the voltage at the terminals of peer1 [V]."""
        return self.busbar.peer_v("peer1", self.world.t_us)

    @property
    def peer2_v(self) -> float:
        """Read the voltage at the terminals of peer2 [V]."""
        return self.busbar.peer_v("peer2", self.world.t_us)

    @property
    def case_c(self) -> float:
        """Read the temperature of the module's case [°C]."""
        return self._module.cells.heat.case_c()

    @property
    def ambient_c(self) -> float:
        """Read the temperature of the room [°C]."""
        return self.busbar.parameters.ambient_c

    @property
    def contact_mohm(self) -> float:
        """Read the resistance of the terminal joints [mohm]; negative if reversed."""
        terminals = self._module.terminals
        sign = -1.0 if terminals.reversed_ else 1.0
        return sign * terminals.contact_ohm * 1e3

    @property
    def off_current_ma(self) -> float:
        """Read what the module's BMS takes from its own cells [mA]."""
        terminals = self._module.terminals
        if self._module.awake:
            return terminals.running_current_ma
        return terminals.off_current_ma

    def ledger(self) -> dict[str, float]:
        """Balance the energies [Wh] up to the last grid point (`ledger.Ledger`)."""
        return self.busbar.books.balance(self.busbar.modules)

    # -- what moves it ---------------------------------------------------------------

    def change(self, mutate: Callable[[], None]) -> None:
        """Change a setpoint: integrate up to now, mutate, solve, wake who must see."""
        now_us = self.world.t_us
        self.busbar.integrate(now_us)
        mutate()
        self._grid.edge_us = now_us
        self._drive_fixture(now_us)
        self._electronics.wire()
        self._settle(now_us)

    def catch_up(self) -> None:
        """Integrate up to now where current flows, so that a BMS sees this instant."""
        now_us = self.world.t_us
        if now_us > self.busbar.t_us and self.busbar.conducting():
            self._step(now_us)

    def command_contactor(self, module: SimModule, command: str) -> None:
        """Pulse a coil of a module's contactor; it moves after its delay."""
        due_us = module.contactor.command(command, self.world.t_us)
        if due_us is not None:
            self.world.at_us(due_us, PRIORITY_PLANT, partial(self._actuate, module))

    def _step(self, now_us: int) -> None:
        self.busbar.integrate(now_us)
        self._settle(now_us)

    def _settle(self, now_us: int) -> None:
        """Solve, let the listeners look, and again for what they changed."""
        self._solve(now_us)
        if self._notifying:
            self._again = True
            return
        self._notifying = True
        try:
            for _ in range(MAX_NOTIFY_ROUNDS):
                self._again = False
                for look in self.on_step:
                    look()
                if not self._again:
                    break
        finally:
            self._notifying = False
        self._choose_grid(now_us)

    def _solve(self, now_us: int) -> None:
        flowing = self.busbar.solve(now_us)
        for module, current_a in zip(self.busbar.modules, flowing, strict=True):
            if abs(current_a - module.seen_current_a) > EDGE_A and module.awake:
                self._electronics.wake(module)
            if abs(current_a - module.current_a) > EDGE_A:
                self._grid.edge_us = now_us
            module.current_a = current_a

    def _actuate(self, module: SimModule) -> None:
        now_us = self.world.t_us
        self.busbar.integrate(now_us)
        if module.t_us < now_us:
            module.integrate(now_us)
        if not module.contactor.actuate(now_us):
            return
        if not module.contactor.closed:
            module.opened_us = now_us
        if module.contactor.due_us is not None:  # by a fault it moves back by itself
            self.world.at_us(
                module.contactor.due_us, PRIORITY_PLANT, partial(self._actuate, module)
            )
        self._grid.edge_us = now_us
        self._settle(now_us)
        self._electronics.wake(module)

    # -- grid ------------------------------------------------------------------------

    def _choose_grid(self, now_us: int) -> None:
        """Choose the next step, and make sure it comes."""
        due_us = now_us + self._grid.choose_us(now_us, self._module.emf_v, self.busbar)
        event = self._grid_event
        if event is None or due_us < event.t_us:
            if event is not None:
                self.world.cancel(event)
            self._grid_event = self.world.at_us(due_us, PRIORITY_PLANT, self._on_grid)

    def _on_grid(self) -> None:
        self._grid_event = None
        due_us = self.busbar.t_us + self._grid.step_us
        if self.world.t_us < due_us:
            # A BMS step has moved the plant meanwhile: the next step is not due yet.
            self._grid_event = self.world.at_us(due_us, PRIORITY_PLANT, self._on_grid)
            return
        self._step(self.world.t_us)

    # -- fixture contactor -----------------------------------------------------------

    def _drive_fixture(self, now_us: int) -> None:
        """Start the fixture contactor's movement when its drive has changed."""
        if self._fixture_move is not None:
            self.world.cancel(self._fixture_move)
            self._fixture_move = None
        closing = self.fixture.contactor_drive
        if closing == self.fixture.contactor_closed:
            return
        blocked = "contactor_stuck_open" if closing else "contactor_welded"
        if self.busbar.has_fault(blocked, now_us):
            return
        p = self.busbar.parameters
        delay_us = p.contactor_close_us if closing else p.contactor_open_us
        self._fixture_move = self.world.at_us(
            now_us + delay_us, PRIORITY_PLANT, self._move_fixture
        )

    def _move_fixture(self) -> None:
        self._fixture_move = None
        now_us = self.world.t_us
        self.busbar.integrate(now_us)
        self.fixture.contactor_closed = self.fixture.contactor_drive
        self._grid.edge_us = now_us
        self._settle(now_us)
