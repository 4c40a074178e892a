"""Cheap runs, and crews that do what a test needs; workers import this module, too."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from instruments.sim.defects import Change, DefectFile, Fault
from station.campaigns.codec import evidence_sha256
from station.campaigns.engine import Came
from station.campaigns.job import Found, Job, Kind, Played

POISON = "kills every worker"


def healthy(seed: int, subject: str = "healthy") -> Job:
    """Make the job of a healthy module."""
    return Job(Kind.HEALTHY, subject, "", "eol", seed)


def bad(subject: str, grade: str = "just_bad", seed: int = 1) -> Job:
    """Make the job of a defect with every kind of value in it."""
    changes = (
        Change("module.bms.trip_v", "set", 58.7, "cells.toml: a"),
        Change("module.ntc_ohm", "set", [float("inf"), 1.0], "cells.toml: a"),
        Change("module.identity.version", "add", 2, "cells.toml: a"),
    )
    faults = (Fault("module.contactor", "welded", 12.5),)
    defect = DefectFile(subject, f"{subject}, told", changes, faults, "cells.toml")
    return Job(
        Kind.CATALOGUE,
        subject,
        grade,
        "eol",
        seed,
        (defect,),
        ("over_voltage",),
        "nearly_full",
    )


def played(job: Job, outcome: str = "PASS", reason: str = "") -> Played:
    """Make the result of a job; the same job has the same result."""
    found = [
        Found("start_up", "start_up_s", outcome, 0.1 * (job.seed or 0), 3.5),
        Found("identity", "identity_text", "PASS", None, None, "4K4 °C"),
    ]
    steps = [("start_up", outcome, 1.25), ("make_safe", "PASS", 0.5)]
    bare = Played(job.key, outcome, reason, steps, found, 17.25, "", 0.01)
    return replace(bare, evidence_sha256=evidence_sha256(bare))


def play(job: Job) -> Played:
    """Play a run at once."""
    return played(job)


def play_dying(folder: Path, job: Job) -> Played:
    """Play a run; some kill their worker, once or always."""
    if job.subject == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    if job.seed == 5:
        mark = folder / "died"
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if job.seed == 7:
        raise ValueError("cannot be played")
    return played(job)


class FakeCrew:
    """Plays in this process; what a job's subject says may go wrong."""

    def __init__(
        self, play: Callable[[Job], Played] = play, poison: Iterable[Job] = ()
    ) -> None:
        self._play = play
        self._poison = {job.key for job in poison}
        self._waiting: deque[Job] = deque()
        self.submitted: list[str] = []
        self.most = 0

    def window(self) -> int:
        """Have four runs on their way."""
        return 4

    def submit(self, job: Job) -> None:
        """Take on one run."""
        self._waiting.append(job)
        self.submitted.append(job.key)
        self.most = max(self.most, len(self._waiting))

    def take(self, patience_s: float) -> Came | None:
        """Bring the oldest; whoever waits beside a poisoned run dies with it."""
        if not self._waiting:
            return None
        killed = any(job.key in self._poison for job in self._waiting)
        job = self._waiting.popleft()
        if killed:
            return Came(job, None, "its workers died", killed=True)
        return Came(job, self._play(job))
