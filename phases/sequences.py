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
    at_the_end: tuple[str, ...] = ()

    def stops_at_once(self, name: str) -> bool:
        """Tell whether it ends the energised part within its own behaviour too."""
        return self.stops(name) and not any(
            fnmatchcase(name, pattern) for pattern in self.at_the_end
        )

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
    table = _read("stop_table.toml")["stop"]
    return StopTable(tuple(table["after"]), tuple(table["at_the_end"]))


def _read(name: str) -> dict[str, dict[str, list[str]]]:
    text = files("phases").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return found
