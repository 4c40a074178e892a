"""The states of the module and what leads from one to the next.

off --press--> starting --5 s--> running --rule--> tripped --5 s press--> off
off --press, last opening under-voltage, pack low--> forced --10 A--> running
tripped --restart list, cause gone--> starting.  (manual 6.2, 7, 11; C15, C16, C27)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from instruments.sim.bms.alarms import Alarms
from instruments.sim.bms.forced_charge import ForcedCharge
from instruments.sim.bms.interface import NEVER_US, BmsInitial
from instruments.sim.bms.lockout import Lockout
from instruments.sim.bms.parallel import Parallel
from instruments.sim.bms.parameters import to_us
from instruments.sim.bms.restart import Restart
from instruments.sim.bms.rule import Protection
from instruments.sim.bms.sense import Sense
from instruments.sim.bms.under_voltage import UnderVoltage

State = Literal["off", "starting", "running", "tripped", "forced"]
SHUTDOWN = "shutdown"


@dataclass(frozen=True, slots=True)
class StartParameters:
    """Length of the start and when the contactor closes: [module.bms.start]."""

    duration_s: float
    close_after_s: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that the states consult."""

    protections: Sequence[Protection]
    under_voltage: UnderVoltage
    lockout: Lockout
    restart: Restart
    forced: ForcedCharge
    parallel: Parallel
    alarms: Alarms


class ModuleStates:
    """Hold the state; `closed` is what the contactor is told."""

    def __init__(
        self, parameters: StartParameters, rules: Rules, initial: BmsInitial
    ) -> None:
        self._rules = rules
        self._duration_us = to_us(parameters.duration_s)
        self._close_us = to_us(parameters.close_after_s)
        self.state: State = "running" if initial.mode == "running" else "off"
        self.closed = self.state == "running"
        self.last_opening = initial.last_opening
        self.since_us = 0
        self.cause: str | None = None

    def press_short(self, sense: Sense, pressed_at_us: int, dip: int) -> None:
        """Start, or enter forced charge; anywhere but in "off" the press is ignored."""
        rules = self._rules
        if self.state != "off" or rules.lockout.locked(sense.now_us):
            return
        rules.parallel.latch(dip, sense.now_us)
        if (
            self.last_opening in rules.under_voltage.causes
            and rules.under_voltage.below_release(sense)
            and rules.forced.is_offered(sense.now_us)
        ):
            rules.forced.begin(pressed_at_us, sense.now_us)
            self._enter("forced", sense.now_us)
            return
        self._start(sense)

    def press_long(self, sense: Sense) -> None:
        """Shut down (BT-05)."""
        if self.state != "off":
            self.turn_off(sense.now_us)

    def turn_off(self, now_us: int) -> None:
        """Open the contactor and go dark; the reason of an earlier opening is kept."""
        if self.closed and self.state == "running":
            self.last_opening = SHUTDOWN
        self.closed = False
        self.cause = None
        self._rules.restart.cancel()
        self._rules.forced.end()
        self._rules.alarms.clear()
        self._enter("off", now_us)

    def trip(self, cause: str, sense: Sense) -> None:
        """Open the contactor because of a rule."""
        rules = self._rules
        rules.lockout.trip(cause, sense.now_us)
        rules.restart.trip(sense.now_us)
        rules.forced.end()
        self.last_opening = cause
        self._refuse(cause, sense)

    def _refuse(self, cause: str, sense: Sense) -> None:
        self.closed = False
        self.cause = cause
        self._rules.alarms.set(cause, True, sense.now_us)
        self._enter("tripped", sense.now_us)

    def _start(self, sense: Sense) -> None:
        cause = self._standing_cause(sense)
        if cause is not None:
            self._refuse(cause, sense)
            return
        if self.cause is not None:
            self._rules.alarms.set(self.cause, False, sense.now_us)
            self.cause = None
        self._enter("starting", sense.now_us)

    def _standing_cause(self, sense: Sense) -> str | None:
        """Return the cause of the last opening if it still stands."""
        for rule in self._rules.protections:
            if self.last_opening in rule.causes:
                cause = self.last_opening
                return None if rule.released(cause, sense) else cause
        return None

    @property
    def is_off(self) -> bool:
        """Tell whether the module sleeps."""
        return self.state == "off"

    def tick(self, sense: Sense) -> None:
        """Follow the timers of the present state."""
        if self.state == "starting":
            self._tick_starting(sense)
        elif self.state == "forced":
            self._tick_forced(sense)
        elif self.state == "tripped":
            self._tick_tripped(sense)

    def _tick_starting(self, sense: Sense) -> None:
        verdict = self._rules.parallel.start_verdict(sense)
        if verdict == "voltage_imbalance":
            self._refuse(verdict, sense)
            return
        elapsed_us = sense.now_us - self.since_us
        if verdict == "wait" or elapsed_us < self._close_us:
            return
        self.closed = True
        if elapsed_us >= self._duration_us:
            self._run(sense)

    def _tick_forced(self, sense: Sense) -> None:
        if not self.closed and sense.now_us >= self._rules.forced.close_at_us:
            self.closed = True
        verdict = self._rules.forced.update(sense)
        if verdict == "accepted":
            self._run(sense)
        elif verdict == "refused":
            self.turn_off(sense.now_us)

    def _tick_tripped(self, sense: Sense) -> None:
        attempt = self._rules.restart.attempt(sense.now_us)
        if attempt and self._standing_cause(sense) is None:
            self._start(sense)

    def _run(self, sense: Sense) -> None:
        self.last_opening = None
        for rule in self._rules.protections:
            rule.reset()
        self._rules.restart.running(sense.now_us)
        self._enter("running", sense.now_us)

    def _enter(self, state: State, now_us: int) -> None:
        self.state = state
        self.since_us = now_us

    @property
    def start_shown_until_us(self) -> int:
        """Return until when the bar shows the start page [µs]."""
        return self.since_us + self._duration_us

    def due_us(self, now_us: int) -> int:
        """Return the next instant at which the state may change by itself [µs]."""
        if self.state == "starting":
            first = self.since_us + min(self._close_us, self._duration_us)
            last = self.since_us + max(self._close_us, self._duration_us)
            return first if first > now_us else last if last > now_us else NEVER_US
        if self.state == "forced":
            due_us = self._rules.forced.due_us(now_us)
            return (
                due_us if self.closed else min(due_us, self._rules.forced.close_at_us)
            )
        if self.state == "tripped":
            return self._rules.restart.due_us()
        return NEVER_US
