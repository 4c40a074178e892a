"""The kinds of kill test, from their data file, and the cases drawn from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from station.errors import BadOption, escape

KINDS_FILE = Path(__file__).with_name("kinds.toml")
CABLE_FAULTS = ("cut", "mute")
"""The far end closes the connection; or the cable is pulled and nothing is said."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that is done to a station (`kinds.toml` explains the keys)."""

    name: str
    title: str
    end: Literal["killed", "aborted", "not_passed", "any"]
    signals: tuple[str, ...] = ()
    cut: bool = False
    continue_after_s: float = 0.0
    during: Literal["", "supply", "load"] = ""
    share_factor: float = msgspec.field(default=1.0, name="share")
    limit_s: Mapping[str, float] | None = None


class KillCase(msgspec.Struct, frozen=True, kw_only=True):
    """One kill: what is done, and when after the bench was first energised [s].

    `cable` says how a link is cut; it is empty where a signal is sent.
    """

    kind: Kind
    number: int
    instant_s: float
    cable: str = ""

    @property
    def name(self) -> str:
        """Name the case in its folder and in messages."""
        cable = f"-{self.cable}" if self.cable else ""
        return f"{self.kind.name}{cable}-{self.number:02d}"


def load_kinds(file: Path = KINDS_FILE) -> list[Kind]:
    """Load the kinds of kill test; one without a limit of its own has the file's."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    default_s = table["limit_s"]
    return msgspec.convert(
        [
            {**entry, "limit_s": entry.get("limit_s", default_s) or None}
            for entry in table["kind"]
        ],
        list[Kind],
    )


def choose_kinds(names: Sequence[str], kinds: Sequence[Kind]) -> list[Kind]:
    """Choose kinds by name; none named means all.

    Raises:
        BadOption: no such kind.
    """
    known = {kind.name: kind for kind in kinds}
    for name in names:
        if name not in known:
            raise BadOption(
                f"kind {escape(name)}: not known; known are {', '.join(known)}"
            )
    return [known[name] for name in names] if names else list(kinds)
