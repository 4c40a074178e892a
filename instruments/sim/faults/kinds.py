"""The kinds of faults, as `kinds.toml` lists them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from instruments.sim.faults.call import Site

ONCE = "once"
ON = "on"

TIMEOUT_NOT_EXECUTED = "timeout_not_executed"
TIMEOUT_EXECUTED = "timeout_executed"
LINK_LOST = "link_lost"
HANG = "hang"
IGNORED = "ignored"
GARBAGE = "garbage"
NAN = "nan"
OVERLOAD = "overload"
SHORT_REPLY = "short_reply"
STALE_REPLY = "stale_reply"
FROZEN = "frozen"
UNSOLICITED = "unsolicited"
OUTPUT_STICKS_ON = "output_sticks_on"
SERVICE_CORRUPT = "service_corrupt"
CAN_SILENCE = "can_silence"
CAN_BUS_OFF = "can_bus_off"
CAN_OLD_FRAMES = "can_old_frames"
CAN_DUPLICATES = "can_duplicates"
DISK_FULL = "disk_full"
KILLED = "killed"
STALL = "stall"
STOP_SIGNAL = "stop_signal"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can go wrong.

    `text` says it to people; `patterns` holds, by seam, what the call's message must
    look like; `roles` is empty where every role will do.
    """

    name: str
    text: str
    persistence: tuple[str, ...]
    patterns: Mapping[str, re.Pattern[str]]
    roles: tuple[str, ...]
    outlives_station: bool

    @property
    def seams(self) -> tuple[str, ...]:
        """List the seams at which this kind makes sense."""
        return tuple(self.patterns)

    def applies(self, site: Site) -> bool:
        """Tell whether this kind can do something to a call."""
        pattern = self.patterns.get(site.seam)
        if pattern is None or pattern.search(site.what) is None:
            return False
        return not self.roles or site.role in self.roles


@cache
def load_kinds() -> Mapping[str, Kind]:
    """Load the kinds by name, in the order of the file."""
    path = Path(__file__).with_name("kinds.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            entry["name"]: Kind(
                entry["name"],
                entry["text"],
                tuple(entry["persistence"]),
                MappingProxyType(
                    {seam: re.compile(form) for seam, form in entry["seams"].items()}
                ),
                tuple(entry.get("roles", ())),
                entry.get("outlives_station", True),
            )
            for entry in table["kind"]
        }
    )
