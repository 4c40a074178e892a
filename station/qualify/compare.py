"""Compare what a firmware did with what the baseline did, run by run.

Both played the same runs on the same modules. A verdict that changed, a measurement
that is missing, changed its outcome or moved by more than its tolerance is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from limits.limit import Limit
from phases.results import FAIL, NOT_RUN, PASS
from station.campaigns.job import Found, Job, Played
from station.qualify.tolerances import Tolerances

LimitsOf = Callable[[str], Mapping[str, Limit]]
"""Gives the limits that judged a sequence."""

_JUDGED = (PASS, FAIL)


class Difference(StrEnum):
    """What is different, the worst first."""

    NEW_ESCAPE = "new escape"
    NEW_FALSE_FAIL = "new false fail"
    CHANGED_VERDICT = "changed verdict"
    NO_VERDICT = "no verdict"
    MISSING = "missing measurement"
    CHANGED_OUTCOME = "changed outcome"
    MOVED = "moved value"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; `step` and `measurement` are empty where it is the verdict.

    `moved_ratio` tells how many tolerances a value moved, 0 where that has no meaning.
    """

    kind: Difference
    job: Job
    step: str
    measurement: str
    text: str
    moved_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One run on both firmwares; None where it was not played, `loss` says why."""

    job: Job
    baseline: Played | None
    candidate: Played | None
    loss: str = ""

    @property
    def has_verdict(self) -> bool:
        """Tell whether the firmware's measurements can be compared."""
        return (
            self.baseline is not None
            and self.candidate is not None
            and self.candidate.outcome in _JUDGED
        )


@dataclass(slots=True)
class Comparison:
    """All runs of a qualification and what is different."""

    runs: list[Compared] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left_out: Sequence[Job] = ()
    image_changes: Sequence[str] = ()

    @property
    def changed(self) -> bool:
        """Tell whether anything keeps the release back."""
        return bool(self.image_changes) or any(
            found.kind is not Difference.NO_VERDICT for found in self.findings
        )

    @property
    def unsure(self) -> bool:
        """Tell whether a run has no verdict, or no run has one."""
        return not any(run.has_verdict for run in self.runs) or any(
            found.kind is Difference.NO_VERDICT for found in self.findings
        )

    def behaviours(self) -> dict[tuple[str, str], int]:
        """Count the runs that were compared, by sequence and step, in order."""
        counts: dict[tuple[str, str], int] = {}
        for run in self.runs:
            for name, _, _ in () if run.baseline is None else run.baseline.steps:
                where = (run.job.sequence, name)
                counts[where] = counts.get(where, 0) + run.has_verdict
        return counts

    def of_behaviour(self, sequence: str, step: str) -> list[Finding]:
        """List what is different in one behaviour of a sequence."""
        return [
            found
            for found in self.findings
            if found.step == step and found.job.sequence == sequence
        ]

    def of_verdict(self, job: Job) -> list[Finding]:
        """List what is different in the verdict of one run."""
        return [f for f in self.findings if f.job == job and not f.step]


def compare(
    runs: Sequence[Compared], tolerances: Tolerances, limits_of: LimitsOf
) -> Comparison:
    """Compare every run that both firmwares played."""
    found = Comparison(list(runs))
    for run in runs:
        if run.baseline is None or run.candidate is None:
            who = "the baseline" if run.baseline is None else "the firmware"
            text = f"could not be played on {who}"
            text += f": {run.loss}" if run.loss else ""
            found.findings.append(Finding(Difference.NO_VERDICT, run.job, "", "", text))
            continue
        found.findings += _verdict(run.job, run.baseline, run.candidate)
        if run.candidate.outcome not in _JUDGED:
            continue  # it ended early: what it did not measure says nothing
        found.findings += _values(
            run.job,
            run.baseline,
            run.candidate,
            tolerances,
            limits_of(run.job.sequence),
        )
    return found


def _verdict(job: Job, before: Played, after: Played) -> Iterator[Finding]:
    """Compare the verdicts; a firmware that never had one is not the same as before."""
    if after.outcome not in _JUDGED:
        kind = Difference.NO_VERDICT
    elif before.outcome == after.outcome:
        return
    elif job.is_bad and after.outcome == PASS:
        kind = Difference.NEW_ESCAPE
    elif not job.is_bad and after.outcome == FAIL:
        kind = Difference.NEW_FALSE_FAIL
    else:
        kind = Difference.CHANGED_VERDICT
    text = f"{before.outcome} before, {after.outcome} now"
    if after.reason:
        text += f": {after.reason}"
    yield Finding(kind, job, "", "", text)


def _values(
    job: Job,
    before: Played,
    after: Played,
    tolerances: Tolerances,
    limits: Mapping[str, Limit],
) -> Iterator[Finding]:
    """Compare the measurements; one without a limit is information and may move."""
    now = {(item.step, item.name): item for item in after.found}
    missing: dict[str, list[str]] = {}
    for item in before.found:
        if item.name not in limits or item.outcome == NOT_RUN:
            continue
        other = now.get((item.step, item.name))
        if other is None or other.outcome == NOT_RUN:
            missing.setdefault(item.step, []).append(item.name)
            continue
        finding = _difference(job, item, other, tolerances, limits[item.name])
        if finding is not None:
            yield finding
    was = {(i.step, i.name) for i in before.found if i.outcome != NOT_RUN}
    for item in after.found:
        is_new = item.name in limits and (item.step, item.name) not in was
        if is_new and item.outcome == FAIL:
            text = f"not measured before, FAIL now; {_text(item)} now"
            yield Finding(Difference.CHANGED_OUTCOME, job, item.step, item.name, text)
    for step, names in missing.items():
        text = f"{len(names)} not measured any more: {', '.join(names)}"
        yield Finding(Difference.MISSING, job, step, names[0], text)


def _difference(
    job: Job, before: Found, after: Found, tolerances: Tolerances, limit: Limit
) -> Finding | None:
    texts = f"{_text(before)} before, {_text(after)} now"
    if before.outcome != after.outcome:
        text = f"{before.outcome} before, {after.outcome} now; {texts}"
        return Finding(Difference.CHANGED_OUTCOME, job, before.step, before.name, text)
    was, now = _number(before), _number(after)
    is_statement = limit.low is None and limit.high is None
    if is_statement or was is None or now is None:
        if _text(before) == _text(after):
            return None
        return Finding(Difference.MOVED, job, before.step, before.name, texts)
    # What lies within both brackets cannot be told apart.
    allowed = max(tolerances.of(limit, was), (_width(before) + _width(after)) / 2.0)
    moved = abs(now - was)
    if moved <= allowed:
        return None
    text = f"{texts} {limit.unit}; moved by {moved:.4g}, tolerance {allowed:.4g}"
    moved_ratio = moved / allowed if allowed > 0.0 else 0.0
    return Finding(Difference.MOVED, job, before.step, before.name, text, moved_ratio)


def _number(item: Found) -> float | None:
    """Read a value: the middle of what is known, or the stimulus that was held."""
    if item.low is not None and item.high is not None:
        return (item.low + item.high) / 2.0
    try:
        return float(item.text)
    except ValueError:
        return None


def _width(item: Found) -> float:
    if item.low is None or item.high is None:
        return 0.0
    return item.high - item.low


def _text(item: Found) -> str:
    number = _number(item)
    return item.text if number is None else f"{number:.5g}"
