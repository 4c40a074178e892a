"""Compare the terminals with what the contactor was told (AL-06)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import Sense


@dataclass(frozen=True, slots=True)
class RelayMonitorParameters:
    """Delays and whether the finding becomes an alarm: [module.bms.relay_monitor]."""

    delay_s: float
    off_delay_s: float
    raises_fault: bool


class RelayMonitor:
    """Find a contactor that is on without voltage, or off with voltage and current."""

    def __init__(
        self, parameters: RelayMonitorParameters, live_v: float, faults: Faults
    ) -> None:
        self._parameters = parameters
        self._live_v = live_v
        self._faults = faults
        self._dead = Delay(parameters.delay_s)
        self._welded = Delay(parameters.off_delay_s)
        self.damaged = False

    def update(self, sense: Sense, commanded_closed: bool) -> bool:
        """Return whether an alarm is to be raised; `damaged` holds the finding.

        Open terminals may carry a voltage from outside, so "off but voltage" needs
        the contactor's own feedback as well.
        """
        live = sense.terminal_v > self._live_v
        dead = self._dead.elapsed(commanded_closed and not live, sense.now_us)
        welded = self._welded.elapsed(
            not commanded_closed and live and sense.contactor_closed, sense.now_us
        )
        self.damaged = dead or welded
        return (
            self.damaged
            and self._parameters.raises_fault
            and not self._faults.active("no_alarm", sense.now_us)
        )
