"""The module's main contactor: latching, with a delay and an auxiliary contact.

Faults (``faults.toml``, target ``module.contactor``): welded, stuck_open, slow,
recloses, bounces, drops_out, aux_stuck_open, aux_stuck_closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from instruments.sim.defects import Fault

US_PER_S = 1_000_000
RECLOSES_AFTER_US = 200_000
BOUNCES_AFTER_US = 150_000
BOUNCES = 6


@dataclass(frozen=True, slots=True)
class ContactorParameters:
    """Delays of the contactor [s].

    `slow_extra_s` is what the fault slow adds; `holds_s` is how long a latch with the
    fault drops_out keeps the contact closed.
    """

    close_delay_s: float
    open_delay_s: float
    slow_extra_s: float
    holds_s: float = 600.0


class Contactor:
    """Position of a latching contactor, and the movement under way."""

    __slots__ = (
        "_by_itself",
        "_faults",
        "_moves_left",
        "_parameters",
        "_wanted",
        "closed",
        "due_us",
    )

    def __init__(
        self,
        parameters: ContactorParameters,
        faults: Sequence[Fault],
        closed: bool,
    ) -> None:
        self._parameters = parameters
        self._faults = tuple(faults)
        self._wanted = closed
        self._by_itself = False
        self._moves_left = 0
        self.due_us: int | None = None
        self.closed = closed or self._active("welded", 0)

    def command(self, wanted: str, now_us: int) -> int | None:
        """Pulse a coil ("close" or "open"); return when it moves [µs], or None.

        A pulse towards the position it already has does nothing, but cancels a
        movement the other way; a second pulse does not delay the first.
        """
        under_way = self.due_us is not None and self._wanted == (wanted == "close")
        if under_way and not self._by_itself:
            return None
        self._by_itself = False
        self._moves_left = 2 * BOUNCES
        self._wanted = wanted == "close"
        if self._wanted == self.closed:
            self.due_us = None
            return None
        p = self._parameters
        delay_s = p.close_delay_s if self._wanted else p.open_delay_s
        if self._active("slow", now_us):
            delay_s += p.slow_extra_s
        self.due_us = now_us + round(delay_s * US_PER_S)
        return self.due_us

    def actuate(self, now_us: int) -> bool:
        """Finish a movement that is due; tell whether the contact changed."""
        if self.due_us is None or now_us < self.due_us:
            return False
        self.due_us = None
        blocked = "stuck_open" if self._wanted else "welded"
        if self._active(blocked, now_us) or self._wanted == self.closed:
            return False
        self.closed = self._wanted
        after_us = self._moves_again_us(now_us)
        self._by_itself = after_us is not None
        if after_us is not None:
            self._wanted = not self.closed
            self.due_us = now_us + after_us
        return True

    def _moves_again_us(self, now_us: int) -> int | None:
        """Tell after how long [µs] a fault moves the contact back by itself."""
        if not self.closed and self._active("recloses", now_us):
            return RECLOSES_AFTER_US
        if self.closed and self._active("drops_out", now_us):
            return round(self._parameters.holds_s * US_PER_S)
        closing = self.closed or self._by_itself
        if closing and self._moves_left and self._active("bounces", now_us):
            self._moves_left -= 1
            return BOUNCES_AFTER_US
        return None

    def feedback(self, now_us: int) -> bool:
        """Read the auxiliary contact, as the BMS sees it."""
        if self._active("aux_stuck_open", now_us):
            return False
        return self.closed or self._active("aux_stuck_closed", now_us)

    def _active(self, name: str, now_us: int) -> bool:
        return any(f.name == name and f.from_us <= now_us for f in self._faults)
