"""Read a served bench's truth log: when it was energised, and when it was dead."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DARK_V = 1.0
QUIET_A = 0.5


@dataclass(frozen=True, slots=True)
class TruthLine:
    """One line of the truth log; real time counts as `instruments.clock.wall_s`."""

    real_s: float
    bench_s: float
    terminal_v: float
    current_a: float
    bench_side_v: float
    supply_on: bool
    load_on: bool
    fixture_closed: bool
    module_closed: bool

    @property
    def dead(self) -> bool:
        """Tell whether the bench is dead (test-plan.md, Definitions)."""
        quiet = abs(self.bench_side_v) < DARK_V and abs(self.current_a) < QUIET_A
        return quiet and not self.fixture_closed and not self.supply_on

    @property
    def energised(self) -> bool:
        """Tell whether a source is on at a live module behind the closed contactor."""
        source_on = self.supply_on or self.load_on
        return source_on and self.module_closed and self.fixture_closed


def read_truth(path: Path) -> list[TruthLine]:
    """Read the log as far as it is written; a last line that is cut off is left out."""
    text = path.read_text(encoding="ascii")
    whole = text[: text.rfind("\n") + 1].splitlines()
    return [_line(row) for row in csv.reader(whole[1:])]


def _line(row: Sequence[str]) -> TruthLine:
    real_s, bench_s, terminal_v, current_a, bench_side_v = map(float, row[:5])
    supply_on, load_on, fixture_closed, module_closed = (
        field == "1" for field in row[5:]
    )
    return TruthLine(
        real_s,
        bench_s,
        terminal_v,
        current_a,
        bench_side_v,
        supply_on,
        load_on,
        fixture_closed,
        module_closed,
    )


def first_energised(lines: Sequence[TruthLine]) -> TruthLine | None:
    """Find the first line of the energised part."""
    return next((line for line in lines if line.energised), None)


def dead_after_s(
    lines: Sequence[TruthLine], real_s: float, speed_factor: float = 1.0
) -> float | None:
    """Compute how long after an instant the bench was dead for good [bench s].

    None means never. The last line counts as the end; a bench that is energised again
    was not dead.
    """
    since_s: float | None = None
    for line in lines:
        if not line.dead:
            since_s = None
        elif since_s is None:
            since_s = line.real_s
    if since_s is None:
        return None
    return max(0.0, since_s - real_s) * speed_factor


def state_at(lines: Sequence[TruthLine], real_s: float) -> TruthLine:
    """Find the state at an instant: the last line before it."""
    before = lines[0]
    for line in lines:
        if line.real_s > real_s:
            break
        before = line
    return before
