"""Ignore the RUN button after consecutive current or voltage trips (PT-04, C16)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults, to_us


@dataclass(frozen=True, slots=True)
class LockoutParameters:
    """Count, wait and what clears the count: [module.bms.lockout]."""

    trips: int
    wait_s: float
    cleared_after_s: float
    causes: tuple[str, ...]


class Lockout:
    """Count consecutive trips; a time without any (or never) clears the count."""

    def __init__(
        self, parameters: LockoutParameters, faults: Faults, trips: int
    ) -> None:
        self._parameters = parameters
        self._faults = faults
        self._wait_us = to_us(parameters.wait_s)
        self._cleared_us = to_us(parameters.cleared_after_s)
        self._last_us = 0
        self._locked_until_us = 0
        self.trips = trips
        # The trips of a state file happened just before the bench was opened.
        if trips >= parameters.trips:
            self._lock(0)

    def trip(self, cause: str, now_us: int) -> None:
        """Count a trip if it is one of current or voltage."""
        if cause not in self._parameters.causes:
            return
        if self._cleared_us > 0 and now_us - self._last_us >= self._cleared_us:
            self.trips = 0
        self._last_us = now_us
        self.trips += 1
        if self.trips >= self._parameters.trips:
            self._lock(now_us)

    def _lock(self, now_us: int) -> None:
        self._locked_until_us = now_us + self._wait_us
        self.trips = 0

    def locked(self, now_us: int) -> bool:
        """Tell whether a press of RUN is ignored at this instant."""
        return now_us < self._locked_until_us and not self._faults.active(
            "no_lockout", now_us
        )
