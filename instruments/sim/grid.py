"""The plant's time grid: from its state alone, so that no reader changes it (R7).

Fine after an edge and where the voltage moves, coarse where nothing happens
(model.md 3.2). The allowed steps are few, so that cells can keep their decays.
"""

from __future__ import annotations

from bisect import bisect_right

from instruments.sim.busbar import Busbar

GRIDS_US = (100_000, 250_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 30_000_000)
FINEST_IDLE_US = 250_000
COARSEST_ACTIVE_US = 1_000_000
COARSEST_CV_US = 250_000
AGE_SHARE = 8
"""The step is at most this fraction of the time since the last edge."""
STEP_V = 0.005
"""The pack may move by this much [V] in one step before the grid gets finer."""


class Grid:
    """Chooses the next step; `edge_us` is when currents or contactors last jumped."""

    __slots__ = ("_emf_v", "edge_us", "step_us")

    def __init__(self, emf_v: float) -> None:
        self.edge_us = 0
        self.step_us = FINEST_IDLE_US
        self._emf_v = emf_v

    def choose_us(self, now_us: int, emf_v: float, busbar: Busbar) -> int:
        """Choose the next step [µs] of a plant whose module has this voltage now."""
        wanted_us = (now_us - self.edge_us) // AGE_SHARE
        if busbar.conducting():
            drifting = busbar.regulates_voltage()
            coarsest_us = COARSEST_CV_US if drifting else COARSEST_ACTIVE_US
            wanted_us = min(wanted_us, coarsest_us)
            moved_v = abs(emf_v - self._emf_v)
            if moved_v > STEP_V:
                wanted_us = min(wanted_us, int(self.step_us * STEP_V / moved_v))
        else:
            wanted_us = max(wanted_us, FINEST_IDLE_US)
        self._emf_v = emf_v
        self.step_us = GRIDS_US[max(0, bisect_right(GRIDS_US, wanted_us) - 1)]
        return self.step_us
