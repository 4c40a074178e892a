"""Read defect files: what is wrong with this bench or module.

A defect file holds ``id``, ``title``, ``[[change]]`` (target and one of set, add,
scale) and ``[[fault]]`` (target, name, when), as the test plan's last section says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.sim.parameter_files import FOLDER, Value
from instruments.toml_file import read_toml

OPERATIONS = ("set", "add", "scale")
_LONGEST_TEXT = 120
_MOST, _MOST_TIMES = 1e5, 1e3
_A_LINE = f"a line of at most {_LONGEST_TEXT} printable characters"
NEVER_NEGATIVE = ("_s", "_ms", "_us", "_ohm", "_mohm", "_ah")
"""Ends of the names of durations, resistances and charges."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault of one part; `when` is "always" or a bench second."""

    target: str
    name: str
    when: str | float = "always"

    @property
    def from_us(self) -> int:
        """Read the bench time [µs] from which the fault acts."""
        return 0 if isinstance(self.when, str) else round(self.when * 1e6)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that the simulated bench knows how to play."""

    target: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter that differs from the healthy bench."""

    target: str
    operation: str
    amount: Value
    file: str


@dataclass(frozen=True, slots=True)
class DefectFile:
    """What one defect file says; `file` is where it stands."""

    identity: str
    title: str
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    file: str = ""


def load_fault_kinds(folder: Path = FOLDER) -> tuple[FaultKind, ...]:
    """Load the faults that exist, from ``faults*.toml``."""
    kinds = []
    for path in sorted(folder.glob("faults*.toml")):
        for number, entry in enumerate(read_toml(path).get("fault", []), 1):
            needed = ("target", "name", "title")
            _check_keys(path.name, f"fault {number}", entry, needed)
            kinds.append(FaultKind(entry["target"], entry["name"], entry["title"]))
    return tuple(kinds)


def load_defect(path: Path) -> DefectFile:
    """Load one defect file; targets are checked when it is applied.

    Raises:
        BenchFileError: not readable, an unknown key, or a value of the wrong type.
    """
    raw = read_toml(path)
    _check_keys(str(path), "file", raw, ("id", "title"), ("change", "fault"))
    for key in ("id", "title"):
        if not isinstance(raw[key], str) or not _is_line(raw[key]):
            raise BenchFileError(str(path), key, f"write {_A_LINE}")
    changes = [
        _change(str(path), f"change {number}", entry)
        for number, entry in enumerate(_tables(str(path), raw, "change"), 1)
    ]
    faults = [
        _fault(str(path), f"fault {number}", entry)
        for number, entry in enumerate(_tables(str(path), raw, "fault"), 1)
    ]
    if not changes and not faults:
        raise BenchFileError(str(path), "file", "write a [[change]] or a [[fault]]")
    return DefectFile(raw["id"], raw["title"], tuple(changes), tuple(faults), str(path))


def apply_change(change: Change, value: Value) -> Value:
    """Apply one change to a value and keep its type.

    Raises:
        BenchFileError: the change does not fit the type of the value, or makes a
            duration, a resistance or a charge negative.
    """
    if change.operation == "set":
        new = _checked(change, change.amount, value)
    elif isinstance(value, list):
        new = [_calculated(change, item) for item in value]
    else:
        new = _calculated(change, value)
    _refuse_negative(change, new)
    return new


def _refuse_negative(change: Change, new: Value) -> None:
    """Refuse what no defect can be: time would run backwards."""
    if not change.target.endswith(NEVER_NEGATIVE):
        return
    for number in new if isinstance(new, list) else [new]:
        if _is_number(number) and number < 0:
            why = f"{number:g} is negative; write 0 or more"
            raise BenchFileError(change.file, change.target, why)


def _calculated(change: Change, value: Value) -> Value:
    amount = change.amount
    if not _is_number(value) or not _is_number(amount):
        why = f"{change.operation} needs numbers, not {value!r} and {amount!r}"
        raise BenchFileError(change.file, change.target, why)
    result = value + amount if change.operation == "add" else value * amount
    return _checked(change, result, value)


def _checked(change: Change, new: Value, old: Value) -> Value:
    _refuse_absurd(change, new, old)
    if isinstance(old, float) and _is_number(new):
        return float(new)
    if isinstance(old, int) and not isinstance(old, bool) and _is_number(new):
        if float(new).is_integer():
            return int(new)
        raise BenchFileError(change.file, change.target, f"whole number, not {new}")
    if type(new) is not type(old) or isinstance(new, float):
        # A float that comes here is nan or infinite, or the old value is no number.
        wanted = type(old).__name__
        why = f"write a {wanted} like {old!r}, not {new!r}"
        raise BenchFileError(change.file, change.target, why)
    if isinstance(old, list):
        return _checked_list(change, new, old)
    if isinstance(new, str) and new and not (new.isascii() and _is_line(new)):
        raise BenchFileError(change.file, change.target, f"write {_A_LINE} in ASCII")
    return new


def _refuse_absurd(change: Change, new: Value, old: Value) -> None:
    """Refuse what no module or instrument does, and no simulation comes through."""
    if not (_is_number(new) and _is_number(old)):
        return
    most = max(_MOST, _MOST_TIMES * abs(old))
    if abs(new) > most:
        why = f"{new:g} is beyond all reason; write at most {most:g}"
        raise BenchFileError(change.file, change.target, why)


def _checked_list(change: Change, new: Value, old: Value) -> Value:
    if not old or not new:
        return new
    return [_checked(change, item, old[0]) for item in new]


def _is_line(text: str) -> bool:
    """Tell whether a text is fit to be shown and stored."""
    return text.isprintable() and 0 < len(text) <= _LONGEST_TEXT


def _is_number(value: Value) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return float("-inf") < value < float("inf")


def _tables(file: str, raw: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    entries = raw.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise BenchFileError(file, key, f"write [[{key}]] tables")
    return entries


def _change(file: str, where: str, entry: Mapping[str, Any]) -> Change:
    _check_keys(file, where, entry, ("target",), OPERATIONS)
    given = [operation for operation in OPERATIONS if operation in entry]
    if len(given) != 1:
        raise BenchFileError(file, where, "write exactly one of set, add, scale")
    if not isinstance(entry["target"], str):
        raise BenchFileError(file, where, "target is a text")
    return Change(entry["target"], given[0], entry[given[0]], file)


def _fault(file: str, where: str, entry: Mapping[str, Any]) -> Fault:
    _check_keys(file, where, entry, ("target", "name"), ("when",))
    if not isinstance(entry["target"], str) or not isinstance(entry["name"], str):
        raise BenchFileError(file, where, "target and name are texts")
    when = entry.get("when", "always")
    if when == "always":
        return Fault(entry["target"], entry["name"])
    if not _is_number(when) or when < 0:
        why = 'when is "always" or a bench second'
        raise BenchFileError(file, where, why)
    return Fault(entry["target"], entry["name"], float(when))


def _check_keys(
    file: str,
    where: str,
    entry: Mapping[str, Any],
    needed: Sequence[str],
    allowed: Sequence[str] = (),
) -> None:
    for key in entry:
        if key not in needed and key not in allowed:
            why = f"unknown key {key!r}; write {', '.join([*needed, *allowed])}"
            raise BenchFileError(file, where, why)
    for key in needed:
        if key not in entry:
            raise BenchFileError(file, where, f"{key} is missing")
