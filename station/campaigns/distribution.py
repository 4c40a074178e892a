"""From which distribution further defects are drawn: the data file draw.toml, read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.toml_file import read_toml
from station.campaigns.entry import Amount

DISTRIBUTION = Path(__file__).with_name("draw.toml")
KINDS = ("graded", "ungraded", "pair")
_TABLES = ("sequences", "weights", "graded", "pair", "company", "place", "begins_s")


@dataclass(frozen=True, slots=True)
class Span:
    """Distances [tolerances] between which one is drawn, uniform in the logarithm."""

    least: Amount
    most: Amount


@dataclass(frozen=True, slots=True)
class Place:
    """A name that holds a number, and the numbers that it may hold as well.

    `pattern` has three groups: what stands before the number, the number, what follows.
    """

    pattern: re.Pattern[str]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is drawn, how often, and how far off.

    Args:
        sequences: whose entries are drawn.
        weights: how often each kind comes, in the order of `KINDS`.
        graded, pair: how far off a graded value is, alone and in a pair.
        company: how far off the value is that keeps a defect without grades company.
        places: which names hold a number that can be another one.
        begins_s: the bench second [s] before which a fault of a step has to begin.
    """

    sequences: tuple[str, ...]
    weights: tuple[float, ...]
    graded: Span
    pair: Span
    company: Span
    places: tuple[Place, ...]
    begins_s: Mapping[str, float]


def load_distribution(path: Path = DISTRIBUTION) -> Distribution:
    """Load what is drawn and from which distribution.

    Raises:
        BenchFileError: a table is missing, unknown, or says nothing that can be drawn.
    """
    raw = read_toml(path)
    for key in (*_TABLES, *raw):
        if key not in raw or key not in _TABLES:
            raise BenchFileError(path.name, key, f"write {', '.join(_TABLES)}")
    return Distribution(
        tuple(raw["sequences"]),
        _weights(path.name, raw["weights"]),
        _span(path.name, "graded", raw["graded"]),
        _span(path.name, "pair", raw["pair"]),
        _span(path.name, "company", raw["company"]),
        _places(path.name, raw["place"]),
        {str(step): float(begin_s) for step, begin_s in raw["begins_s"].items()},
    )


def _weights(file: str, table: Mapping[str, Any]) -> tuple[float, ...]:
    if set(table) != set(KINDS) or not all(table[kind] >= 0 for kind in KINDS):
        raise BenchFileError(file, "weights", f"write {', '.join(KINDS)}, 0 or more")
    if not sum(table.values()) > 0:
        raise BenchFileError(file, "weights", "one of them is more than 0")
    return tuple(float(table[kind]) for kind in KINDS)


def _span(file: str, name: str, table: Mapping[str, Any]) -> Span:
    if set(table) != {"least_tolerances", "most_tolerances"}:
        raise BenchFileError(file, name, "write least_tolerances and most_tolerances")
    least, most = float(table["least_tolerances"]), float(table["most_tolerances"])
    if not 0.0 < least <= most:
        raise BenchFileError(file, name, f"0 < {least:g} <= {most:g} does not hold")
    return Span(least, most)


def _places(file: str, tables: Sequence[Mapping[str, Any]]) -> tuple[Place, ...]:
    found = []
    for table in tables:
        pattern = re.compile(table["pattern"])
        if pattern.groups != 3 or not table["numbers"]:
            why = "a pattern has three groups, the second is one of its numbers"
            raise BenchFileError(file, "place", why)
        found.append(Place(pattern, tuple(table["numbers"])))
    return tuple(found)
