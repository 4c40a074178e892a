"""Limit files as values: every table becomes a checked `Limit`."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from limits.errors import LimitFileError
from limits.limit import STATUSES, Expected, Limit
from limits.limit_file import SHIPPED, MergedFile, load_merged
from limits.limit_set import LimitSet
from limits.requirements import load_requirements

DEFAULT_FILE = SHIPPED / "eol.toml"
"""The limits of the end-of-line sequence."""

_FIELDS = ("low", "high", "expect", "unit", "source", "status", "requirements")
_OPTIONAL = ("safety", "note")
_BITS = 64
_NAME = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)*$")
_UNIT_OF_SUFFIX = {
    "v": "V",
    "mv": "mV",
    "a": "A",
    "ma": "mA",
    "s": "s",
    "c": "°C",
    "pct": "%",
    "ah": "Ah",
    "wh": "Wh",
    "mohm": "mΩ",
    "kg": "kg",
    "nm": "Nm",
}
_UNITS = (*_UNIT_OF_SUFFIX.values(), "1")


class _Entry:
    """One limit's fields with its place in the file, for the messages."""

    def __init__(self, file: str, where: str, fields: Mapping[str, object]) -> None:
        self.file = file
        self.where = where
        self.fields = fields

    def refuse(self, field: str, why: str) -> LimitFileError:
        return LimitFileError(self.file, f"{self.where}.{field}", why)

    def text(self, field: str, what: str) -> str:
        value = self.fields.get(field)
        if value is None:
            raise self.refuse(field, f"missing; write {what}")
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(field, f"must be text; write {what}")
        return value

    def number(self, field: str) -> float | None:
        value = self.fields.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(field, f"{value!r} is no number")
        if isinstance(value, int) and value.bit_length() > _BITS:
            raise self.refuse(field, f"is longer than {_BITS} bits; write a number")
        if not math.isfinite(value):
            raise self.refuse(field, f"{value!r} is not finite; write a number")
        return float(value)


def shipped_file(sequence: str) -> Path:
    """Name the shipped limit file of a sequence: its own, or that of `eol`."""
    own = SHIPPED / f"{sequence}.toml"
    return own if own.exists() else DEFAULT_FILE


def load_limits(path: Path | None = None) -> LimitSet:
    """Load a limit file with everything that it extends.

    Args:
        path: the file; None for the end-of-line limits.

    Raises:
        LimitFileError: file, table and key of the first thing that is wrong.
    """
    merged = load_merged(path or DEFAULT_FILE)
    known = load_requirements().keys()
    limits: dict[str, Limit] = {}
    for behaviour, table in merged.tables.items():
        for key, fields in table.items():
            where = f"{behaviour}.{key}"
            entry = _Entry(merged.origins[where], where, fields)
            limit = _limit(entry, behaviour, key, known)
            if limit.name in limits:
                why = f"duplicate: {limit.name} stands in another table too; keep one"
                raise LimitFileError(entry.file, where, why)
            limits[limit.name] = limit
    _refuse_empty(merged, limits)
    return LimitSet(merged.name, merged.title, limits, merged.files)


def _refuse_empty(merged: MergedFile, limits: Mapping[str, Limit]) -> None:
    if not limits:
        why = 'no limits; write tables, or extends = "hesu_4k4_pro.toml"'
        raise LimitFileError(merged.name, "file", why)


def _limit(entry: _Entry, behaviour: str, key: str, known: Collection[str]) -> Limit:
    """Check one table of fields and make the limit of it."""
    for field in entry.fields:
        if field not in _FIELDS and field not in _OPTIONAL:
            allowed = ", ".join((*_FIELDS, *_OPTIONAL))
            raise entry.refuse(field, f"unknown key; allowed: {allowed}")
    name = f"{behaviour}_{key}"
    if not _NAME.match(name):
        raise LimitFileError(
            entry.file, entry.where, "names are small letters, digits and _"
        )
    low, high, expect = _range(entry)
    safety = entry.fields.get("safety", False)
    if not isinstance(safety, bool):
        raise entry.refuse("safety", "must be true or false")
    note = entry.fields.get("note", "")
    if not isinstance(note, str):
        raise entry.refuse("note", "must be text")
    return Limit(
        name=name,
        low=low,
        high=high,
        expect=expect,
        unit=_unit(entry, key, expect),
        source=entry.text("source", "manual line, requirement id or 'assumed: reason'"),
        status=_status(entry),
        requirements=_requirements(entry, known),
        safety=safety,
        note=note,
        behaviour=behaviour,
    )


def _range(entry: _Entry) -> tuple[float | None, float | None, Expected | None]:
    low, high = entry.number("low"), entry.number("high")
    expect = entry.fields.get("expect")
    if expect is None:
        if low is None and high is None:
            raise entry.refuse("low", "missing; write low, high or both, or expect")
        if low is not None and high is not None and low > high:
            raise entry.refuse("low", f"low {low:g} > high {high:g}; swap or mend them")
        return low, high, None
    if low is not None or high is not None:
        raise entry.refuse("expect", "stands beside low or high; write one kind")
    if not isinstance(expect, str | int | bool):
        raise entry.refuse("expect", "must be a word, a whole number or true")
    return None, None, expect


def _unit(entry: _Entry, key: str, expect: Expected | None) -> str:
    unit = entry.text("unit", f"one of {', '.join(_UNITS)}")
    if unit not in _UNITS:
        raise entry.refuse("unit", f"{unit!r} is unknown; write {', '.join(_UNITS)}")
    in_name = "1"
    if expect is None:
        in_name = _UNIT_OF_SUFFIX.get(key.rsplit("_", 1)[-1], "1")
    if unit != in_name:
        why = f"{unit!r} does not fit the name, which says {in_name!r}; mend one"
        raise entry.refuse("unit", why)
    return unit


def _status(entry: _Entry) -> str:
    status = entry.text("status", f"one of {', '.join(STATUSES)}")
    if status not in STATUSES:
        why = f"{status!r} is unknown; write {', '.join(STATUSES)}"
        raise entry.refuse("status", why)
    return status


def _requirements(entry: _Entry, known: Collection[str]) -> tuple[str, ...]:
    ids = entry.fields.get("requirements", [])
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise entry.refuse("requirements", 'must be a list such as ["EL-09"]')
    for item in ids:
        if item not in known:
            why = f"unknown requirement {item!r}; see requirements.csv"
            raise entry.refuse("requirements", why)
    if len(set(ids)) != len(ids):
        raise entry.refuse("requirements", "names an id twice; keep one")
    return tuple(ids)
