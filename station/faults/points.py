"""Fault points that keep calls only where they are asked to."""

from __future__ import annotations

from instruments.sim.faults.call import SERVICE
from instruments.sim.faults.points import FaultPoints


class CampaignPoints(FaultPoints):
    """Fault points of a campaign: most of a run's calls are of no interest.

    Attributes:
        asked_again_us: when the service port was asked for the first time after the
            fault had acted [µs].
    """

    asked_again_us: int | None = None

    def reach(self, seam: str, role: str, what: str) -> str | None:
        """Pass one call; see `FaultPoints.reach`."""
        if (
            seam == SERVICE
            and self.asked_again_us is None
            and self.log.first_us is not None
        ):
            self.asked_again_us = self.now_us()
        return super().reach(seam, role, what)

    @property
    def keep_calls(self) -> bool:
        """Whether every call is kept in `calls_seen`."""
        return self._keep_calls

    @keep_calls.setter
    def keep_calls(self, keep: bool) -> None:
        self._keep_calls = keep
