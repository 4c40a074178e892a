"""The list of runs: stable seeds, a stable order, and a sample of all families."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.campaigns.entry import (
    NOT_DETECTABLE,
    CatalogueEntry,
    GradedChange,
    PlainChange,
)
from station.campaigns.job import Job, Kind
from station.campaigns.jobs import choose_entries, list_jobs
from station.campaigns.plan import CatalogueShare, HealthyShare, Plan
from station.errors import BadOption

PLAN = Plan(
    name="test",
    title="test",
    seed=4,
    catalogue=CatalogueShare(sequences=("eol",)),
    healthy=(HealthyShare(count=30, first_seed=100),),
)


def entry(
    identity: str, file: str = "cells.toml", graded: bool = True
) -> CatalogueEntry:
    """Make a defect that over_current_charge has to catch."""
    change: GradedChange | PlainChange = PlainChange("module.a", "set", 1, file)
    if graded:
        change = GradedChange("module.a_v", 0.2, None, 3.0, file)
    return CatalogueEntry(
        identity,
        identity,
        "told",
        (),
        "major",
        "eol",
        "",
        ("over_current_charge",),
        (change,),
        (),
        file=file,
    )


def catalogue(*entries: CatalogueEntry) -> dict[str, CatalogueEntry]:
    """Make a catalogue of these defects."""
    return {item.identity: item for item in entries}


FIVE = catalogue(*(entry(f"defect_{n}") for n in range(5)))


def keys(jobs: list[Job]) -> list[str]:
    """List the names of jobs."""
    return [job.key for job in jobs]


def test_each_defect_is_played_in_each_grade() -> None:
    """A grade would be left out of the figures."""
    jobs = [job for job in list_jobs(PLAN, FIVE) if job.kind is Kind.CATALOGUE]
    assert len(jobs) == 15
    assert {job.grade for job in jobs} == {"clearly_bad", "just_bad", "harmless"}
    assert sum(job.is_bad for job in jobs) == 10


def test_another_defect_moves_no_other_run() -> None:
    """Every new defect would throw all earlier results away."""
    more = catalogue(entry("a_first"), *FIVE.values(), entry("z_last", "wiring.toml"))
    before, after = list_jobs(PLAN, FIVE), list_jobs(PLAN, more)
    assert set(keys(before)) < set(keys(after))
    kept = [key for key in keys(after) if "/a_first/" not in key]
    kept = [key for key in kept if "/z_last/" not in key]
    assert sorted(kept) == sorted(keys(before))


def test_order_is_stable_and_mixed() -> None:
    """Early results would speak of healthy modules only."""
    jobs = list_jobs(PLAN, FIVE)
    assert keys(jobs) == keys(list_jobs(PLAN, dict(reversed(FIVE.items()))))
    assert {job.kind for job in jobs[:9]} == {Kind.CATALOGUE, Kind.HEALTHY}
    grades = [job.grade for job in jobs if job.grade]
    assert grades == ["just_bad"] * 5 + ["harmless"] * 5 + ["clearly_bad"] * 5


def test_modules_differ_from_run_to_run() -> None:
    """One lucky module would stand for the whole population."""
    share = CatalogueShare(sequences=("eol",), runs_per_grade=4)
    jobs = list_jobs(Plan(name="t", title="t", seed=4, catalogue=share), FIVE)
    assert len({job.seed for job in jobs}) == len(jobs) == 60
    other = list_jobs(Plan(name="t", title="t", seed=5, catalogue=share), FIVE)
    assert not {job.seed for job in jobs} & {job.seed for job in other}


def test_what_nothing_detects_is_not_played() -> None:
    """It would stand in the figures as an escape."""
    hidden = replace(entry("hidden"), sequence=NOT_DETECTABLE, steps=())
    jobs = list_jobs(PLAN, catalogue(*FIVE.values(), hidden))
    assert "hidden" not in {job.subject for job in jobs}


def test_sample_takes_families_in_turn_and_grows() -> None:
    """A small sample would miss a family, and a larger one share nothing with it."""
    many = catalogue(
        *(entry(f"cell_{n}") for n in range(20)),
        *(entry(f"wire_{n}", "wiring.toml", graded=False) for n in range(3)),
    )
    small = choose_entries(CatalogueShare(sample=4, sample_seed=1), many)
    large = choose_entries(CatalogueShare(sample=10, sample_seed=1), many)
    assert [item.file for item in small].count("wiring.toml") == 2
    assert {item.identity for item in small} < {item.identity for item in large}
    other = choose_entries(CatalogueShare(sample=4, sample_seed=2), many)
    assert small != other


def test_defect_is_played_alone_where_the_plan_says_so() -> None:
    """The sample would take minutes."""
    share = CatalogueShare(sequences=("eol",), alone=("temperature", "over_current"))
    jobs = list_jobs(Plan(name="t", title="t", seed=4, catalogue=share), FIVE)
    assert {job.sequence for job in jobs} == {"over_current"}


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (
            Plan(
                name="t", title="t", seed=1, catalogue=CatalogueShare(families=("x",))
            ),
            "nothing fits it",
        ),
        (
            Plan(
                name="t",
                title="t",
                seed=1,
                healthy=(HealthyShare(count=1, first_seed=1, sequence="eoll"),),
            ),
            "sequence eoll is not known",
        ),
    ],
)
def test_plan_that_fits_nothing_is_refused(plan: Plan, why: str) -> None:
    """A campaign of nothing would end without an escape."""
    with pytest.raises(BadOption, match=why):
        list_jobs(plan, FIVE)
