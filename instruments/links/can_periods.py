"""How regularly each CAN id comes: count and period [s]."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeriodStats:
    """Frames of one id since the last reset; periods [s], nan below two frames."""

    count: int
    min_s: float
    max_s: float
    mean_s: float


class PeriodCounter:
    """Counts frames of one id and the time between them."""

    __slots__ = ("_count", "_first_us", "_max_us", "_min_us", "last_us")

    def __init__(self) -> None:
        self.last_us: int | None = None
        self.reset()

    def reset(self) -> None:
        """Start counting anew; the age of the last frame is kept."""
        self._count = 0
        self._first_us = 0
        self._min_us = -1
        self._max_us = -1

    def add(self, t_us: int) -> None:
        """Count one frame that came at `t_us`."""
        last_us = self.last_us
        self.last_us = t_us
        self._count += 1
        if self._count == 1 or last_us is None:
            self._first_us = t_us
            return
        period_us = t_us - last_us
        if self._max_us < 0:
            self._min_us = self._max_us = period_us
        elif period_us < self._min_us:
            self._min_us = period_us
        elif period_us > self._max_us:
            self._max_us = period_us

    def stats(self) -> PeriodStats:
        """Compute count and shortest, longest and mean period [s]."""
        if self._count < 2 or self.last_us is None:
            nan = float("nan")
            return PeriodStats(self._count, nan, nan, nan)
        mean_us = (self.last_us - self._first_us) / (self._count - 1)
        return PeriodStats(
            self._count, self._min_us / 1e6, self._max_us / 1e6, mean_us / 1e6
        )
