"""Which drawn defects hold one of the catalogue whole."""

from __future__ import annotations

from dataclasses import replace

from instruments.sim.defects import Change, DefectFile, Fault
from station.campaigns.entry import PlainChange
from station.campaigns.job import Job, Kind
from station.campaigns.report.repeats import make_repeats
from tests.station.campaigns.report.made_runs import catalogue

WRONG = PlainChange("module.identity.software_version", "set", 369, "file")
KNOWN = catalogue("a")
REPEATS = make_repeats({"a": replace(KNOWN["a"], changes=(WRONG,), faults=())})


def drawn(*changes: Change, faults: tuple[Fault, ...] = ()) -> Job:
    """Make a drawn job."""
    defect = DefectFile("drawn", "Drawn", changes, faults)
    return Job(Kind.DRAWN, "drawn-1-0000-a", "bad", "eol", 1, (defect,))


def test_a_defect_in_company_repeats_the_catalogue() -> None:
    """The bound would rest on what the plan was mended for."""
    beside = Change("module.cells.resistance_scale.c01", "set", 1.5, "other")
    assert REPEATS(drawn(WRONG.at(1.2), beside))


def test_another_value_is_new() -> None:
    """Everything drawn would count as a repetition."""
    assert not REPEATS(drawn(Change(WRONG.target, "set", 368, "file")))
    assert not REPEATS(drawn(faults=(Fault("module.contactor", "welded"),)))
