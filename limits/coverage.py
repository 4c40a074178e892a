"""Which requirements a healthy run judged: computed from its record, never believed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limits.errors import LimitFileError
from limits.plain_file import read_text
from limits.requirement_plan import Plan
from limits.requirements import Requirement

COVERAGE_FILES = {
    sequence: Path(__file__).parent / f"judged_{sequence}.csv"
    for sequence in ("eol", "qualification")
}
"""What the last committed records of a healthy module judged, by sequence."""

UNPROVED = "unproved"
"""The plan says judged, but no measurement of the record judges it."""

_LONGEST_RECORD = 50_000_000
_COLUMNS = ("requirement", "measurement", "outcome")


@dataclass(frozen=True, slots=True, order=True)
class Covered:
    """One measurement of a record that names one requirement."""

    requirement: str
    measurement: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one requirement stands: its kind and what speaks for it."""

    requirement: Requirement
    kind: str
    sequence: str
    reason: str
    exception: str
    measurements: tuple[str, ...]


def load_record_coverage(path: Path) -> tuple[Covered, ...]:
    """Load the record of a healthy run and list what it covers.

    Raises:
        LimitFileError: the file is no record, or the run did not pass.
    """
    record = _load_record(path)
    if record.get("outcome") != "PASS":
        why = f"is {record.get('outcome')}; only a run that passed proves coverage"
        raise LimitFileError(path.name, "outcome", why)
    try:
        return covered_by(record["phases"])
    except (AttributeError, KeyError, TypeError) as error:
        why = "is no list of phases with named measurements; is no record of a run"
        raise LimitFileError(path.name, "phases", why) from error


def sequence_of_record(path: Path) -> str:
    """Read which sequence's coverage a record replaces; `eol` for a short one.

    Raises:
        LimitFileError: the file is no record.
    """
    sequence = _load_record(path).get("sequence")
    return sequence if sequence in COVERAGE_FILES else "eol"


def _load_record(path: Path) -> dict[str, Any]:
    text = read_text(path, "a file made with --record", _LONGEST_RECORD)
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LimitFileError(path.name, "file", "is no record in JSON") from error
    if not isinstance(record, dict) or not isinstance(record.get("phases"), list):
        raise LimitFileError(path.name, "phases", "missing; is no record of a run")
    return record


def covered_by(phases: Iterable[Mapping[str, object]]) -> tuple[Covered, ...]:
    """List what the phases of a record cover, sorted, each once."""
    found = {
        Covered(str(requirement), str(item["name"]), str(item["outcome"]))
        for phase in phases
        for item in _mappings(phase.get("measurements"))
        for requirement in _texts(item.get("requirements"))
    }
    return tuple(sorted(found))


def coverage_text(covered: Iterable[Covered]) -> str:
    """Write coverage as the text of the CSV file that is committed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for item in covered:
        writer.writerow((item.requirement, item.measurement, item.outcome))
    return text.getvalue()


def load_coverage(path: Path) -> tuple[Covered, ...]:
    """Load one file of committed coverage.

    Raises:
        LimitFileError: the file is missing or has other columns.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(Covered(**row) for row in csv.DictReader(file))
    except OSError as error:
        why = "cannot be read; make it with `station requirements --record FILE --keep`"
        raise LimitFileError(path.name, "file", why) from error
    except TypeError as error:
        why = f"must have the columns {', '.join(_COLUMNS)}"
        raise LimitFileError(path.name, "columns", why) from error


def load_committed(without: str = "") -> tuple[Covered, ...]:
    """Load the committed coverage of every sequence but the one named.

    Raises:
        LimitFileError: a file is missing or has other columns.
    """
    return tuple(
        item
        for sequence, path in COVERAGE_FILES.items()
        if sequence != without
        for item in load_coverage(path)
    )


def standings(
    requirements: Mapping[str, Requirement],
    plans: Mapping[str, Plan],
    covered: Iterable[Covered],
) -> tuple[Standing, ...]:
    """Decide for every requirement how it stands, in file order."""
    by_id: dict[str, list[Covered]] = {item: [] for item in requirements}
    for item in dict.fromkeys(covered):  # two sequences may share a step
        by_id.setdefault(item.requirement, []).append(item)
    return tuple(
        _standing(requirement, plans[item], by_id[item])
        for item, requirement in requirements.items()
    )


def _standing(requirement: Requirement, plan: Plan, found: list[Covered]) -> Standing:
    kind = _kind(plan, found)
    passed = tuple(item.measurement for item in found if item.outcome == "PASS")
    reason = plan.reason
    if kind == UNPROVED:
        reason = "the plan says judged; no measurement of the record judges it"
    return Standing(
        requirement=requirement,
        kind=kind,
        sequence=_judged_in(plan) if kind == "judged" else plan.sequence,
        reason=reason,
        exception=plan.exception,
        measurements=passed,
    )


def _judged_in(plan: Plan) -> str:
    """Name the sequence that judges; a plan that still waits was overtaken by `eol`."""
    return plan.sequence if plan.kind == "judged" and plan.sequence else "eol"


def _kind(plan: Plan, found: list[Covered]) -> str:
    """Let the record decide; an answer of a person stays an answer of a person.

    A threshold register that equals the release image was read, not exercised.
    """
    if plan.kind == "operator":
        return "operator"
    passed = [item.measurement for item in found if item.outcome == "PASS"]
    if any(not name.endswith("_register") for name in passed):
        return "judged"
    if passed or any(item.outcome == "READ_ONLY" for item in found):
        return "read_only"
    if any(item.outcome == "NOT_SUPPORTED" for item in found):
        return "not_supported"
    return UNPROVED if plan.kind in ("judged", "read_only") else plan.kind


def _mappings(value: object) -> list[Mapping[str, object]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list | tuple) else []
    return [item for item in items if isinstance(item, str)]
