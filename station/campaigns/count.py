"""Count what a campaign found: detected, escaped, false-failed, not known."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from phases.results import FAIL, PASS
from station.campaigns.entry import Grade
from station.campaigns.job import Job, Kind, Played

HARMLESS = str(Grade.HARMLESS)
GOOD_KINDS = (HARMLESS, str(Kind.HEALTHY))


class Result(StrEnum):
    """What a run says of the plan; a run without a verdict says nothing."""

    DETECTED = "detected"
    ESCAPED = "escaped"
    ACCEPTED = "accepted"
    FALSE_FAILED = "false_failed"
    ERROR = "error"


@dataclass(slots=True)
class Count:
    """Runs of one kind."""

    runs: int = 0
    detected: int = 0
    escaped: int = 0
    passed: int = 0
    false_failed: int = 0
    errors: int = 0

    def add(self, result: Result) -> None:
        """Count one run."""
        self.runs += 1
        self.detected += result is Result.DETECTED
        self.escaped += result is Result.ESCAPED
        self.passed += result is Result.ACCEPTED
        self.false_failed += result is Result.FALSE_FAILED
        self.errors += result is Result.ERROR


@dataclass(slots=True)
class Tally:
    """Counts by kind of run, and the names of what went wrong."""

    by_kind: dict[str, Count] = field(default_factory=dict)
    wrong: list[tuple[Result, str, str]] = field(default_factory=list)
    """Result, job key and reason of escapes, false fails and errors."""

    def add(self, job: Job, played: Played) -> None:
        """Count one played run."""
        result = judge(job, played.outcome)
        self.by_kind.setdefault(kind_of(job), Count()).add(result)
        if result not in (Result.DETECTED, Result.ACCEPTED):
            self.wrong.append((result, played.key, played.reason))

    def add_loss(self, job: Job, reason: str) -> None:
        """Count one run that could not be played."""
        self.by_kind.setdefault(kind_of(job), Count()).add(Result.ERROR)
        self.wrong.append((Result.ERROR, job.key, reason))

    @property
    def total(self) -> Count:
        """The counts of all kinds together."""
        total = Count()
        for count in self.by_kind.values():
            for name in Count.__dataclass_fields__:
                setattr(total, name, getattr(total, name) + getattr(count, name))
        return total


def judge(job: Job, outcome: str) -> Result:
    """Say what the outcome of a run means for the plan: only a FAIL detects."""
    if outcome == PASS:
        return Result.ESCAPED if job.is_bad else Result.ACCEPTED
    if outcome == FAIL:
        return Result.DETECTED if job.is_bad else Result.FALSE_FAILED
    return Result.ERROR


def kind_of(job: Job) -> str:
    """Name the kind of run as which a job is counted."""
    if job.kind is Kind.CATALOGUE and job.grade == Grade.HARMLESS:
        return HARMLESS
    return str(job.kind)
