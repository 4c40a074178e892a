"""List the runs that a plan owes, in the order in which they are played.

The module of each run is drawn by a seed that depends on the run alone: a defect that
joins the catalogue changes no other run. The kinds of runs are spread over the whole
campaign, so that its first tenth already says something of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from phases.sequences import behaviours_of, sequence_names
from station.campaigns.entry import CatalogueEntry
from station.campaigns.job import Job, Kind
from station.campaigns.plan import CatalogueShare, DrawnShare, HealthyShare, Plan
from station.errors import BadOption, escape

HEALTHY = "healthy"
_LATER = {"harmless": 1, "clearly_bad": 2}


def list_jobs(plan: Plan, catalogue: Mapping[str, CatalogueEntry]) -> list[Job]:
    """List the runs of a plan, each once, in a stable order.

    Raises:
        BadOption: the plan names a sequence that does not exist, or plays nothing.
    """
    jobs: list[Job] = []
    if plan.catalogue is not None:
        for entry in choose_entries(plan.catalogue, catalogue):
            jobs += _entry_jobs(plan.seed, plan.catalogue, entry)
    for part in plan.healthy:
        jobs += _healthy_jobs(part)
    if plan.drawn is not None:
        sequences = plan.catalogue.sequences if plan.catalogue else None
        jobs += _drawn_jobs(plan.seed, plan.drawn, catalogue, sequences)
    _check_sequences(plan, jobs)
    unique = {job.key: job for job in jobs}
    return _interleaved(unique.values())


def module_seed(plan_seed: int, subject: str, grade: str, index: int) -> int:
    """Choose the seed of one run's module from nothing but that run's own name."""
    text = "\n".join((str(plan_seed), subject, grade, str(index)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def choose_entries(
    share: CatalogueShare, catalogue: Mapping[str, CatalogueEntry]
) -> list[CatalogueEntry]:
    """Choose the defects of a plan; a sample takes families in turn.

    An entry's place in its family's draw is its own hash: another entry does not move
    it, and a larger sample holds the smaller one's.
    """
    fitting = [
        entry
        for entry in catalogue.values()
        if entry.sequence in share.sequences
        and (not share.families or _family(entry) in share.families)
        and set(entry.grades()) & set(share.grades)
    ]
    if not share.sample:
        return fitting
    families: dict[str, list[CatalogueEntry]] = {}
    for entry in fitting:
        families.setdefault(_family(entry), []).append(entry)
    ranked: list[tuple[int, str, CatalogueEntry]] = []
    for family in families.values():
        family.sort(key=lambda entry: _rank(share.sample_seed, entry.identity))
        ranked += [
            (turn, _rank(share.sample_seed, entry.identity), entry)
            for turn, entry in enumerate(family)
        ]
    ranked.sort(key=lambda item: item[:2])
    return [entry for _, _, entry in ranked[: share.sample]]


def _entry_jobs(
    plan_seed: int, share: CatalogueShare, entry: CatalogueEntry
) -> Iterable[Job]:
    for grade in entry.grades():
        if grade not in share.grades:
            continue
        for index in range(share.runs_per_grade):
            yield Job(
                Kind.CATALOGUE,
                entry.identity,
                grade,
                _played_in(entry, share.alone),
                module_seed(plan_seed, entry.identity, grade, index),
                (entry.at(grade),),
                entry.steps,
            )


def _healthy_jobs(part: HealthyShare) -> Iterable[Job]:
    for seed in range(part.first_seed, part.first_seed + part.count):
        yield Job(Kind.HEALTHY, HEALTHY, "", part.sequence, seed)


def _drawn_jobs(
    plan_seed: int,
    share: DrawnShare,
    catalogue: Mapping[str, CatalogueEntry],
    sequences: Sequence[str] | None,
) -> Iterable[Job]:
    from station.campaigns.draw import draw_defects

    for job in draw_defects(catalogue, share.seed, share.count):
        if sequences is None or job.sequence in sequences:
            seed = module_seed(plan_seed, job.subject, job.grade, 0)
            yield replace(job, seed=seed)


def _played_in(entry: CatalogueEntry, alone: Sequence[str]) -> str:
    """Name the sequence of a defect: the whole one, or a short one that catches it."""
    for sequence in alone:
        behaviours = behaviours_of(sequence) if sequence in sequence_names() else ()
        if entry.steps and entry.steps[0] in behaviours:
            return sequence
    return entry.sequence


def _check_sequences(plan: Plan, jobs: Sequence[Job]) -> None:
    if not jobs:
        raise BadOption(f"plan {escape(plan.name)}: nothing fits it; play another")
    known = sequence_names()
    asked = [job.sequence for job in jobs]
    if plan.catalogue is not None:
        asked += plan.catalogue.alone
    for name in asked:
        if name not in known:
            raise BadOption(
                f"plan {escape(plan.name)}: sequence {escape(name)} is not known;"
                f" known are {', '.join(known)}"
            )


def _interleaved(jobs: Iterable[Job]) -> list[Job]:
    """Spread each kind and grade evenly; within one, families come mixed.

    What the bounds rest on comes first, then harmless defects, then clearly bad ones:
    a campaign that has to be stopped leaves out what says least.
    """
    groups: dict[tuple[str, str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault((job.kind, job.grade, job.sequence), []).append(job)
    placed: list[tuple[float, str, Job]] = []
    for group in groups.values():
        if group[0].kind is not Kind.HEALTHY:
            group.sort(key=lambda job: _rank(0, job.key))
        placed += [
            (_LATER.get(job.grade, 0) + (number + 0.5) / len(group), job.key, job)
            for number, job in enumerate(group)
        ]
    placed.sort(key=lambda item: item[:2])
    return [job for _, _, job in placed]


def _family(entry: CatalogueEntry) -> str:
    return entry.file.removesuffix(".toml")


def _rank(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()
