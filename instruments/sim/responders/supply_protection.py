"""What switches a source off by itself: over-voltage, over-current, silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from instruments.sim.world import PRIORITY_INSTRUMENT, Event, World

if TYPE_CHECKING:
    from instruments.sim.circuit import SupplyState

QUES1_OVER_VOLTAGE = 1 << 0
QUES1_OVER_CURRENT = 1 << 1
QUES1_WATCHDOG = 1 << 11

Trip = Callable[[int], None]


class OutputProtection:
    """OVP and OCP: `look` compares the solved output with them after every plant step.

    Args:
        state: the output.
        world: bench time.
        trip: called with the bit of QUES1 that latches.
        over_voltage_v: OVP level at power-on [V].
    """

    def __init__(
        self, state: SupplyState, world: World, trip: Trip, over_voltage_v: float
    ) -> None:
        self.over_voltage_v = over_voltage_v
        self.over_current = False
        self.delay_s = 0.0
        self._state = state
        self._world = world
        self._trip = trip
        self._since_us = -1

    def restart(self) -> None:
        """Forget that the current was over its limit."""
        self._since_us = -1

    def look(self) -> None:
        """Trip on over-voltage at once, on over-current after its delay."""
        state = self._state
        if not state.output_on:
            return
        if state.meas_v > self.over_voltage_v:
            self._trip(QUES1_OVER_VOLTAGE)
        elif self.over_current:
            self._look_at_current()

    def _look_at_current(self) -> None:
        state = self._state
        if state.priority == "voltage":
            over = state.regulation == "cc"
        else:
            over = abs(state.meas_a) > state.current_limit_a
        if not over:
            self._since_us = -1
        elif self._since_us < 0:
            now_us = self._world.now_us()
            self._since_us = now_us
            due_us = now_us + round(self.delay_s * 1e6)
            self._world.at_us(due_us, PRIORITY_INSTRUMENT, self._current_due)

    def _current_due(self) -> None:
        since_us = self._since_us
        if since_us < 0 or not self._state.output_on:
            return
        if self._world.now_us() - since_us >= round(self.delay_s * 1e6):
            self._trip(QUES1_OVER_CURRENT)


class CommunicationWatchdog:
    """Trips when no message came for its delay; any message feeds it.

    Feeding writes a time stamp only: one pending look at a time finds out, when it is
    due, whether the time really ran out.

    Args:
        world: bench time.
        trip: called with the bit of QUES1 that latches.
    """

    def __init__(self, world: World, trip: Trip) -> None:
        self.armed = False
        self.delay_s = 60
        self.fed_us = 0
        self._world = world
        self._trip = trip
        self._look: Event | None = None

    def set(self, armed: bool, delay_s: int) -> None:
        """Arm or disarm it, with a delay [s]."""
        self.armed = armed
        self.delay_s = delay_s
        self.restart()

    def restart(self) -> None:
        """Look again when the time since the last message would run out."""
        if self._look is not None:
            self._world.cancel(self._look)
            self._look = None
        if self.armed:
            due_us = self.fed_us + self.delay_s * 1_000_000
            due_us = max(due_us, self._world.now_us() + 1)
            self._look = self._world.at_us(due_us, PRIORITY_INSTRUMENT, self._due)

    def _due(self) -> None:
        self._look = None
        if self._world.now_us() - self.fed_us < self.delay_s * 1_000_000:
            self.restart()
        else:
            self._trip(QUES1_WATCHDOG)
