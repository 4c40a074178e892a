"""Play the runs that a campaign still owes: keep a crew busy, store what it brings.

At any time the crew holds a small window of runs and the rest is a list here, so that
memory does not grow with the campaign. Results are stored in small batches as they
come. A run whose worker died is played again by the crew itself; where that happened
too often, others may have died with it, so each suspect is played once more with
nothing beside it, before it counts as lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from instruments.clock import wall_s
from station.campaigns.job import Job, Played

LOOK_S = 0.25
BATCH_S = 1.0
BATCH_RUNS = 16


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a submitted run.

    `played` is None where it could not be played: `reason` says why, and `killed`
    whether the workers died of it.
    """

    job: Job
    played: Played | None
    reason: str = ""
    killed: bool = False


class Crew(Protocol):
    """Whoever plays runs: local processes, or the workers of a scheduler."""

    def window(self) -> int:
        """Say how many runs may be on their way at a time."""
        ...

    def submit(self, job: Job) -> None:
        """Take on one run."""
        ...

    def take(self, patience_s: float) -> Came | None:
        """Bring one result; None where none came in time.

        Raises:
            CrewLost: no result can come any more.
        """
        ...


class Book(Protocol):
    """Where results are kept."""

    def is_kept(self, job: Job) -> bool:
        """Tell whether the result of a run is stored."""
        ...

    def keep(self, runs: list[tuple[Job, Played]]) -> None:
        """Store results; one that is stored already has to be the same.

        Raises:
            NotDeterministic: a run had two different results.
        """
        ...

    def lose(self, job: Job, reason: str) -> None:
        """Store that a run could not be played."""
        ...


Tell = Callable[[Came], None]
"""Told of each result that is new."""


@dataclass(slots=True)
class _Desk:
    """Results on their way to the book."""

    book: Book
    tell: Tell
    runs: list[tuple[Job, Played]] = field(default_factory=list)
    since_s: float = 0.0

    def take_in(self, came: Came) -> None:
        if came.played is None:
            self.book.lose(came.job, came.reason)
        else:
            if not self.runs:
                self.since_s = wall_s()
            self.runs.append((came.job, came.played))
        self.tell(came)

    def store(self, at_once: bool = False) -> None:
        """Store the batch when it is full or old enough."""
        full = len(self.runs) >= BATCH_RUNS
        if self.runs and (at_once or full or wall_s() - self.since_s >= BATCH_S):
            runs, self.runs = self.runs, []
            self.book.keep(runs)


def play_jobs(
    jobs: Iterable[Job],
    crew: Crew,
    book: Book,
    tell: Tell,
    stopped: Callable[[], bool],
) -> bool:
    """Play every run that is not kept yet; tell whether it came to its end.

    It did unless it was stopped; a run that could not be played is told as lost.

    Raises:
        CrewLost: the scheduler is gone; what came is stored.
        NotDeterministic: a run had two different results.
        NotStored: the record store refused.
    """
    desk = _Desk(book, tell)
    owed = deque(job for job in jobs if not book.is_kept(job))
    suspects: deque[Job] = deque()
    try:
        _play(owed, crew, desk, suspects, stopped)
        while suspects and not stopped():
            # Alone: whoever dies now is the cause, and the crew has tried it often.
            blamed: deque[Job] = deque()
            job = suspects.popleft()
            _play(deque([job]), crew, desk, blamed, stopped)
            if blamed:
                desk.take_in(Came(job, None, "every worker that played it died"))
    finally:
        desk.store(at_once=True)
    return not owed and not suspects and not stopped()


def _play(
    owed: deque[Job],
    crew: Crew,
    desk: _Desk,
    suspects: deque[Job],
    stopped: Callable[[], bool],
) -> None:
    """Keep the crew's window full until nothing is owed and nothing is on its way."""
    flying = 0
    while (owed or flying) and not stopped():
        window = crew.window()
        while owed and flying < window:
            crew.submit(owed.popleft())
            flying += 1
        came = crew.take(LOOK_S)
        if came is not None:
            flying -= 1
            if came.killed:
                suspects.append(came.job)
            else:
                desk.take_in(came)
        desk.store()
