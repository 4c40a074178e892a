"""Coverage: judged is what a healthy record judged, nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from limits import LimitFileError
from limits.coverage import (
    UNPROVED,
    Covered,
    coverage_text,
    covered_by,
    load_coverage,
    load_record_coverage,
    standings,
)
from limits.requirement_plan import Plan
from limits.requirements import Requirement


def phase(*measurements: tuple[str, str, list[str]]) -> dict[str, object]:
    """Write a phase as a record has it."""
    return {
        "name": "over_voltage",
        "measurements": [
            {"name": name, "outcome": outcome, "requirements": ids}
            for name, outcome, ids in measurements
        ],
    }


def write_record(folder: Path, content: object) -> Path:
    """Write a record file."""
    file = folder / "record.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_record_is_read_by_requirement(tmp_path: Path) -> None:
    """A measurement's requirement ids would be lost."""
    phases = [
        phase(("b_trip_v", "PASS", ["EL-09", "AL-04"])),
        phase(("a_trip_v", "PASS", ["EL-09"]), ("c", "INFO", [])),
        {"name": "empty"},
    ]
    record = write_record(tmp_path, {"outcome": "PASS", "phases": phases})
    assert load_record_coverage(record) == (
        Covered("AL-04", "b_trip_v", "PASS"),
        Covered("EL-09", "a_trip_v", "PASS"),
        Covered("EL-09", "b_trip_v", "PASS"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"outcome": "FAIL", "phases": []}, "outcome: is FAIL"),
        ({"outcome": "PASS"}, "phases: missing"),
        ([], "phases: missing"),
    ],
)
def test_record_that_proves_nothing_is_refused(
    tmp_path: Path, content: object, message: str
) -> None:
    """A failed run would count as coverage."""
    with pytest.raises(LimitFileError, match=message):
        load_record_coverage(write_record(tmp_path, content))


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    """A wrong path or file would end in a traceback."""
    with pytest.raises(LimitFileError, match="cannot be read"):
        load_record_coverage(tmp_path / "none.json")
    file = tmp_path / "record.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(LimitFileError, match="no record in JSON"):
        load_record_coverage(file)


def test_committed_coverage_reads_as_it_was_written(tmp_path: Path) -> None:
    """The committed file would say something else than the record."""
    covered = covered_by([phase(("a_trip_v", "PASS", ["EL-09"]))])
    file = tmp_path / "judged.csv"
    file.write_text(coverage_text(covered), encoding="utf-8")
    assert load_coverage(file) == covered


def test_committed_coverage_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A missing or strange file would end in a traceback."""
    with pytest.raises(LimitFileError, match="make it with"):
        load_coverage(tmp_path / "none.csv")
    file = tmp_path / "judged.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(LimitFileError, match="must have the columns"):
        load_coverage(file)


@pytest.mark.parametrize(
    ("planned", "found", "expected"),
    [
        ("judged", [("a_trip_v", "PASS")], "judged"),
        ("planned", [("a_trip_v", "PASS")], "judged"),
        ("judged", [("a_trip_v", "FAIL")], UNPROVED),
        ("judged", [("a_trip_v", "NOT_RUN")], UNPROVED),
        ("judged", [("a_trip_v", "INFO")], UNPROVED),
        ("judged", [], UNPROVED),
        ("read_only", [], UNPROVED),
        ("judged", [("a_register", "PASS")], "read_only"),
        ("judged", [("a_trip_v", "READ_ONLY")], "read_only"),
        ("judged", [("a_register", "PASS"), ("a_trip_v", "PASS")], "judged"),
        ("judged", [("a_flag", "NOT_SUPPORTED")], "not_supported"),
        ("operator", [("a_ok", "PASS")], "operator"),
        ("document", [], "document"),
        ("planned", [], "planned"),
    ],
)
def test_record_decides_the_kind(
    planned: str, found: list[tuple[str, str]], expected: str
) -> None:
    """The list would claim more than was measured."""
    row = Requirement("EL-09", "", "", "", "", "", "")
    covered = [Covered("EL-09", name, outcome) for name, outcome in found]
    plan = Plan(planned, "eol", "because")
    (standing,) = standings({"EL-09": row}, {"EL-09": plan}, covered)
    assert standing.kind == expected


def test_unknown_id_in_a_record_is_harmless() -> None:
    """An old record with an id that is gone would end in a traceback."""
    assert standings({}, {}, [Covered("XX-01", "a", "PASS")]) == ()
