"""The draw of further defects: a function of its seed, none is the catalogue's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from instruments.sim.parameters import load_parameters
from station.campaigns.catalogue import load_catalogue
from station.campaigns.distribution import load_distribution
from station.campaigns.draw import draw_defects
from station.campaigns.job import Job

CATALOGUE = load_catalogue()
GIVEN = load_distribution()
COUNT = 400


def drawn(**weights: float) -> tuple[Job, ...]:
    """Draw with these weights of graded, ungraded and pair."""
    order = ("graded", "ungraded", "pair")
    only = replace(GIVEN, weights=tuple(weights.get(kind, 0.0) for kind in order))
    return draw_defects(CATALOGUE, 7, 60, only)


def contents(job: Job) -> tuple[object, ...]:
    """Name what a job changes, without the name of the file."""
    (file,) = job.defects
    changes = sorted((c.target, c.operation, repr(c.amount)) for c in file.changes)
    faults = sorted((f.target, f.name, str(f.when)) for f in file.faults)
    return tuple(changes), tuple(faults)


def test_same_seed_draws_the_same_defects() -> None:
    """A frozen draw could not be played again."""
    assert draw_defects(CATALOGUE, 3, 50) == draw_defects(CATALOGUE, 3, 50)


def test_longer_draw_begins_with_the_shorter_one() -> None:
    """A campaign that is prolonged would lose what it has played."""
    assert draw_defects(CATALOGUE, 3, 50)[:20] == draw_defects(CATALOGUE, 3, 20)


def test_another_seed_draws_other_defects() -> None:
    """Acceptance would play the draw that the plan was mended with."""
    first = {contents(job) for job in draw_defects(CATALOGUE, 1, COUNT)}
    second = {contents(job) for job in draw_defects(CATALOGUE, 2, COUNT)}
    assert len(first & second) <= COUNT // 50


def test_no_drawn_defect_is_one_of_the_catalogue() -> None:
    """The bound would rest on defects that the plan was mended for."""
    own = {
        contents(Job(job.kind, "", "", "", None, (entry.at(grade),)))
        for job in draw_defects(CATALOGUE, 1, 1)
        for entry in CATALOGUE.values()
        for grade in entry.grades()
    }
    assert [job.subject for job in drawn(pair=1) if contents(job) in own] == []


@pytest.mark.parametrize("seed", [0, 1, 20261122])
def test_every_drawn_defect_can_be_built(seed: int) -> None:
    """A defect that no bench accepts would end as an error of the station."""
    for job in draw_defects(CATALOGUE, seed, COUNT):
        load_parameters(job.defects)


def test_every_job_names_itself_and_who_has_to_catch_it() -> None:
    """A report could not say which of them escaped, nor a campaign store them."""
    jobs = draw_defects(CATALOGUE, 5, COUNT)
    assert len({job.key for job in jobs}) == COUNT
    for number, job in enumerate(jobs):
        assert job.subject.startswith(f"drawn-5-{number:04d}-")
        assert job.is_bad
        assert job.steps
        assert job.sequence in GIVEN.sequences


def test_graded_values_are_drawn_beyond_the_limit_only() -> None:
    """A drawn defect could be a good module, and its PASS an escape."""
    for job in drawn(graded=1):
        distance = float(job.defects[0].title.split()[0])
        assert GIVEN.graded[0] <= distance <= GIVEN.graded[1]


def test_defects_without_grades_differ_in_place_time_or_company() -> None:
    """They would be the catalogue's own, played once more."""
    titles = {job.defects[0].title.split()[0] for job in drawn(ungraded=1)}
    assert {"from", "with"} <= titles <= {"from", "with", "at"}


def test_pair_never_sets_one_target_twice() -> None:
    """A bench refuses two changes of one value."""
    for job in drawn(pair=1):
        targets = [change.target for change in job.defects[0].changes]
        assert len(targets) == len(set(targets))


def test_only_sequences_of_the_distribution_are_drawn() -> None:
    """A draw for the short sequence would ask for hours of bench time."""
    only = replace(GIVEN, sequences=("eol",))
    jobs = draw_defects(CATALOGUE, 1, COUNT, only)
    assert {job.sequence for job in jobs} == {"eol"}


def test_catalogue_without_defects_is_refused() -> None:
    """An empty draw would prove a bound on nothing."""
    with pytest.raises(ValueError, match="draw from"):
        draw_defects({}, 1, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("graded = 55", "graded = -1"),
        ("pair = 20", "couple = 20"),
        ("least_tolerances = 1.2", "least_tolerances = 9.0"),
        ("(\\d\\d)", "\\d\\d"),
        ("[company]", "[crowd]"),
    ],
)
def test_distribution_that_cannot_be_drawn_is_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    """A slip in the data file would draw something else without a word."""
    text = (Path(__file__).parents[3] / "station/campaigns/draw.toml").read_text(
        "utf-8"
    )
    assert old in text
    path = tmp_path / "draw.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BenchFileError):
        load_distribution(path)
