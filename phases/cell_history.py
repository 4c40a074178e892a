"""What the extreme cell said about itself, and when, from its polling once a second.

A pulse is polled more often: four looks make one reading.
"""

from __future__ import annotations

from instruments.bench import Bench, Edge
from instruments.trace import Sample
from phases.operate import said

_SETTLE_US = 500_000
"""A reading this young may have been taken before the current changed."""


class CellHistory:
    """Collects the extreme cell's polled readings with their times until stopped.

    Args:
        bench: whose samples are watched.
        rising: True for the highest cell, False for the lowest.
    """

    def __init__(self, bench: Bench, *, rising: bool) -> None:
        self._bench = bench
        self._rising = rising
        self._name = "cell_max_v" if rising else "cell_min_v"
        self._readings: list[tuple[int, float]] = []
        bench.sampler.on_sample = self._look

    def stop(self) -> None:
        """Watch no further."""
        self._bench.sampler.on_sample = None

    def now_v(self) -> float:
        """Read what the module last said [V].

        Raises:
            StaleReading: that is too old to mean anything.
        """
        return said(self._bench, self._name)

    def at_v(self, t_us: int) -> float:
        """Look up the last reading [V] that had come by a time [µs].

        Raises:
            StaleReading: nothing was collected, and what was said last is too old.
        """
        for read_us, value_v in reversed(self._readings):
            if read_us <= t_us:
                return value_v
        return self.now_v()

    def last_v(self, opened: Edge | None) -> float:
        """Look up the last reading [V] that was taken before an opening, if any came.

        The module's cells recover once it has opened.

        Raises:
            StaleReading: nothing was collected, and what was said last is too old.
        """
        if opened is None:
            return self.now_v()
        return self.at_v(opened.after.t_a_us)

    def is_read_since(self, opened: Edge, since_us: int) -> bool:
        """Tell whether a reading came between an instant [µs] and an opening."""
        before_us = opened.after.t_a_us
        return any(since_us <= read_us <= before_us for read_us, _ in self._readings)

    def is_beyond(self, limit_v: float) -> bool:
        """Tell whether the cell has come as far as a voltage [V], or farther."""
        now_v = self.now_v()
        return now_v >= limit_v if self._rising else now_v <= limit_v

    def is_back(self, limit_v: float, since_us: int) -> bool:
        """Tell whether a reading since a time [µs] lies short of a voltage [V]."""
        if not self._readings or self._readings[-1][0] < since_us + _SETTLE_US:
            return False
        value_v = self._readings[-1][1]
        return value_v < limit_v if self._rising else value_v > limit_v

    def _look(self, sample: Sample) -> None:
        del sample
        state = self._bench.parts.service.state
        value = state.snapshot().get(self._name)
        if not isinstance(value, int | float):
            return
        t_us = state.t_us(self._name)
        if not self._readings or self._readings[-1][0] != t_us:
            self._readings.append((t_us, float(value)))
