"""Limit files as text: reading TOML, following ``extends``, merging the tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from limits.errors import LimitFileError
from limits.plain_file import read_text

SHIPPED = Path(__file__).parent
_TOP_KEYS = ("title", "extends", "adds")
_NUMBERS = ("low", "high", "expect")
_LONGEST_NAME = 200
_LINE = re.compile(r"at line (\d+)")
_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"^\s*([\w.\"'-]+)\s*=")

Tables = dict[str, dict[str, dict[str, object]]]


@dataclass(slots=True)
class MergedFile:
    """The tables of a file with those of the files it extends.

    Attributes:
        name: name of the file that was asked for.
        title: its title.
        tables: behaviour -> key -> fields, overlays applied.
        origins: ``behaviour.key`` -> name of the last file that wrote to it.
        files: names of all files, the base first.
    """

    name: str
    title: str
    tables: Tables = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def load_merged(path: Path) -> MergedFile:
    """Load a limit file and everything that it extends.

    An overlay changes limits of the extended file; tables of its own it has to name
    under ``adds``, so that a misspelt one is never taken for a new one.

    Raises:
        LimitFileError: a file is missing, is no TOML, has a key twice, extends itself,
            holds something else than tables of limits, or an overlay a limit that the
            extended file does not have.
    """
    chain = _chain(path)
    top_path, top = chain[-1]
    merged = MergedFile(top_path.name, _title(top, top_path.name))
    for place, (file, content) in enumerate(chain):
        _merge(merged, file.name, content, overlay=place > 0)
    merged.files = tuple(file.name for file, _ in chain)
    return merged


def _chain(path: Path) -> list[tuple[Path, dict[str, object]]]:
    """Follow ``extends`` from the asked file down; return the base first."""
    chain: list[tuple[Path, dict[str, object]]] = []
    current: Path | None = _found(path)
    while current is not None:
        if any(current.resolve() == seen.resolve() for seen, _ in chain):
            why = f"{current.name} extends itself; break the circle"
            raise LimitFileError(path.name, "extends", why)
        content = _load_toml(current)
        chain.append((current, content))
        current = _base_of(current, content)
    chain.reverse()
    return chain


def _found(path: Path) -> Path:
    """Take a bare name such as ``eol.toml`` from the shipped files if need be."""
    shipped = SHIPPED / path.name
    bare = path.parent == Path()
    return shipped if bare and not path.exists() and shipped.exists() else path


def _base_of(path: Path, content: Mapping[str, object]) -> Path | None:
    """Find the extended file beside the overlay, else among the shipped files."""
    if "extends" not in content:
        return None
    base = content["extends"]
    if not isinstance(base, str) or not _is_bare_name(base):
        raise LimitFileError(path.name, "extends", "must be the name of a limit file")
    beside = path.parent / base
    return beside if beside.exists() else SHIPPED / base


def _is_bare_name(base: str) -> bool:
    """Tell whether a base is a file beside the overlay, and no path elsewhere."""
    plain = base.isprintable() and base == base.strip() != ""
    return plain and len(base) <= _LONGEST_NAME and Path(base).name == base


def _title(content: Mapping[str, object], name: str) -> str:
    title = content.get("title", name)
    if not isinstance(title, str) or not title.strip():
        raise LimitFileError(name, "title", "must be a line of text")
    return title


def _load_toml(path: Path) -> dict[str, object]:
    text = read_text(path, "the path of a limit file")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where, why = _explain(text, str(error))
        raise LimitFileError(path.name, where, why) from error
    except (ValueError, RecursionError) as error:  # a long number, deep nesting
        why = f"is not TOML: {type(error).__name__}; compare with a shipped one"
        raise LimitFileError(path.name, "file", why) from error


def _explain(text: str, message: str) -> tuple[str, str]:
    """Turn a parser's message into table, key and reason."""
    found = _LINE.search(message)
    number = int(found.group(1)) if found else text.count("\n") + 1
    lines = text.splitlines()[:number]
    table = next((m.group(1) for m in map(_TABLE.match, reversed(lines)) if m), "")
    key = _KEY.match(lines[-1]) if lines else None
    where = ".".join(part for part in (table, key.group(1) if key else "") if part)
    if "overwrite" in message or "twice" in message or "mutate" in message:
        return where or f"line {number}", f"duplicate on line {number}; keep one"
    return where or f"line {number}", f"is not TOML: {message}"


def _merge(
    merged: MergedFile, name: str, content: Mapping[str, object], *, overlay: bool
) -> None:
    added = _added(merged, name, content)
    for behaviour, table in content.items():
        if behaviour in _TOP_KEYS:
            continue
        if not isinstance(table, dict):
            why = f"unknown key; at the top only {', '.join(_TOP_KEYS)} and tables"
            raise LimitFileError(name, behaviour, why)
        for key, fields in table.items():
            if not isinstance(fields, dict):
                why = "unknown key; a limit is a table with low, high or expect"
                raise LimitFileError(name, f"{behaviour}.{key}", why)
            known = behaviour in added or key in merged.tables.get(behaviour, {})
            if overlay and not known:
                why = "is not in the extended file; an overlay changes what is there"
                raise LimitFileError(name, f"{behaviour}.{key}", why)
            _merge_limit(merged, name, (behaviour, key), fields)


def _added(
    merged: MergedFile, name: str, content: Mapping[str, object]
) -> tuple[str, ...]:
    """List the tables that a file adds to those of the extended file."""
    added = content.get("adds", [])
    if not isinstance(added, list) or not all(isinstance(t, str) for t in added):
        raise LimitFileError(name, "adds", 'must be a list such as ["lockout"]')
    for table in added:
        if table in merged.tables:
            why = f"{table} is in the extended file; an overlay changes what is there"
            raise LimitFileError(name, "adds", why)
        if table not in content:
            raise LimitFileError(name, "adds", f"{table} has no table; write it")
    return tuple(added)


def _merge_limit(
    merged: MergedFile, name: str, place: tuple[str, str], fields: dict[str, object]
) -> None:
    behaviour, key = place
    limits = merged.tables.setdefault(behaviour, {})
    base = limits.get(key)
    limits[key] = dict(fields) if base is None else _overlay(base, fields, name)
    merged.origins[f"{behaviour}.{key}"] = name


def _overlay(
    base: Mapping[str, object], over: Mapping[str, object], name: str
) -> dict[str, object]:
    """Lay an overlay's fields over a limit's.

    A number that changes without a source of its own must not keep the old source's
    authority: it becomes provisional, and its source says so.
    """
    result = {**base, **over}
    if "expect" in over:
        for field_name in ("low", "high"):
            if field_name not in over:
                result.pop(field_name, None)
    elif "low" in over or "high" in over:
        result.pop("expect", None)
    if "source" not in over and any(field_name in over for field_name in _NUMBERS):
        result["source"] = f"assumed: changed by {name}; was {base.get('source')}"
        result["status"] = over.get("status", "provisional")
    return result
