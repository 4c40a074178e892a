"""Count what a campaign found: detected, escaped, false-failed, not known."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from station.campaigns.job import Job, Kind, Played


class Verdict(StrEnum):
    """What a run says of the plan."""

    DETECTED = "detected"
    ESCAPED = "escaped"
    PASSED = "passed"
    FALSE_FAIL = "false fail"
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

    @property
    def judged(self) -> int:
        """How many runs ended PASS or FAIL."""
        return self.runs - self.errors

    def add(self, verdict: Verdict) -> None:
        """Count one run."""
        self.runs += 1
        self.detected += verdict is Verdict.DETECTED
        self.escaped += verdict is Verdict.ESCAPED
        self.passed += verdict is Verdict.PASSED
        self.false_failed += verdict is Verdict.FALSE_FAIL
        self.errors += verdict is Verdict.ERROR


@dataclass(slots=True)
class Tally:
    """Counts by kind of run, and the names of what went wrong."""

    by_kind: dict[str, Count] = field(default_factory=dict)
    wrong: list[tuple[Verdict, str, str]] = field(default_factory=list)
    """Verdict, job key and reason of escapes, false fails and errors."""

    def add(self, job: Job, played: Played) -> None:
        """Count one played run."""
        verdict = judge(job, played.outcome)
        self.by_kind.setdefault(kind_of(job), Count()).add(verdict)
        if verdict not in (Verdict.DETECTED, Verdict.PASSED):
            self.wrong.append((verdict, played.key, played.reason))

    def add_loss(self, job: Job, reason: str) -> None:
        """Count one run that could not be played."""
        self.by_kind.setdefault(kind_of(job), Count()).add(Verdict.ERROR)
        self.wrong.append((Verdict.ERROR, job.key, reason))

    @property
    def total(self) -> Count:
        """The counts of all kinds together."""
        total = Count()
        for count in self.by_kind.values():
            for name in Count.__dataclass_fields__:
                setattr(total, name, getattr(total, name) + getattr(count, name))
        return total


def judge(job: Job, outcome: str) -> Verdict:
    """Say what the outcome of a run means for the plan."""
    if outcome == "PASS":
        return Verdict.ESCAPED if job.is_bad else Verdict.PASSED
    if outcome == "FAIL":
        return Verdict.DETECTED if job.is_bad else Verdict.FALSE_FAIL
    return Verdict.ERROR


def kind_of(job: Job) -> str:
    """Name the line of the table in which a run is counted."""
    if job.kind is Kind.CATALOGUE:
        return "harmless" if job.grade == "harmless" else "catalogue"
    return str(job.kind)
