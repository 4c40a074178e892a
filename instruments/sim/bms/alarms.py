"""Keep the active causes and translate them to flags, pages and the twelve alarm rows.

The rows and their monitor names are those of manual section 7 (`alarm_rows.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from instruments.sim.bms.parameters import Faults, to_us


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One row of manual section 7: number, title, causes, names in the monitor."""

    row: int
    title: str
    causes: tuple[str, ...]
    monitor_names: tuple[str, ...]


def load_alarm_rows() -> tuple[AlarmRow, ...]:
    """Load the twelve rows of manual section 7 in their order."""
    text = files("instruments.sim.bms").joinpath("alarm_rows.toml").read_text("utf-8")
    return tuple(
        AlarmRow(
            entry["row"],
            entry["title"],
            tuple(entry["causes"]),
            tuple(entry["monitor_names"]),
        )
        for entry in tomllib.loads(text)["alarm"]
    )


class Alarms:
    """Remember since when each cause stands."""

    def __init__(
        self,
        flags: Mapping[str, str],
        delays_s: Mapping[str, float],
        faults: Faults,
    ) -> None:
        self._flags = dict(flags)
        self._faults = faults
        self._ever: frozenset[str] = frozenset()
        self._delays_us = {
            name.removesuffix("_s"): to_us(delay_s)
            for name, delay_s in delays_s.items()
        }
        self.since_us: dict[str, int] = {}

    def set(self, cause: str, active: bool, now_us: int) -> None:
        """Take whether a cause stands at this instant."""
        if not active:
            self.since_us.pop(cause, None)
        elif cause not in self.since_us:
            self.since_us[cause] = now_us

    def clear(self) -> None:
        """Forget every cause."""
        self.since_us.clear()

    def protections(self, now_us: int) -> frozenset[str]:
        """Return the protection flags whose own delay is over."""
        flags = self._due(now_us) if self.since_us else frozenset()
        return self._damaged(flags, now_us) if self._faults.any else flags

    def _damaged(self, flags: frozenset[str], now_us: int) -> frozenset[str]:
        """Return what a fault of the firmware makes of the flags."""
        faults = self._faults
        if faults.active("none", now_us):
            return frozenset()
        if faults.active("inverted", now_us):
            return frozenset(filter(None, self._flags.values())) - flags
        if faults.active("stays_set", now_us):
            self._ever |= flags
            return self._ever
        return flags

    def _due(self, now_us: int) -> frozenset[str]:
        return frozenset(
            flag
            for cause, since_us in self.since_us.items()
            if (flag := self._flags[cause])
            and now_us - since_us >= self._delays_us[cause]
        )
