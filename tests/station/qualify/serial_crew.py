"""A crew that plays in this process, one run after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from station.campaigns.engine import Came
from station.campaigns.job import Job, Played
from station.campaigns.plan import HealthyShare, Plan


class SerialCrew:
    """See `station.campaigns.engine.Crew`; `submitted` names what it was given."""

    def __init__(self, play: Callable[[Job], Played]) -> None:
        self._play = play
        self._waiting: deque[Job] = deque()
        self.submitted: list[str] = []

    def window(self) -> int:
        """Have one run on its way."""
        return 1

    def submit(self, job: Job) -> None:
        """Take on one run."""
        self._waiting.append(job)
        self.submitted.append(job.key)

    def take(self, patience_s: float) -> Came | None:
        """Play it."""
        if not self._waiting:
            return None
        job = self._waiting.popleft()
        return Came(job, self._play(job))


def plan_of(sequence: str, count: int = 1) -> Plan:
    """Make a plan of healthy modules in one sequence."""
    share = HealthyShare(count=count, first_seed=1, sequence=sequence)
    return Plan(name="small", title="a test's own", seed=1, healthy=(share,))
