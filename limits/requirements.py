"""The 156 behaviours taken from the module's manual, as data."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limits.errors import LimitFileError

REQUIREMENTS_FILE = Path(__file__).parent / "requirements.csv"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of requirements.csv; the texts are those of the file."""

    id: str
    section: str
    text: str
    figures: str
    kind: str
    testable_how: str
    contradiction: str


def load_requirements(path: Path = REQUIREMENTS_FILE) -> Mapping[str, Requirement]:
    """Load the requirements by id, in file order.

    Raises:
        LimitFileError: the file cannot be read, a row is short, or an id stands twice.
    """
    found: dict[str, Requirement] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise LimitFileError(str(path), "file", "cannot be read") from error
    for number, row in enumerate(rows, start=2):
        present = sum(value is not None for value in row.values())
        if present < len(row):
            why = f"has {present} of {len(row)} columns"
            raise LimitFileError(path.name, f"row {number}", why)
        try:
            requirement = Requirement(**row)
        except TypeError as error:
            raise LimitFileError(path.name, f"row {number}", "other columns") from error
        if requirement.id in found:
            raise LimitFileError(path.name, requirement.id, "stands twice; keep one")
        found[requirement.id] = requirement
    return found
