"""Tell a short press from a long one (BT-04..06, C27)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from instruments.sim.bms.interface import NEVER_US
from instruments.sim.bms.parameters import to_us

Press = Literal["short", "long"]


@dataclass(frozen=True, slots=True)
class ButtonParameters:
    """Windows of the two presses: [module.bms.button]."""

    short_min_s: float
    short_max_s: float
    long_min_s: float


class Button:
    """Watch the button; a short press counts on release, a long one while held."""

    def __init__(self, parameters: ButtonParameters) -> None:
        self._short_min_us = to_us(parameters.short_min_s)
        self._short_max_us = to_us(parameters.short_max_s)
        self._long_min_us = to_us(parameters.long_min_s)
        self._long_done = False
        self.pressed = False
        self.pressed_at_us = NEVER_US

    def update(self, pressed: bool, now_us: int) -> Press | None:
        """Take the button at this instant; return a press once, when it is known."""
        if pressed and not self.pressed:
            self.pressed = True
            self.pressed_at_us = now_us
            self._long_done = False
        held_us = now_us - self.pressed_at_us
        if pressed:
            if held_us >= self._long_min_us and not self._long_done:
                self._long_done = True
                return "long"
            return None
        if not self.pressed:
            return None
        self.pressed = False
        short = self._short_min_us <= held_us <= self._short_max_us
        return "short" if short and not self._long_done else None

    def due_us(self) -> int:
        """Return when a held button becomes a long press [µs], or never."""
        if self.pressed and not self._long_done:
            return self.pressed_at_us + self._long_min_us
        return NEVER_US
