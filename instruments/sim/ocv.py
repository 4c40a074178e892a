"""Open-circuit voltage of one LFP cell over its state of charge.

The table is piecewise linear and stored on a uniform 0.5 % grid of its own, so that
one multiplication finds the segment. It is a model: a public LFP curve (BPX example
of the Faraday Institution, model.md 2.1) with a softened upper knee and an
overcharge branch to 103 % (test plan, "The model must allow the plan").
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

SEGMENTS_PER_UNIT = 200
LOWEST_SOC = -0.02
HIGHEST_SOC = 1.04
OFFSET = 4
"""Segments below 0 %: `LOWEST_SOC` times `SEGMENTS_PER_UNIT`, positive."""


@dataclass(frozen=True, slots=True)
class OcvTable:
    """Value and slope per segment: ``a[j] + b[j] * soc``, j = int(soc*200 + 4).

    `top_a`, `top_b` give the over-potential [V] near full charge that one unit of
    the top-of-charge state adds. `du_dt_v_per_k` is the entropic coefficient.
    """

    a: Sequence[float]
    b: Sequence[float]
    top_a: Sequence[float]
    top_b: Sequence[float]
    du_dt_v_per_k: Sequence[float]
    energy_v: Sequence[float]

    def segment(self, soc: float) -> int:
        """Find the segment of a state of charge; the last ones extend outwards."""
        index = int(soc * SEGMENTS_PER_UNIT + OFFSET)
        return max(0, min(index, len(self.a) - 1))

    def ocv_v(self, soc: float) -> float:
        """Calculate the open-circuit voltage [V] at a state of charge [0..1]."""
        j = self.segment(soc)
        return self.a[j] + self.b[j] * soc

    def stored_v(self, soc: float) -> float:
        """Integrate the open-circuit voltage over charge from `LOWEST_SOC` [V].

        Times the capacity this is the energy stored: a function of state only.
        """
        j = self.segment(soc)
        start = (j - OFFSET) / SEGMENTS_PER_UNIT
        mean_v = self.a[j] + self.b[j] * 0.5 * (soc + start)
        return self.energy_v[j] + mean_v * (soc - start)


def load_ocv(path: Path) -> OcvTable:
    """Load the table; its points must lie on the 0.5 % grid.

    Raises:
        ValueError: a point off the grid, or a gap at the ends.
    """
    rows = _rows(path)
    points = [round(row[0] * SEGMENTS_PER_UNIT, 6) for row in rows]
    if any(not point.is_integer() for point in points):
        raise ValueError(f"{path.name}: soc_pct must be a multiple of 0.5")
    if (rows[0][0], rows[-1][0]) != (LOWEST_SOC, HIGHEST_SOC):
        raise ValueError(f"{path.name}: must span {LOWEST_SOC} to {HIGHEST_SOC}")
    a, b = _lines(rows, 1)
    top_a, top_b = _lines(rows, 3)
    entropy_a, entropy_b = _lines(rows, 2)
    middles = [(j - OFFSET + 0.5) / SEGMENTS_PER_UNIT for j in range(len(a))]
    entropy = [
        (entropy_a[j] + entropy_b[j] * middle) * 1e-3
        for j, middle in enumerate(middles)
    ]
    energy = [0.0]
    for j, middle in enumerate(middles):
        energy.append(energy[j] + (a[j] + b[j] * middle) / SEGMENTS_PER_UNIT)
    return OcvTable(a, b, top_a, top_b, entropy, energy)


def _rows(path: Path) -> list[tuple[float, float, float, float]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            (
                round(float(row["soc_pct"]) / 100.0, 6),
                float(row["ocv_v"]),
                float(row["du_dt_mv_per_k"]),
                float(row["top_v"]),
            )
            for row in csv.DictReader(lines)
        ]


def _lines(
    rows: Sequence[tuple[float, float, float, float]], column: int
) -> tuple[list[float], list[float]]:
    offsets: list[float] = []
    slopes: list[float] = []
    for left, right in pairwise(rows):
        slope = (right[column] - left[column]) / (right[0] - left[0])
        offset = left[column] - slope * left[0]
        segments = round((right[0] - left[0]) * SEGMENTS_PER_UNIT)
        offsets.extend([offset] * segments)
        slopes.extend([slope] * segments)
    return offsets, slopes
