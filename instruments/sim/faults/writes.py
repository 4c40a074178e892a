"""Which messages of the station energise, and which switch off."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OUTPUT_ON = "output_on"
OUTPUT_OFF = "output_off"
INPUT_ON = "input_on"
INPUT_OFF = "input_off"
CLEAR_PROTECTION = "clear_protection"
CONTACTOR_CLOSED = "contactor_closed"
CONTACTOR_OPENED = "contactor_opened"
SETPOINT_RAISED = "setpoint_raised"


@dataclass(frozen=True, slots=True)
class EnergisingWrite:
    """One message that could energise; `executed` is False if the fault lost it."""

    k: int
    t_us: int
    role: str
    name: str
    message: str
    executed: bool


class WritePatterns:
    """Reads messages by `writes.toml`.

    Args:
        lines: line of the fixture by channel of the switchbox.
    """

    def __init__(self, lines: Mapping[int, str]) -> None:
        path = Path(__file__).with_name("writes.toml")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        self._lines = dict(lines)
        self._writes = [
            (entry["role"], re.compile(entry["pattern"]), entry["name"])
            for entry in table["write"]
        ]
        self.energising = frozenset(
            entry["name"] for entry in table["write"] if entry["energises"]
        ) | frozenset(table["relay"]["energises"].values())
        self._relay: Mapping[str, Any] = table["relay"]
        self._close = re.compile(self._relay["close"])
        self._open = re.compile(self._relay["open"])
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def names(self, role: str, message: str) -> tuple[str, ...]:
        """List what the units of a message do, in their order."""
        found = self._known.get((role, message))
        if found is None:
            found = self._known[role, message] = tuple(self._read(role, message))
        return found

    def _read(self, role: str, message: str) -> list[str]:
        names = []
        for unit in message.upper().split(";"):
            text = unit.strip().removeprefix(":")
            names += [
                name
                for wanted, pattern, name in self._writes
                if wanted == role and pattern.match(text)
            ]
            if role == self._relay["role"]:
                names += self._relays(text)
        return names

    def _relays(self, text: str) -> list[str]:
        closing = self._close.match(text)
        if closing is not None:
            energises = self._relay["energises"]
            lines = self._named(closing.group(1))
            return [energises[line] for line in lines if line in energises]
        opening = self._open.match(text)
        if opening is None:
            return []
        channels = opening.group(1)
        opened = channels is None or "fixture_contactor" in self._named(channels)
        return [CONTACTOR_OPENED] if opened else []

    def _named(self, channels: str) -> list[str]:
        """List the lines of a channel list such as ``1004,1006:1007``."""
        lines = []
        for part in channels.split(","):
            first, _, last = part.partition(":")
            numbers = range(int(first), int(last or first) + 1)
            lines += [self._lines[n] for n in numbers if n in self._lines]
        return lines
