"""Cross every defect with the steps that caught it.

A step catches a bad module if at least one of its measurements failed. Where the stop
table ended the run, the later steps were not asked: they neither caught nor missed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from limits.limit import Limit
from station.campaigns.entry import CatalogueEntry
from station.campaigns.job import Kind
from station.campaigns.report.seen import Seen


class Mark(StrEnum):
    """What one step did about one defect, over all its bad runs."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NOT_ASKED = "not_asked"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Row:
    """One defect in one sequence: what each step did about it."""

    subject: str
    title: str
    family: str
    severity: str
    sequence: str
    kind: Kind
    expected: tuple[str, ...]
    marks: Mapping[str, Mark]
    runs: int
    caught: int

    @property
    def steps(self) -> tuple[str, ...]:
        """List the steps that caught it at least once."""
        hit = (Mark.ALWAYS, Mark.SOMETIMES)
        return tuple(step for step, mark in self.marks.items() if mark in hit)


@dataclass(frozen=True, slots=True)
class Fragile:
    """A bad run that hangs on one thread: one step, or one limit, alone caught it.

    `stopped` tells that the run ended there, so that nobody knows what a later step
    would have said.
    """

    run: str
    title: str
    sequence: str
    only: str
    stopped: bool


@dataclass(frozen=True, slots=True)
class IdleLimit:
    """A limit that was judged and that no bad module ever failed.

    `requirements` and `safety` are reasons to keep it all the same.
    """

    name: str
    requirements: tuple[str, ...]
    safety: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Defects against steps.

    Args:
        steps: all steps by sequence, in their order.
        rows: one per defect and sequence.
        one_step, one_limit: bad runs that exactly one of them caught.
        idle_steps, idle_limits: played, and nothing ever failed there on a bad module.
    """

    steps: Mapping[str, Sequence[str]]
    rows: Sequence[Row]
    one_step: Sequence[Fragile]
    one_limit: Sequence[Fragile]
    idle_steps: Sequence[str]
    idle_limits: Sequence[IdleLimit]


def cross(
    runs: Iterable[Seen],
    catalogue: Mapping[str, CatalogueEntry],
    steps: Mapping[str, Sequence[str]],
    limits: Mapping[str, Limit],
) -> Matrix:
    """Cross the bad runs with the steps.

    Args:
        runs: all runs; good ones and those that count for nothing are left out.
        catalogue: names the steps that are expected to catch a defect.
        steps: all steps by sequence, in their order.
        limits: every limit that some run judged.
    """
    bad = [run for run in runs if run.owed and run.job.is_bad]
    caught = [run for run in bad if run.caught]
    hit_steps = {step for run in caught for step in run.steps}
    hit_limits = {name for run in caught for name in run.limits}
    every_step = dict.fromkeys(step for each in steps.values() for step in each)
    return Matrix(
        steps=steps,
        rows=_rows(bad, catalogue, steps),
        one_step=_fragile(caught, by_step=True),
        one_limit=_fragile(caught, by_step=False),
        idle_steps=[step for step in every_step if step not in hit_steps],
        idle_limits=[
            IdleLimit(limit.name, limit.requirements, limit.safety)
            for limit in limits.values()
            if limit.name not in hit_limits
        ],
    )


def _rows(
    bad: Sequence[Seen],
    catalogue: Mapping[str, CatalogueEntry],
    steps: Mapping[str, Sequence[str]],
) -> list[Row]:
    grouped: dict[tuple[str, str, Kind], list[Seen]] = {}
    for run in bad:
        key = (run.job.sequence, run.job.subject, run.job.kind)
        grouped.setdefault(key, []).append(run)
    rows = [_row(group, catalogue, steps) for group in grouped.values()]
    return sorted(rows, key=lambda row: (row.sequence, row.kind, row.family.lower()))


def _row(
    group: Sequence[Seen],
    catalogue: Mapping[str, CatalogueEntry],
    steps: Mapping[str, Sequence[str]],
) -> Row:
    first = group[0]
    entry = catalogue.get(first.job.subject)
    order = steps.get(first.job.sequence, ())
    return Row(
        first.job.subject,
        first.title,
        first.family,
        first.severity,
        first.job.sequence,
        first.job.kind,
        entry.steps if entry is not None else first.job.steps,
        {step: _mark(group, step) for step in order},
        len(group),
        sum(run.caught for run in group),
    )


def _mark(group: Sequence[Seen], step: str) -> Mark:
    hits = sum(run.caught and step in run.steps for run in group)
    if hits == len(group):
        return Mark.ALWAYS
    if hits:
        return Mark.SOMETIMES
    if all(step in run.unjudged for run in group):
        return Mark.NOT_ASKED
    return Mark.MISSED


def _fragile(caught: Sequence[Seen], *, by_step: bool) -> list[Fragile]:
    found = []
    for run in caught:
        names = run.steps if by_step else run.limits
        hangs = run.hangs_on_step if by_step else run.hangs_on_limit
        ended = run.ended_at_step() if by_step else run.ended()
        found += [
            Fragile(run.name, run.title, run.job.sequence, only, ended)
            for only in names
            if hangs(only)
        ]
    return found
