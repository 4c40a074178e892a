"""The bench's true state over time: when it was dead, and when energy could flow."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

DEAD_V = 1.0
DEAD_A = 0.5


@dataclass(frozen=True, slots=True)
class TruthState:
    """What held from bench time `t_us` on.

    `quiet`: less than 0.5 A through the module; `dark`: less than 1 V on the bench side
    of the fixture contactor.
    """

    t_us: int
    supply_on: bool
    load_on: bool
    fixture_closed: bool
    module_closed: bool
    quiet: bool
    dark: bool

    @property
    def dead(self) -> bool:
        """Tell whether the bench was dead (test-plan.md, Definitions)."""
        return (
            self.dark and self.quiet and not self.fixture_closed and not self.supply_on
        )

    def dead_but(self, role: str) -> bool:
        """Tell whether everything was dead but the one output that sticks on."""
        if role == "supply":
            return self.quiet and not self.fixture_closed and not self.load_on
        if role == "switchbox":
            return self.quiet and not self.supply_on and not self.load_on
        return self.dead

    def same(self, other: TruthState) -> bool:
        """Compare everything but the instant."""
        return (
            self.supply_on == other.supply_on
            and self.load_on == other.load_on
            and self.fixture_closed == other.fixture_closed
            and self.module_closed == other.module_closed
            and self.quiet == other.quiet
            and self.dark == other.dark
        )


def _dead(state: TruthState) -> bool:
    return state.dead


class StateHistory:
    """True states in their order, one for each change."""

    def __init__(self) -> None:
        self.states: list[TruthState] = []

    def add(self, state: TruthState) -> None:
        """Add what holds from now on; of one instant only the last counts."""
        states = self.states
        if states and states[-1].t_us == state.t_us:
            states.pop()
        if not states or not states[-1].same(state):
            states.append(state)

    def first_after_us(
        self, t_us: int, condition: Callable[[TruthState], bool]
    ) -> int | None:
        """Find the first instant [µs], not before `t_us`, at which a condition held."""
        states = self.states
        at = bisect_right(states, t_us, key=attrgetter("t_us"))
        for state in states[max(at - 1, 0) :]:
            if condition(state):
                return max(t_us, state.t_us)
        return None

    def first_dead_after_us(self, t_us: int) -> int | None:
        """Find the first instant [µs], not before `t_us`, with the bench dead."""
        return self.first_after_us(t_us, _dead)

    def live_intervals(self) -> list[tuple[int, int | None]]:
        """List from when to when [µs] the bench was not dead; None is until now."""
        intervals: list[tuple[int, int | None]] = []
        since_us: int | None = None
        for state in self.states:
            if state.dead and since_us is not None:
                intervals.append((since_us, state.t_us))
                since_us = None
            elif not state.dead and since_us is None:
                since_us = state.t_us
        if since_us is not None:
            intervals.append((since_us, None))
        return intervals

    @property
    def dead_since_us(self) -> int | None:
        """Tell since when [µs] the bench is dead, or None if it is not."""
        since_us = None
        for state in reversed(self.states):
            if not state.dead:
                break
            since_us = state.t_us
        return since_us
