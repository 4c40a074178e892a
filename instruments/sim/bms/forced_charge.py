"""Let an empty module be charged: the window of manual 6.2.3 (FC-01..06)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from instruments.sim.bms.interface import NEVER_US
from instruments.sim.bms.parameters import Faults, to_us
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import Sense

Verdict = Literal["waiting", "accepted", "refused"]

IDLE, WINDOW, ACCEPTED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class ForcedChargeParameters:
    """Window, current and how long it has to flow: [module.bms.forced_charge]."""

    window_s: float
    current_a: float
    hold_s: float
    close_after_s: float


class ForcedCharge:
    """Time the window from the press and look for an adequate charge."""

    def __init__(self, parameters: ForcedChargeParameters, faults: Faults) -> None:
        self._parameters = parameters
        self._faults = faults
        self._window_us = to_us(parameters.window_s)
        self._close_us = to_us(parameters.close_after_s)
        self._held = Delay(parameters.hold_s)
        self._begun_us = NEVER_US
        self._entered_us = NEVER_US
        self.state = IDLE

    def begin(self, pressed_at_us: int, now_us: int) -> None:
        """Open the window; it counts from the instant the button went down."""
        self._begun_us = pressed_at_us
        self._entered_us = now_us
        self._held.reset()
        self.state = WINDOW

    def update(self, sense: Sense) -> Verdict:
        """Judge the charge at this instant."""
        adequate = sense.current_a > self._parameters.current_a
        if self._held.elapsed(adequate, sense.now_us):
            self.state = ACCEPTED
            return "accepted"
        # A charge that began inside the window may finish proving itself.
        late = sense.now_us - self._begun_us >= self._window_us
        if late and not adequate and not self._faults.active("no_window", sense.now_us):
            self.end()
            return "refused"
        return "waiting"

    def says(self, where: str, now_us: int) -> bool:
        """Tell whether the mode is said on "can" or "service"; a fault hides it."""
        return self.state != IDLE and not self._faults.active(
            f"not_said_on_{where}", now_us
        )

    def is_offered(self, now_us: int) -> bool:
        """Tell whether an empty module can be forced; a fault leaves the mode out."""
        return not self._faults.active("no_mode", now_us)

    def end(self) -> None:
        """Leave forced charge."""
        self.state = IDLE
        self._held.reset()

    @property
    def close_at_us(self) -> int:
        """Return when the contactor closes after the press [µs]."""
        return self._entered_us + self._close_us

    def elapsed_s(self, now_us: int) -> float:
        """Return the time since the window opened [s], 0 outside of it."""
        return (now_us - self._begun_us) / 1e6 if self.state == WINDOW else 0.0

    def due_us(self, now_us: int) -> int:
        """Return the next instant at which the verdict may change [µs]."""
        if self.state != WINDOW:
            return NEVER_US
        ends_us = (self._held.due_us, self._begun_us + self._window_us)
        return min((t_us for t_us in ends_us if t_us > now_us), default=NEVER_US)
