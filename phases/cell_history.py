"""When the extreme cell came to where it stood at an opening.

Where the cell rule acts, the pack's steps are not its edges: a cell drifts on within a
step. Its delay counts from the first reading that lies within 1 mV, the resolution, of
the last one before the opening, bracketed by the readings' own spacing.
"""

from __future__ import annotations

from instruments.bench import Bench, Edge
from instruments.trace import Sample
from phases.operate import said

_NEAR_V = 0.0011


class CellHistory:
    """Collects one value of the polled cells with its time until it is stopped.

    Args:
        bench: whose samples are watched.
        name: "cell_max_v" or "cell_min_v".
    """

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._name = name
        self._readings: list[tuple[int, float]] = []
        bench.sampler.on_sample = self._look

    def stop(self) -> None:
        """Watch no further."""
        self._bench.sampler.on_sample = None

    def last_v(self, opened: Edge | None) -> float:
        """Look up the last reading [V] that was taken before an opening, if any came.

        The module's cells recover once it has opened.

        Raises:
            StaleReading: nothing was collected, and what was said last is too old.
        """
        for t_us, value_v in reversed(self._readings):
            if opened is None or t_us <= opened.after.t_a_us:
                return value_v
        return said(self._bench, self._name)

    def delay_s(self, opened: Edge) -> tuple[float, float]:
        """Compute the bracket of the delay [s] up to an opening."""
        before = [r for r in self._readings if r[0] <= opened.before.t_a_us]
        if not before:
            return 0.0, opened.after.t_a_us / 1e6
        last_v = before[-1][1]
        first = len(before) - 1
        while first > 0 and abs(before[first - 1][1] - last_v) <= _NEAR_V:
            first -= 1
        earliest_us = before[max(0, first - 1)][0]
        low = (opened.before.t_a_us - before[first][0]) / 1e6
        return max(0.0, low), (opened.after.t_a_us - earliest_us) / 1e6

    def _look(self, sample: Sample) -> None:
        del sample
        state = self._bench.parts.service.state
        value = state.snapshot().get(self._name)
        if not isinstance(value, int | float):
            return
        t_us = state.t_us(self._name)
        if not self._readings or self._readings[-1][0] != t_us:
            self._readings.append((t_us, float(value)))
