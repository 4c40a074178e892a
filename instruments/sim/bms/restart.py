"""Restart by itself after a trip, at the times of a list (PT-02, PT-03, C15)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.interface import NEVER_US
from instruments.sim.bms.parameters import Faults, to_us


@dataclass(frozen=True, slots=True)
class RestartParameters:
    """Attempts counted from the first trip: [module.bms.restart]."""

    attempts_s: tuple[float, ...]
    settled_s: float


class Restart:
    """Say when the next attempt is due; each attempt is made once.

    A trip soon after a restart goes on with the list where it was; a module that ran
    for `settled_s` begins it anew.
    """

    def __init__(self, parameters: RestartParameters, faults: Faults) -> None:
        self._faults = faults
        self._attempts_us = tuple(to_us(s) for s in sorted(parameters.attempts_s))
        self._settled_us = to_us(parameters.settled_s)
        self._origin_us = NEVER_US
        self._running_since_us = NEVER_US
        self._done = 0
        self._armed = False

    def trip(self, now_us: int) -> None:
        """Arm the list after a trip."""
        settled = (
            self._running_since_us != NEVER_US
            and now_us - self._running_since_us >= self._settled_us
        )
        if self._origin_us == NEVER_US or settled:
            self._origin_us = now_us
            self._done = 0
        self._armed = True

    def running(self, now_us: int) -> None:
        """Note that the module runs again."""
        self._armed = False
        self._running_since_us = now_us

    def cancel(self) -> None:
        """Forget the list: the module was shut down."""
        self._armed = False
        self._origin_us = self._running_since_us = NEVER_US

    def due_us(self) -> int:
        """Return the time of the next attempt [µs], or never."""
        if not self._armed or self._done >= len(self._attempts_us):
            return NEVER_US
        return self._origin_us + self._attempts_us[self._done]

    def attempt(self, now_us: int) -> bool:
        """Tell whether an attempt is due now, and tick it off."""
        due = False
        while self.due_us() <= now_us:
            self._done += 1
            due = True
        return due and not self._faults.active("no_restart", now_us)
