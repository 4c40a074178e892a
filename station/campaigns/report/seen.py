"""Reduce one played run to what the tables of the report need of it.

A run has some 250 measurements; of a bad module only those count that failed, and the
steps in which something could not be judged any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from phases.make_safe import NAME as MAKE_SAFE
from phases.results import ERROR, FAIL, NOT_RUN
from phases.sequences import behaviours_of, sequence_names
from station.campaigns.count import Result, judge
from station.campaigns.entry import CatalogueEntry
from station.campaigns.job import Job, Kind, Played
from station.verdict import LIVE

MODULE_LIVE = "module_live"
"""The verdict's own rule beside the limits: the module is live after make_safe."""

NOT_IN_CATALOGUE = "not in the catalogue"
DRAWN_FAMILY = "drawn by seed"
_DRAWN_FROM = re.compile(r"drawn-\d+-\d+-(?P<entry>\w+)")
_ABBREVIATIONS = frozenset({"bms", "can", "dip", "led", "ntc", "rs485", "soc"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One run as the tables see it.

    Args:
        job: what was played, without what was done to the module.
        title, family, severity: of the defect; empty for a healthy module.
        result: detected, escaped, accepted, false-failed or error.
        owed: whether it counts: this sequence is the one that has to catch it.
        reason: the verdict's, kept where somebody has to read it.
        failed: step and measurement of everything that failed, in order.
        unjudged: steps in which something was not judged, because the run ended.
        repeats: whether it holds a whole defect of the catalogue (`repeats.py`).
    """

    job: Job
    title: str
    family: str
    severity: str
    result: Result
    owed: bool
    reason: str
    failed: tuple[tuple[str, str], ...]
    unjudged: frozenset[str]
    repeats: bool = False

    @property
    def name(self) -> str:
        """Name the defect and its grade for a table."""
        grade = self.job.grade.replace("_", " ")
        return f"{self.job.subject} ({grade})" if grade else self.job.subject

    @property
    def caught(self) -> bool:
        """Tell whether this is a bad module that its own sequence found."""
        return self.owed and self.result is Result.DETECTED

    @property
    def steps(self) -> frozenset[str]:
        """List the steps in which something failed."""
        return frozenset(step for step, _ in self.failed)

    @property
    def limits(self) -> frozenset[str]:
        """List the limits that something failed."""
        return frozenset(name for _, name in self.failed)

    def hangs_on_step(self, step: str) -> bool:
        """Tell whether this step alone caught it."""
        return self.caught and self.steps == {step}

    def hangs_on_limit(self, name: str) -> bool:
        """Tell whether this limit, or the verdict's rule, alone caught it."""
        return self.caught and self.limits == {name}

    def ended(self) -> bool:
        """Tell whether anything was left unjudged, because the run ended."""
        return bool(self.unjudged)

    def ended_at_step(self) -> bool:
        """Tell whether other steps than those that failed were left unjudged."""
        return bool(self.unjudged - self.steps)


def see(job: Job, played: Played, catalogue: Mapping[str, CatalogueEntry]) -> Seen:
    """Reduce one run; what was done to the module is forgotten, its title is not."""
    entry = _entry_of(job, catalogue)
    result = judge(job, played.outcome)
    quiet = result in (Result.DETECTED, Result.ACCEPTED)
    return Seen(
        replace(job, defects=()),
        _title(job, entry),
        _family(job, entry),
        _severity(job, entry),
        result,
        _owed(job, entry),
        "" if quiet else played.reason,
        _failed(played),
        _unjudged(played),
    )


def _entry_of(
    job: Job, catalogue: Mapping[str, CatalogueEntry]
) -> CatalogueEntry | None:
    """Find the entry of a defect; a drawn one says in its name what it came from."""
    if job.kind is Kind.DRAWN:
        origin = _DRAWN_FROM.match(job.subject)
        return catalogue.get(origin["entry"]) if origin else None
    return catalogue.get(job.subject)


def _owed(job: Job, entry: CatalogueEntry | None) -> bool:
    """Tell whether this run counts towards a total.

    A harmless or healthy module must pass every sequence. A bad one must fail the
    sequence that its defect names, or the part of it that a plan plays instead because
    the defect's first step is in it; another sequence owes nothing.
    """
    if not job.is_bad or job.kind is Kind.DRAWN or entry is None:
        return True
    if entry.sequence == job.sequence:
        return True
    known = sequence_names()
    if entry.sequence not in known or job.sequence not in known:
        return False
    part = behaviours_of(job.sequence)
    return entry.steps[0] in part and set(part) <= set(behaviours_of(entry.sequence))


def _failed(played: Played) -> tuple[tuple[str, str], ...]:
    failed = [(item.step, item.name) for item in played.failed()]
    if played.outcome == FAIL and LIVE in played.reason:
        failed.append((MAKE_SAFE, MODULE_LIVE))
    return tuple(failed)


def _unjudged(played: Played) -> frozenset[str]:
    open_steps = {step for step, outcome, _ in played.steps if outcome == NOT_RUN}
    open_steps |= {step for step, outcome, _ in played.steps if outcome == ERROR}
    open_steps |= {item.step for item in played.found if item.outcome == NOT_RUN}
    return frozenset(open_steps)


def _title(job: Job, entry: CatalogueEntry | None) -> str:
    if job.kind is Kind.HEALTHY:
        return "nothing: a healthy module"
    told = job.defects[0].title if job.defects else job.subject
    if job.kind is Kind.DRAWN and entry is not None:
        return f"{entry.title}: {told}"
    return entry.title if entry is not None else told


def _family(job: Job, entry: CatalogueEntry | None) -> str:
    if job.kind is Kind.HEALTHY:
        return ""
    if job.kind is Kind.DRAWN:
        return DRAWN_FAMILY
    if entry is None:
        return NOT_IN_CATALOGUE
    return family_of(entry)


def family_of(entry: CatalogueEntry) -> str:
    """Name the family of a defect: its file in the catalogue."""
    words = entry.file.removesuffix(".toml").split("_")
    return " ".join(w.upper() if w in _ABBREVIATIONS else w for w in words)


def _severity(job: Job, entry: CatalogueEntry | None) -> str:
    if job.kind is Kind.HEALTHY:
        return ""
    return entry.severity if entry is not None else DRAWN_FAMILY
