"""What the invariants allow: times and slack, from `bounds.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("bounds.toml")


@dataclass(frozen=True, slots=True)
class Imitation:
    """Faults of one seam that look like a bad module, and like what."""

    seam: str
    kinds: tuple[str, ...]
    persistence: str
    why: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Times [s], and slack by a measurement's name or its ending, in its unit."""

    dead_s: float
    dead_can_s: float
    killed_s: float
    stall_s: float
    bench_s: float
    others_s: float
    module_s: float
    repeat_s: float
    slack: Mapping[str, float]
    imitations: tuple[Imitation, ...]

    def imitates(self, seam: str, kind: str, persistence: str) -> bool:
        """Tell whether a fault cannot be told from a bad module."""
        return any(
            seam == item.seam
            and kind in item.kinds
            and item.persistence in ("", persistence)
            for item in self.imitations
        )

    def slack_of(self, name: str) -> float:
        """Look up how far a measurement may lie beyond its bracket."""
        ending = name.rpartition("_")[2]
        return self.slack.get(name, self.slack.get(ending, self.slack["other"]))


def load_bounds(file: Path = _FILE) -> Bounds:
    """Load the bounds from their data file."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Bounds(
        **data["dead"],
        **data["make_safe"],
        **data["links"],
        slack=data["slack"],
        imitations=tuple(
            Imitation(**{**item, "kinds": tuple(item["kinds"])})
            for item in data["imitation"]
        ),
    )
