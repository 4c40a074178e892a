"""Count the replies that a fault took away, or made untrue for what they are used for.

A reply that differs within what the witnesses of the station allow is not wrong: a
meter that stands still while the truth does too tells the truth. Of what the module
says only what a meter witnesses is compared; the rest is its word.
"""

from __future__ import annotations

from instruments.sim.faults.call import CAN, SERVICE, BenchState
from instruments.sim.faults.log import AlteredReply, FaultLog
from instruments.sim.faults.parting import (
    Parting,
    frame_parting,
    service_parting,
    text_parting,
)
from instruments.sim.faults.points import FaultPoints

_VOLTAGE = "MEAS:VOLT?;"


class ReplyLog(FaultLog):
    """A fault's account that also counts the replies that were lost or wrong."""

    def __init__(self, points: FaultPoints) -> None:
        super().__init__()
        self.wrong = 0
        self._points = points

    def act(self, detectable_us: int | None = None) -> None:
        """Count an effect; one without a reply of its own is a loss."""
        super().act(detectable_us)
        self.wrong += 1

    def keep(self, reply: AlteredReply) -> None:
        """Keep an altered reply; one that was true enough for its use is not wrong."""
        super().keep(reply)
        self.wrong -= not is_wrong(reply, self._points.state())


def is_wrong(reply: AlteredReply, state: BenchState) -> bool:
    """Tell whether a reply was lost, or differs beyond what the witnesses allow.

    A source that is off behind the open contactor is asked only whether it is off and
    has no current: the voltage that it reads there has no use (`instruments.proofs`).
    """
    if not reply.given:
        return True
    if reply.role == CAN:
        can_id = int.from_bytes(reply.message, "big")
        parting = frame_parting(can_id, reply.true, reply.given)
    elif reply.role == SERVICE:
        parting = service_parting(reply.message, reply.true, reply.given)
    else:
        message, true, given = (
            part.decode("ascii", "replace")
            for part in (reply.message, reply.true, reply.given)
        )
        is_on = {"supply": state.supply_on, "load": state.load_on}.get(reply.role, True)
        at_rest = not is_on and not state.fixture_closed
        if at_rest and message.startswith(_VOLTAGE):
            message, true, given = (
                text.partition(";")[2] for text in (message, true, given)
            )
        parting = text_parting(reply.role, message, true, given)
    return parting is not Parting.NOT
