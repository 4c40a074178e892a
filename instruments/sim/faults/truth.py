"""What really happened on the simulated bench, whatever the station believes.

Listens to the plant after each of its steps and to every message on its way to an
instrument. It reads only: a run with it is the run without it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from instruments.sim.faults.excursions import CeilingViolation, Excursions
from instruments.sim.faults.history import (
    DEAD_A,
    DEAD_V,
    StateHistory,
    TruthState,
)
from instruments.sim.faults.messages import MessageTruth
from instruments.sim.faults.writes import EnergisingWrite

if TYPE_CHECKING:
    from instruments.sim.plant import Plant


class TracePoint(NamedTuple):
    """True values after one step of the plant; current is + into the module."""

    t_us: int
    terminal_v: float
    current_a: float
    bench_v: float
    highest_cell_v: float
    lowest_cell_v: float


@dataclass(frozen=True, slots=True)
class Opening:
    """The module's contactor opened: what there was in the instant before."""

    t_us: int
    terminal_v: float
    current_a: float
    highest_cell_v: float
    lowest_cell_v: float
    supply_on: bool
    load_on: bool
    fixture_closed: bool


class Truth:
    """The account of one world.

    Args:
        plant: whose state it is.
        lines: line of the fixture by channel of the switchbox.

    Attributes:
        trace: one point for each step of the plant.
        openings: of the contactor of the module under test.
        messages: what the station's messages do.
    """

    def __init__(self, plant: Plant, lines: Mapping[int, str]) -> None:
        self.trace: list[TracePoint] = []
        self.openings: list[Opening] = []
        self._plant = plant
        self._module = plant.modules["module"]
        self._history = StateHistory()
        self._excursions = Excursions()
        self.messages = MessageTruth(plant, lines)
        self._dark_due_us: int | None = None
        plant.on_step.append(self._on_step)
        self._on_step()

    # -- what can be asked ---------------------------------------------------------

    @property
    def states(self) -> list[TruthState]:
        """List the bench's states, one for each change, up to now."""
        self.look()
        return self._history.states

    @property
    def violations(self) -> list[CeilingViolation]:
        """List the excursions past a ceiling."""
        return self._excursions.found

    @property
    def dead_now(self) -> bool:
        """Tell whether the bench is dead now."""
        return self.states[-1].dead

    @property
    def dead_since_us(self) -> int | None:
        """Tell since when [µs] the bench is dead, or None if it is not."""
        self.look()
        return self._history.dead_since_us

    def first_dead_after_us(self, t_us: int) -> int | None:
        """Find the first instant [µs], not before `t_us`, with the bench dead."""
        self.look()
        return self._history.first_dead_after_us(t_us)

    def first_after_us(
        self, t_us: int, condition: Callable[[TruthState], bool]
    ) -> int | None:
        """Find the first instant [µs], not before `t_us`, at which a condition held."""
        self.look()
        return self._history.first_after_us(t_us, condition)

    def live_intervals(self) -> list[tuple[int, int | None]]:
        """List from when to when [µs] the bench was not dead; None is until now."""
        self.look()
        return self._history.live_intervals()

    @property
    def writes(self) -> list[EnergisingWrite]:
        """List the messages that could have energised."""
        return self.messages.writes

    def writes_after(self, t_us: int) -> list[EnergisingWrite]:
        """List what could have energised from bench time [µs] on."""
        return [write for write in self.writes if write.t_us >= t_us]

    def at(self, t_us: int) -> TracePoint:
        """Take the last point of the trace that is not after bench time [µs]."""
        after = bisect_right(self.trace, t_us, key=attrgetter("t_us"))
        return self.trace[max(after - 1, 0)]

    def look(self) -> None:
        """Take what has happened since the plant's last step: the bleeder's work."""
        due_us, now_us = self._dark_due_us, self._plant.world.t_us
        if due_us is not None and due_us <= now_us:
            self._dark_due_us = None
            self._history.add(self._state(due_us, dark=True))

    # -- the plant -----------------------------------------------------------------

    def _on_step(self) -> None:
        plant, module = self._plant, self._module
        self.look()
        now_us = plant.world.t_us
        cells_v = module.cell_v
        point = TracePoint(
            now_us,
            plant.module_v,
            module.current_a,
            plant.bench_v,
            max(cells_v),
            min(cells_v),
        )
        states = self._history.states
        if states and states[-1].module_closed and not module.contactor.closed:
            self._note_opening(now_us)
        self._excursions.look(
            now_us,
            point.terminal_v,
            point.current_a,
            point.highest_cell_v,
            point.lowest_cell_v,
            max(module.cells.heat.cell_c),
        )
        self.trace.append(point)
        dark = -DEAD_V < point.bench_v < DEAD_V
        self._history.add(self._state(now_us, dark))
        self._dark_due_us = None if dark else self._dark_from_us(now_us, point.bench_v)

    def _state(self, t_us: int, dark: bool) -> TruthState:
        plant = self._plant
        return TruthState(
            t_us,
            plant.supply.output_on,
            plant.load.input_on,
            plant.fixture.contactor_closed,
            self._module.contactor.closed,
            -DEAD_A < self._module.current_a < DEAD_A,
            dark,
        )

    def _dark_from_us(self, now_us: int, bench_v: float) -> int | None:
        """Calculate when the bleeder will have emptied a bench side left alone."""
        plant = self._plant
        if plant.supply.output_on or plant.fixture.contactor_closed:
            return None
        if plant.busbar.has_fault("bleeder_open", now_us):
            return None
        tau_us = plant.busbar.parameters.bench_tau_s * 1e6
        return now_us + int(tau_us * log(abs(bench_v) / DEAD_V)) + 1

    def _note_opening(self, now_us: int) -> None:
        """Keep the values with the current that flowed until now."""
        plant, module = self._plant, self._module
        current_a = self.trace[-1].current_a
        sign = -1.0 if module.terminals.reversed_ else 1.0
        cells_v = module.cells.cell_voltages(sign * current_a)
        self.openings.append(
            Opening(
                now_us,
                module.emf_v + module.resistance_ohm * current_a,
                current_a,
                max(cells_v),
                min(cells_v),
                plant.supply.output_on,
                plant.load.input_on,
                plant.fixture.contactor_closed,
            )
        )
