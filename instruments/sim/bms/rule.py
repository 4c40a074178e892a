"""What every protective rule of the BMS offers, and the delay they all use."""

from __future__ import annotations

from typing import Protocol

from instruments.sim.bms.interface import NEVER_US
from instruments.sim.bms.parameters import to_us
from instruments.sim.bms.sense import Sense


class Delay:
    """Tell when a condition has held for a time; it starts anew when it breaks."""

    __slots__ = ("_delay_us", "_since_us")

    def __init__(self, delay_s: float) -> None:
        self._delay_us = to_us(delay_s)
        self._since_us = NEVER_US

    def elapsed(self, active: bool, now_us: int) -> bool:
        """Take the condition now; return whether it has held long enough."""
        if not active:
            self._since_us = NEVER_US
            return False
        if self._since_us == NEVER_US:
            self._since_us = now_us
        return now_us - self._since_us >= self._delay_us

    @property
    def due_us(self) -> int:
        """Return when the delay ends [µs], or never."""
        if self._since_us == NEVER_US:
            return NEVER_US
        return self._since_us + self._delay_us

    def reset(self) -> None:
        """Forget the condition."""
        self._since_us = NEVER_US


class Protection(Protocol):
    """A rule that opens the contactor."""

    causes: tuple[str, ...]

    def update(self, sense: Sense) -> str | None:
        """Look at the module; return the cause when the contactor shall open now."""
        ...

    def near(self, sense: Sense) -> bool:
        """Tell whether a threshold is near or passed, so that sampling is dense."""
        ...

    def released(self, cause: str, sense: Sense) -> bool:
        """Tell whether the cause of an opening is gone, hysteresis included."""
        ...

    def warnings(self, sense: Sense) -> tuple[str, ...]:
        """Name the conditions that deserve a warning flag."""
        ...

    def due_us(self) -> int:
        """Return the end of the first running delay [µs], or never."""
        ...

    def reset(self) -> None:
        """Forget running delays."""
        ...
