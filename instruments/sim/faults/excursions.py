"""Ceilings of the test plan, watched from the plant's own state."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class CeilingViolation:
    """One excursion past a ceiling: when it began, and its worst value.

    `value` and `level`, the ceiling, are in `unit`.
    """

    what: str
    t_us: int
    value: float
    level: float
    unit: str

    def __str__(self) -> str:
        return (
            f"{self.what} {self.value:.3f} {self.unit} past {self.level:g}"
            f" {self.unit} at {self.t_us / 1e6:.3f} s"
        )


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The ceilings of `ceilings.toml`."""

    terminal_v: float
    current_a: float
    highest_cell_v: float
    lowest_cell_v: float
    cell_c: float


def load_ceilings() -> Ceilings:
    """Load the ceilings."""
    path = Path(__file__).with_name("ceilings.toml")
    return Ceilings(**tomllib.loads(path.read_text(encoding="utf-8")))


class Excursions:
    """Collects excursions, one for each time that a ceiling is left."""

    def __init__(self) -> None:
        self.found: list[CeilingViolation] = []
        self._ceilings = load_ceilings()
        self._under_way: dict[str, CeilingViolation] = {}

    def look(
        self,
        t_us: int,
        terminal_v: float,
        current_a: float,
        highest_cell_v: float,
        lowest_cell_v: float,
        cell_c: float,
    ) -> None:
        """Compare the true values at bench time [µs] with the ceilings."""
        c = self._ceilings
        if (
            terminal_v <= c.terminal_v
            and -c.current_a <= current_a <= c.current_a
            and highest_cell_v <= c.highest_cell_v
            and lowest_cell_v >= c.lowest_cell_v
            and cell_c <= c.cell_c
        ):
            self._under_way.clear()
            return
        self._compare("terminal voltage", t_us, terminal_v, c.terminal_v, "V")
        self._compare("current", t_us, abs(current_a), c.current_a, "A")
        self._compare("highest cell", t_us, highest_cell_v, c.highest_cell_v, "V")
        self._compare("lowest cell", t_us, lowest_cell_v, c.lowest_cell_v, "V", -1)
        self._compare("cell temperature", t_us, cell_c, c.cell_c, "°C")

    def _compare(
        self,
        what: str,
        t_us: int,
        value: float,
        level: float,
        unit: str,
        side: int = 1,
    ) -> None:
        """Open, worsen or end one excursion; `side` is -1 for a floor."""
        if side * (value - level) <= 0.0:
            self._under_way.pop(what, None)
            return
        found = self._under_way.get(what)
        if found is None:
            found = CeilingViolation(what, t_us, value, level, unit)
            self._under_way[what] = found
            self.found.append(found)
        elif side * (value - found.value) > 0.0:
            found.value = value
