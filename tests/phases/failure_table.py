"""Read failures/*.toml: which defect makes which measurement fail.

An entry holds `id`, `behaviours` (run in this order on one bench) and `fails`, which
is the exact set of failed measurements. Everything else passes, or is not run because a
failure left nothing to measure.
What differs from a healthy module: `change` and `fault` as in a
defect file, `state` as in a state file, `answers` of the operator, `facts` that earlier
steps would have found, `energised` ("charge", "discharge") for what make_safe meets.
`may` holds patterns of what such a defect can touch as well, by chance. `raises` is a
part of the error that ends the last behaviour after that, when the bench is at fault.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "failures"


@dataclass(frozen=True, slots=True)
class Failure:
    """One defect and what it has to make fail."""

    id: str
    behaviours: tuple[str, ...]
    fails: frozenset[str]
    change: tuple[Mapping[str, Any], ...] = ()
    fault: tuple[Mapping[str, Any], ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, float] = field(default_factory=dict)
    energised: str = ""
    may: tuple[str, ...] = ()
    raises: str = ""

    def defect_text(self) -> str:
        """Write the defect file of this entry; "" for none."""
        if not (self.change or self.fault):
            return ""
        lines = [f'id = "{self.id}"', f'title = "{self.id}"']
        for kind, rows in (("change", self.change), ("fault", self.fault)):
            for row in rows:
                lines.append(f"[[{kind}]]")
                lines += [f"{key} = {json.dumps(value)}" for key, value in row.items()]
        return "\n".join(lines) + "\n"


def load_healthy() -> dict[str, dict[str, Any]]:
    """Read from which state each behaviour is started."""
    text = (FOLDER / "states.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def load_failures() -> list[Failure]:
    """Read every entry of every behaviour's file."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name == "states.toml":
            continue
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in raw["failure"]:
            behaviours = tuple(entry.pop("behaviours", (raw.get("behaviour"),)))
            fails = frozenset(entry.pop("fails"))
            found.append(
                Failure(
                    behaviours=behaviours,
                    fails=fails,
                    change=tuple(entry.pop("change", ())),
                    fault=tuple(entry.pop("fault", ())),
                    may=tuple(entry.pop("may", ())),
                    **entry,
                )
            )
    return found
