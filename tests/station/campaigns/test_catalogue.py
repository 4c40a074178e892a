"""The catalogue of defects: whole, unique, playable, and it covers the firmware."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from instruments.sim.defects import load_fault_kinds
from instruments.sim.parameter_files import FOLDER
from instruments.sim.parameters import load_parameters
from instruments.toml_file import read_toml
from limits.requirements import load_requirements
from phases.behaviours import BEHAVIOURS
from station.campaigns.catalogue import CATALOGUE as FOLDER_OF_DEFECTS
from station.campaigns.catalogue import load_catalogue
from station.campaigns.entry import CatalogueEntry, Grade, GradedChange

ENTRIES = load_catalogue()
EVERY = list(ENTRIES.values())
REQUIREMENT = re.compile(r"\b[A-Z]{2}-\d{2}\b")
LEAST_DEFECTS, LEAST_EOL, LEAST_PAIRS = 320, 240, 20


def bms_parameters() -> dict[str, tuple[object, str]]:
    """Read value and source of every parameter of bms.toml by its full name."""
    found: dict[str, tuple[object, str]] = {}

    def walk(name: str, table: dict[str, object]) -> None:
        if {"value", "source"} <= set(table):
            found[name] = (table["value"], str(table["source"]))
            return
        for key, below in table.items():
            assert isinstance(below, dict)
            walk(f"{name}.{key}" if name else key, below)

    walk("", dict(read_toml(FOLDER / "bms.toml")))
    return found


PARAMETERS = bms_parameters()
WITH_REQUIREMENT = sorted(
    name for name, (_, source) in PARAMETERS.items() if REQUIREMENT.search(source)
)


def touching(target: str) -> list[CatalogueEntry]:
    """List the entries, pairs aside, that change a parameter."""
    return [
        entry
        for entry in EVERY
        if not entry.of and target in {change.target for change in entry.changes}
    ]


def test_parameters_with_requirement_are_found() -> None:
    """The next test would pass because it looked at nothing."""
    assert len(WITH_REQUIREMENT) >= 20
    assert "module.bms.temperature.charge_hot_trip_c" in WITH_REQUIREMENT


@pytest.mark.parametrize("target", WITH_REQUIREMENT)
def test_parameter_with_requirement_has_a_just_bad_defect(target: str) -> None:
    """A requirement of the manual would stand in the firmware and nobody tried it."""
    entries = touching(target)
    if isinstance(PARAMETERS[target][0], float):
        entries = [
            entry
            for entry in entries
            if any(
                isinstance(change, GradedChange) and change.target == target
                for change in entry.changes
            )
        ]
    assert entries, f"{target}: write a just-bad defect"


def test_every_named_fault_of_the_bms_is_in_the_catalogue() -> None:
    """The simulated firmware has a fault that no campaign plays."""
    played = {(f.target, f.name) for entry in EVERY for f in entry.faults}
    kinds = {
        (kind.target, kind.name)
        for kind in load_fault_kinds()
        if kind.target.startswith("module.bms.")
    }
    assert kinds - played == set()


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.identity)
def test_entry_can_be_built_in_each_of_its_grades(entry: CatalogueEntry) -> None:
    """A campaign would end it with an error of the station."""
    for grade in entry.grades():
        load_parameters((entry.at(grade),))


def test_entry_touches_requirements_that_exist() -> None:
    """The report would count a defect for a requirement that nobody wrote."""
    known = set(load_requirements())
    assert {name for entry in EVERY for name in entry.touches} - known == set()


def test_every_entry_differs_from_every_other() -> None:
    """One defect under two names counts twice."""
    contents = Counter(
        (
            tuple(
                sorted((c.target, c.operation, repr(c.amount)) for c in file.changes)
            ),
            tuple(sorted((f.target, f.name, str(f.when)) for f in file.faults)),
        )
        for entry in EVERY
        for file in [entry.at(entry.grades()[0])]
    )
    assert [content for content, count in contents.items() if count > 1] == []


def test_steps_of_an_entry_of_eol_are_behaviours() -> None:
    """The matrix would expect a catch from a step that does not exist."""
    wrong = {
        (entry.identity, step)
        for entry in EVERY
        if entry.sequence == "eol"
        for step in entry.steps
        if step not in BEHAVIOURS
    }
    assert wrong == set()


def test_catalogue_is_as_large_as_promised() -> None:
    """Too few defects bear the campaign; undetectable ones count towards nothing."""
    detectable = [entry for entry in EVERY if entry.detectable]
    assert len(detectable) >= LEAST_DEFECTS
    assert len([e for e in detectable if e.sequence == "eol"]) >= LEAST_EOL


def test_pairs_are_two_defects_just_bad() -> None:
    """A pair that is clearly bad is caught by anything."""
    pairs = [entry for entry in EVERY if entry.of]
    assert len(pairs) >= LEAST_PAIRS
    for pair in pairs:
        first, second = (ENTRIES[name] for name in pair.of)
        grades = [Grade.JUST_BAD if e.graded else Grade.BAD for e in (first, second)]
        assert pair.at(Grade.BAD).changes == (
            first.at(grades[0]).changes + second.at(grades[1]).changes
        )


def test_same_identity_twice_is_refused(tmp_path: Path) -> None:
    """The second of two defects would never be played."""
    text = (FOLDER_OF_DEFECTS / "over_voltage.toml").read_text("utf-8")
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BenchFileError, match=r"stands in one\.toml already"):
        load_catalogue(tmp_path)


def test_undetectable_defect_needs_a_reason(tmp_path: Path) -> None:
    """An escape could be talked away without a word."""
    text = (FOLDER_OF_DEFECTS / "balancing.toml").read_text("utf-8")
    bare = "\n".join(s for s in text.splitlines() if not s.startswith("reason"))
    (tmp_path / "bare.toml").write_text(bare, encoding="utf-8")
    with pytest.raises(BenchFileError, match="reason"):
        load_catalogue(tmp_path)
