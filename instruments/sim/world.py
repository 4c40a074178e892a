"""Simulated bench time: one integer clock and one event heap.

Waiting on the simulated bench is what moves it. Events run in one total order
(time, priority, sequence), so a run is a function of its parameters, its seed and
the test program (model.md 3.2, R1 and R2).
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from instruments.clock import StopSwitch

PRIORITY_PLANT = 0
PRIORITY_BMS = 1
PRIORITY_EMISSION = 2
PRIORITY_INSTRUMENT = 3

MAX_CALLS_AT_ONE_INSTANT = 10_000


class FrozenWorldError(RuntimeError):
    """The test program asks again and again without letting bench time pass."""


class Event:
    """One callback that is due at one instant of bench time."""

    __slots__ = ("callback", "cancelled", "t_us")

    def __init__(self, t_us: int, callback: Callable[[], None]) -> None:
        self.t_us = t_us
        self.callback = callback
        self.cancelled = False


class World:
    """Bench time [µs] that moves only when somebody waits.

    Implements `instruments.clock.Clock`. The simulated parts read `t_us` as it stands,
    which is far quicker than calling `now_us`; only the world moves it.
    """

    def __init__(self, stop: StopSwitch | None = None) -> None:
        self.stop = stop if stop is not None else StopSwitch()
        self.t_us = 0
        self._sequence = 0
        self._heap: list[tuple[int, int, int, Event]] = []
        self._running = False
        self._instant_us = -1
        self._calls_at_instant = 0

    def now_us(self) -> int:
        """Read bench time [µs] since the world began."""
        return self.t_us

    def wait_us(self, duration_us: int) -> None:
        """Let bench time pass [µs] and run what falls due.

        Raises:
            StopRequested: a signal asked the run to end.
            FrozenWorldError: waited for nothing too often at one instant.
        """
        self.stop.check()
        if duration_us <= 0:
            self._count_call()
        self.advance_us(duration_us)

    def advance_us(self, duration_us: int) -> None:
        """Move bench time [µs] without looking at the stop switch.

        Raises:
            ValueError: bench time never runs backwards.
            RuntimeError: called from inside an event.
        """
        if duration_us < 0:
            raise ValueError(f"bench time cannot go back by {-duration_us} µs")
        target_us = self.t_us + duration_us
        heap = self._heap
        if not heap or heap[0][0] > target_us:
            self.t_us = target_us
            return
        if self._running:
            raise RuntimeError("an event of the world cannot move its clock")
        self._running = True
        try:
            while heap and heap[0][0] <= target_us:
                t_us, _, _, event = heappop(heap)
                if event.cancelled:
                    continue
                self.t_us = t_us
                event.callback()
            self.t_us = target_us
        finally:
            self._running = False

    def spend_exchange_us(self, duration_us: int) -> None:
        """Let the latency of one exchange [µs] pass.

        Raises:
            FrozenWorldError: too many exchanges at one instant, so time stands still.
        """
        if duration_us <= 0:
            self._count_call()
        target_us = self.t_us + duration_us
        heap = self._heap
        if duration_us >= 0 and (not heap or heap[0][0] > target_us):
            self.t_us = target_us  # as `advance_us` would: this is the hot path
            return
        self.advance_us(duration_us)

    def at_us(self, t_us: int, priority: int, callback: Callable[[], None]) -> Event:
        """Call back at bench time [µs]; among equals by priority, then by order.

        Raises:
            ValueError: the instant has passed.
        """
        if t_us < self.t_us:
            raise ValueError(f"{t_us} µs has passed, it is {self.t_us} µs")
        event = Event(t_us, callback)
        self._sequence += 1
        heappush(self._heap, (t_us, priority, self._sequence, event))
        return event

    def next_us(self) -> int | None:
        """Read when the next event is due [µs]; a cancelled one may stand there."""
        return self._heap[0][0] if self._heap else None

    def cancel(self, event: Event) -> None:
        """Forget an event; a second time, or after it ran, does nothing."""
        event.cancelled = True

    def _count_call(self) -> None:
        if self._instant_us != self.t_us:
            self._instant_us = self.t_us
            self._calls_at_instant = 0
        self._calls_at_instant += 1
        if self._calls_at_instant > MAX_CALLS_AT_ONE_INSTANT:
            raise FrozenWorldError(
                f"more than {MAX_CALLS_AT_ONE_INSTANT} calls at {self.t_us} µs: "
                "the test program never waits"
            )
