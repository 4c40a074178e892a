"""What a fault really did, and from when on somebody could have known."""

from __future__ import annotations

from dataclasses import dataclass, field

from instruments.sim.faults.call import BenchState, Site

KEPT = 200


@dataclass(frozen=True, slots=True)
class AlteredReply:
    """An answer that the station did not get as it was; `given` is empty if lost."""

    k: int
    t_us: int
    role: str
    message: bytes
    true: bytes
    given: bytes


@dataclass(slots=True)
class FaultLog:
    """The fault's own account.

    Attributes:
        site, state, first_us: of call k, once it was reached.
        detectable_us: first instant at which a due answer was overdue or what was
            read contradicted the truth beyond the witnesses; None while there is none.
        effects: how often something came out differently; 0 means that the fault
            changed nothing.
        altered: the first answers that it changed.
    """

    site: Site | None = None
    state: BenchState | None = None
    first_us: int | None = None
    detectable_us: int | None = None
    effects: int = 0
    altered: list[AlteredReply] = field(default_factory=list)

    def begin(self, t_us: int, site: Site, state: BenchState) -> None:
        """Note that call k was reached."""
        self.site, self.state, self.first_us = site, state, t_us

    def act(self, detectable_us: int | None = None) -> None:
        """Count one effect, with the instant from which it can be known."""
        self.effects += 1
        if detectable_us is not None:
            self.detect(detectable_us)

    def detect(self, t_us: int) -> None:
        """Keep the earliest instant at which the fault could be known."""
        if self.detectable_us is None or t_us < self.detectable_us:
            self.detectable_us = t_us

    def keep(self, reply: AlteredReply) -> None:
        """Keep an altered answer, as long as there are few."""
        if len(self.altered) < KEPT:
            self.altered.append(reply)
