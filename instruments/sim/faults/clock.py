"""The clock's seam: every wait of the station passes the fault points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from instruments.sim.faults.call import CLOCK
from instruments.sim.faults.points import StationKilled
from instruments.sim.world import World

if TYPE_CHECKING:
    from instruments.clock import StopSwitch
    from instruments.sim.faults.points import FaultPoints


class FaultedWorld(World):
    """A world whose waits are calls; a killed station cannot move it.

    `advance_us` stays free: it is how the world goes on alone.
    """

    def __init__(self, stop: StopSwitch | None, points: FaultPoints) -> None:
        super().__init__(stop)
        self._points = points

    def wait_us(self, duration_us: int) -> None:
        """Let bench time pass [µs] and run what falls due.

        Raises:
            StationKilled: the station is dead.
            StopRequested: a signal asked the run to end.
            FrozenWorldError: waited for nothing too often at one instant.
        """
        self._points.reach(CLOCK, CLOCK, f"wait {duration_us}")
        super().wait_us(duration_us)

    def spend_exchange_us(self, duration_us: int) -> None:
        """Let the latency of one exchange [µs] pass.

        Raises:
            StationKilled: the station is dead.
            FrozenWorldError: too many exchanges at one instant, so time stands still.
        """
        if self._points.killed:
            raise StationKilled
        super().spend_exchange_us(duration_us)
