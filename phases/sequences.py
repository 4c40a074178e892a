"""The sequences, read from `sequences.toml`, and the stop table beside it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class StopTable:
    """After which failed measurements nothing is energised again."""

    patterns: tuple[str, ...]

    def stops(self, name: str) -> bool:
        """Tell whether a failure of this measurement ends the energised part."""
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)


def sequence_names() -> tuple[str, ...]:
    """List the public names of all sequences, `eol` first."""
    return tuple(_read("sequences.toml"))


def behaviours_of(sequence: str) -> tuple[str, ...]:
    """List the behaviours of a sequence in order.

    Raises:
        KeyError: no such sequence.
    """
    return tuple(_read("sequences.toml")[sequence]["behaviours"])


def load_stop_table() -> StopTable:
    """Read the stop table."""
    return StopTable(tuple(_read("stop_table.toml")["stop"]["after"]))


def _read(name: str) -> dict[str, dict[str, list[str]]]:
    text = files("phases").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return found
