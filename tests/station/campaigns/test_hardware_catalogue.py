"""The half of the catalogue about hardware, wiring, links and assembly."""

from __future__ import annotations

import pytest

from instruments.sim.defects import load_fault_kinds
from instruments.sim.parameters import load_parameters
from limits import load_limits
from phases.behaviours import BEHAVIOURS
from station.campaigns.catalogue import load_catalogue
from station.campaigns.entry import NOT_DETECTABLE, CatalogueEntry

FAMILIES = (
    "cells",
    "sensors",
    "contactor",
    "can_link",
    "service_link",
    "led_bar_and_button",
    "wiring",
    "assembly",
)
ENTRIES = {
    name: entry
    for name, entry in load_catalogue().items()
    if entry.file.removesuffix(".toml") in FAMILIES
}
END = {"links", "make_safe"}


def test_there_are_as_many_as_were_promised() -> None:
    """Entries got lost, or a family is empty."""
    assert len(ENTRIES) >= 165
    assert sum(entry.sequence == "eol" for entry in ENTRIES.values()) >= 130
    assert {entry.file for entry in ENTRIES.values()} == {f"{n}.toml" for n in FAMILIES}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())
def test_every_grade_fits_the_simulated_bench(entry: CatalogueEntry) -> None:
    """A target or a fault does not exist, or a value is beyond all reason."""
    for grade in entry.grades():
        parameters = load_parameters([entry.at(grade)], seed=1)
        assert parameters.defects


def test_no_two_entries_are_the_same() -> None:
    """One defect stands there twice under two names."""
    seen = [
        (
            tuple((c.target, str(c.at(1.0).amount)) for c in entry.changes),
            tuple((f.target, f.name, f.when) for f in entry.faults),
        )
        for entry in ENTRIES.values()
    ]
    assert len(set(seen)) == len(seen)


def test_steps_are_behaviours() -> None:
    """A step that is expected to catch a defect does not exist."""
    for entry in ENTRIES.values():
        assert set(entry.steps) <= set(BEHAVIOURS) | END, entry.identity


def test_what_nothing_can_detect_has_no_steps() -> None:
    """A defect counts as undetectable, and a step is named for it."""
    for entry in ENTRIES.values():
        assert (entry.sequence == NOT_DETECTABLE) == (not entry.steps), entry.identity


def test_no_firmware_rule_is_touched() -> None:
    """A defect of the BMS's rules stands in the hardware half."""
    targets = {c.target for e in ENTRIES.values() for c in e.changes}
    targets |= {f.target for e in ENTRIES.values() for f in e.faults}
    assert not {t for t in targets if t.startswith("module.bms.")}


def test_every_hardware_fault_is_in_the_catalogue() -> None:
    """A fault that the simulated module can play is played by nobody."""
    played = {(f.target, f.name) for e in ENTRIES.values() for f in e.faults}
    known = {
        (kind.target, kind.name)
        for kind in load_fault_kinds()
        if kind.target.startswith("module.")
        and not kind.target.startswith("module.bms.")
    }
    assert known - played == set()


def test_limits_of_the_named_steps_exist() -> None:
    """A named step judges nothing."""
    tables = {limit.behaviour for limit in load_limits().values()}
    for entry in ENTRIES.values():
        for step in entry.steps:
            owed = BEHAVIOURS[step].tables or (step,) if step in BEHAVIOURS else ()
            assert step in END or set(owed) & tables, (entry.identity, step)
