"""The only place that asks the time or waits.

Every phase, driver and link takes a `Clock`. On a real bench waiting is sleeping;
on the simulated bench waiting is what moves the world (`instruments.sim.world`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

from instruments.errors import StopRequested


class StopSwitch:
    """Remember that a signal asked the run to end, and shield make_safe from it."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._shields = 0

    @property
    def reason(self) -> str | None:
        """Tell why the run shall end, or None."""
        return self._reason

    def request(self, reason: str) -> None:
        """Ask the run to end; the first reason is kept. Safe in a signal handler."""
        if self._reason is None:
            self._reason = reason

    def check(self) -> None:
        """Raise at a safe point if a stop was requested.

        Raises:
            StopRequested: a signal arrived and no shield is up.
        """
        if self._reason is not None and not self._shields:
            raise StopRequested(self._reason)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Hold stop requests back while make_safe works."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1


class Clock(Protocol):
    """Bench time, and the only way to let it pass."""

    stop: StopSwitch

    def now_us(self) -> int:
        """Read bench time [µs] since the bench was opened."""
        ...

    def wait_us(self, duration_us: int) -> None:
        """Let bench time pass [µs].

        Raises:
            StopRequested: a signal asked the run to end.
        """
        ...


class WallClock:
    """Bench time that is real time, or runs faster where the bench does too.

    Args:
        speed_factor: bench seconds in one real second; above 1 for a served bench only.
    """

    def __init__(self, speed_factor: float = 1.0) -> None:
        self.stop = StopSwitch()
        self._speed_factor = speed_factor
        self._start_ns = time.monotonic_ns()

    def now_us(self) -> int:
        """Read bench time [µs] since this clock was made."""
        elapsed_ns = time.monotonic_ns() - self._start_ns
        return round(elapsed_ns * self._speed_factor) // 1000

    def wait_us(self, duration_us: int) -> None:
        """Sleep [µs] in steps short enough to notice a stop request."""
        end_us = self.now_us() + duration_us
        while True:
            self.stop.check()
            left_us = end_us - self.now_us()
            if left_us <= 0:
                return
            left_s = left_us / 1e6 / self._speed_factor
            threading.Event().wait(min(left_s, 0.05))


def utc_now() -> str:
    """Read the time of day [UTC, ISO 8601, milliseconds]."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251


def wall_s() -> float:
    """Read real time [s] from an arbitrary start; on Linux all processes share it."""
    return time.perf_counter()  # noqa: TID251


def cpu_s() -> float:
    """Read the processor time [s] that this process has used."""
    return time.process_time()
