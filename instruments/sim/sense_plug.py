"""The plug of the cell sense wires: seventeen taps of the string at sixteen inputs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

RANGE_V = 5.0
"""Assumed: an input shows nothing below zero and nothing above this."""


@dataclass(frozen=True, slots=True)
class SensePlug:
    """How the sense wires are put in; 0 means that this fault is not there.

    Args:
        swapped_tap: this tap and the next one are exchanged (1 lies above cell 1).
        open_tap: the wire of this tap hangs free; its input is drawn to the tap below.
        crossed_cell: the wire pairs of this cell and the next one are exchanged.
    """

    swapped_tap: int
    open_tap: int
    crossed_cell: int

    @property
    def sound(self) -> bool:
        """Tell whether every wire is where it belongs."""
        return not (self.swapped_tap or self.open_tap or self.crossed_cell)

    def carry(self, true_v: list[float]) -> list[float]:
        """Carry the cell voltages [V] to the inputs."""
        if self.sound:
            return true_v
        seen_v = list(true_v)
        if self.crossed_cell:
            k = self.crossed_cell - 1
            seen_v[k], seen_v[k + 1] = seen_v[k + 1], seen_v[k]
        if not (self.swapped_tap or self.open_tap):
            return seen_v
        taps_v = [0.0]
        for cell_v in seen_v:
            taps_v.append(taps_v[-1] + cell_v)
        if self.swapped_tap:
            k = self.swapped_tap
            taps_v[k], taps_v[k + 1] = taps_v[k + 1], taps_v[k]
        if self.open_tap:
            taps_v[self.open_tap] = taps_v[self.open_tap - 1]
        return [
            min(max(above_v - below_v, 0.0), RANGE_V)
            for below_v, above_v in pairwise(taps_v)
        ]
