"""Read the simulated bench's parameter files: one line a value, with its source.

Every leaf is ``name = {value = ..., unit = "...", source = "...", status = "..."}``
inside a table; its key is the dotted path, for instance
``module.bms.over_voltage.pack_trip_v``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.roles import INSTRUMENT_ROLES
from instruments.toml_file import read_toml

Value = Any
"""A float, int, str, bool, or a list of those."""

FOLDER = Path(__file__).parent / "parameters"
NOT_PARAMETERS = ("faults", "population")
STATUSES = ("manual", "derived", "provisional")
LEAF_KEYS = frozenset({"value", "unit", "source", "status"})
ROOTS = (
    "module",
    "peer1",
    "peer2",
    *INSTRUMENT_ROLES,
    "fixture",
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the simulated world, and where it comes from."""

    key: str
    value: Value
    unit: str
    source: str
    status: str


def load_parameter_files(folder: Path = FOLDER) -> dict[str, Parameter]:
    """Load every parameter file of a folder, by key.

    Raises:
        BenchFileError: a leaf without unit, source or status, or a key twice.
    """
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name.startswith(NOT_PARAMETERS):
            continue
        for parameter in _leaves(path.name, read_toml(path), ""):
            if parameter.key in found:
                raise BenchFileError(path.name, parameter.key, "stands in two files")
            found[parameter.key] = parameter
    return found


def _leaves(file: str, table: Mapping[str, Any], prefix: str) -> Iterator[Parameter]:
    for name, entry in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if not prefix and name not in ROOTS:
            raise BenchFileError(file, key, f"write a table of {', '.join(ROOTS)}")
        if not isinstance(entry, dict):
            raise BenchFileError(file, key, "write {value, unit, source, status}")
        if "value" in entry:
            yield _leaf(file, key, entry)
        else:
            yield from _leaves(file, entry, key)


def _leaf(file: str, key: str, entry: Mapping[str, Any]) -> Parameter:
    if set(entry) != LEAF_KEYS:
        raise BenchFileError(file, key, "write exactly value, unit, source, status")
    if entry["status"] not in STATUSES or not entry["source"]:
        raise BenchFileError(file, key, f"status is one of {', '.join(STATUSES)}")
    return Parameter(
        key, entry["value"], entry["unit"], entry["source"], entry["status"]
    )
