"""Load the catalogue of defects: one file per family, one table per defect.

station/defects/catalogue/README.md says how an entry is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.sim.defects import OPERATIONS, Fault
from instruments.toml_file import read_toml
from limits.requirements import load_requirements
from station.campaigns.entry import (
    CLEARLY_BAD_TOLERANCES,
    NOT_DETECTABLE,
    CatalogueEntry,
    GradedChange,
    PlainChange,
)

CATALOGUE = Path(__file__).parents[1] / "defects" / "catalogue"
SEVERITIES = ("critical", "major", "minor")
_NEEDED = ("id", "title", "happened", "touches", "severity", "sequence")
_OPTIONAL = ("steps", "reason", "change", "fault", "of")
_GRADED = frozenset({"target", "tolerance", "nominal", "clearly_bad"})


def load_catalogue(folder: Path = CATALOGUE) -> dict[str, CatalogueEntry]:
    """Load every defect of the catalogue by its identity, in file order.

    Raises:
        BenchFileError: an entry that cannot be used, or one identity twice.
    """
    tables = [
        (path.name, table)
        for path in sorted(folder.glob("*.toml"))
        for table in read_toml(path).get("defect", [])
    ]
    known = frozenset(load_requirements())
    entries: dict[str, CatalogueEntry] = {}
    for file, table in tables:
        if "of" not in table:
            _enter(entries, _entry(file, table, known))
    for file, table in tables:
        if "of" in table:
            _enter(entries, _pair(file, table, known, entries))
    return entries


def _enter(entries: dict[str, CatalogueEntry], entry: CatalogueEntry) -> None:
    if entry.identity in entries:
        first = entries[entry.identity].file
        raise BenchFileError(entry.file, entry.identity, f"stands in {first} already")
    entries[entry.identity] = entry


def _entry(
    file: str, table: Mapping[str, Any], known: frozenset[str]
) -> CatalogueEntry:
    where = _checked_head(file, table, known)
    changes = tuple(_change(file, where, item) for item in table.get("change", []))
    faults = tuple(_fault(file, where, item) for item in table.get("fault", []))
    if not changes and not faults:
        raise BenchFileError(file, where, "write a [[defect.change]] or a fault")
    return _built(file, table, changes, faults)


def _pair(
    file: str,
    table: Mapping[str, Any],
    known: frozenset[str],
    entries: Mapping[str, CatalogueEntry],
) -> CatalogueEntry:
    where = _checked_head(file, table, known)
    names = table["of"]
    if len(names) != 2 or "change" in table or "fault" in table:
        raise BenchFileError(file, where, "of names two defects, and nothing else")
    for name in names:
        if name not in entries:
            raise BenchFileError(file, where, f"of names no defect: {name}")
    first, second = (entries[name] for name in names)
    return _built(
        file,
        table,
        first.changes + second.changes,
        first.faults + second.faults,
    )


def _built(
    file: str,
    table: Mapping[str, Any],
    changes: tuple[GradedChange | PlainChange, ...],
    faults: tuple[Fault, ...],
) -> CatalogueEntry:
    return CatalogueEntry(
        table["id"],
        table["title"],
        table["happened"],
        tuple(table["touches"]),
        table["severity"],
        table["sequence"],
        table.get("reason", ""),
        tuple(table.get("steps", ())),
        changes,
        faults,
        tuple(table.get("of", ())),
        file,
    )


def _checked_head(file: str, table: Mapping[str, Any], known: frozenset[str]) -> str:
    """Check all that is not a change; return the entry's name for messages."""
    where = str(table.get("id", "a defect without id"))
    for key in table:
        if key not in _NEEDED and key not in _OPTIONAL:
            why = f"unknown key {key!r}; write {', '.join([*_NEEDED, *_OPTIONAL])}"
            raise BenchFileError(file, where, why)
    for key in _NEEDED:
        if not table.get(key) and key != "touches":
            raise BenchFileError(file, where, f"{key} is missing")
    if table["severity"] not in SEVERITIES:
        raise BenchFileError(file, where, f"severity is one of {', '.join(SEVERITIES)}")
    unknown = [name for name in table["touches"] if name not in known]
    if unknown:
        raise BenchFileError(file, where, f"no such requirement: {', '.join(unknown)}")
    if (table["sequence"] == NOT_DETECTABLE) != bool(table.get("reason")):
        raise BenchFileError(file, where, "a reason says why nothing can detect it")
    if table["sequence"] != NOT_DETECTABLE and not table.get("steps"):
        raise BenchFileError(file, where, "steps is missing: who has to catch it")
    return where


def _change(
    file: str, where: str, item: Mapping[str, Any]
) -> GradedChange | PlainChange:
    target = item.get("target")
    if not isinstance(target, str):
        raise BenchFileError(file, where, "a change has a target")
    given = [operation for operation in OPERATIONS if operation in item]
    if "tolerance" in item and not given and set(item) <= _GRADED:
        nominal = item.get("nominal")
        return GradedChange(
            target,
            float(item["tolerance"]),
            None if nominal is None else float(nominal),
            float(item.get("clearly_bad", CLEARLY_BAD_TOLERANCES)),
            f"{file}: {where}",
        )
    if len(given) == 1 and len(item) == 2:
        return PlainChange(target, given[0], item[given[0]], f"{file}: {where}")
    why = f"{target}: write a tolerance, or one of {', '.join(OPERATIONS)}"
    raise BenchFileError(file, where, why)


def _fault(file: str, where: str, item: Mapping[str, Any]) -> Fault:
    if not set(item) <= {"target", "name", "when"} or not {"target", "name"} <= set(
        item
    ):
        raise BenchFileError(file, where, "a fault has target and name (and when)")
    return Fault(item["target"], item["name"], item.get("when", "always"))


def by_sequence(
    entries: Mapping[str, CatalogueEntry], sequence: str
) -> Sequence[CatalogueEntry]:
    """List the defects that a sequence has to catch."""
    return [entry for entry in entries.values() if entry.sequence == sequence]
