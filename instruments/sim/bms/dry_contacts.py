"""Drive the two programmable dry contacts (IF-01)."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults


@dataclass(frozen=True, slots=True)
class DryContactParameters:
    """What each output follows, "running", "fault" or "off": [module.dry_contacts]."""

    do1_source: str
    do2_source: str


class DryContacts:
    """Close DO1 and DO2 by the condition each is programmed to."""

    def __init__(self, parameters: DryContactParameters, faults: Faults) -> None:
        self._parameters = parameters
        self._faults = faults

    def sense(self, inputs: tuple[bool, bool], now_us: int) -> tuple[bool, bool]:
        """Return the state of both inputs as the BMS sees them, True = closed."""
        if not self._faults.any:
            return inputs
        active = self._faults.active
        di1, di2 = inputs[::-1] if active("di_swapped", now_us) else inputs
        return (
            (di1 or active("di1_stuck_closed", now_us))
            and not active("di1_stuck_open", now_us),
            (di2 or active("di2_stuck_closed", now_us))
            and not active("di2_stuck_open", now_us),
        )

    def render(self, running: bool, fault: bool, now_us: int) -> tuple[bool, bool]:
        """Return the state of both outputs, True = closed."""
        states = {"running": running, "fault": fault}
        p = self._parameters
        return (
            states.get(p.do1_source, False)
            and not self._faults.active("do1_stuck_open", now_us),
            states.get(p.do2_source, False)
            and not self._faults.active("do2_stuck_open", now_us),
        )
