"""Show a run while it goes on: live in a terminal, plain lines elsewhere.

`on_progress` comes several times per bench second, some ten thousand times in a
simulated run, so both displays look at the wall clock first and mostly do nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TextIO

from instruments.clock import wall_s
from phases.results import FAIL, PhaseResult, Progress
from station.errors import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

REFRESH_S = 0.1
PLAIN_EVERY_S = 30.0
_MOST_VALUES = 6
_UNITS = {"v": "V", "a": "A", "s": "s", "c": "°C", "ah": "Ah", "wh": "Wh", "pct": "%"}


class Display(Protocol):
    """What a run tells whoever watches."""

    def on_phase(self, phase: PhaseResult) -> None:
        """Tell that a phase ended."""
        ...

    def on_progress(self, progress: Progress) -> None:
        """Tell how far the run is; called often."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was; does nothing the second time."""
        ...


def choose_display(stream: TextIO | None = None) -> Display:
    """Choose the live display if `stream` (default: stdout) is a terminal."""
    target = stream or sys.stdout
    return LiveDisplay(target) if target.isatty() else PlainDisplay(target)


class PlainDisplay:
    """One line per phase, and one now and then within a long phase."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._due_s = wall_s() + PLAIN_EVERY_S

    def on_phase(self, phase: PhaseResult) -> None:
        """Write the phase's line."""
        self._write(phase_line(phase))

    def on_progress(self, progress: Progress) -> None:
        """Write a line if the last one is long ago."""
        now_s = wall_s()
        if now_s < self._due_s:
            return
        self._due_s = now_s + PLAIN_EVERY_S
        self._write(f"{progress_line(progress)}  {values_line(progress.values)}")

    def close(self) -> None:
        """Do nothing: every line is out already."""

    def _write(self, line: str) -> None:
        self._stream.write(line.rstrip() + "\n")
        self._stream.flush()


class LiveDisplay:
    """Ended phases scroll by; the running one stays at the foot of the screen."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=stream, highlight=False)
        self._live: Live | None = Live(
            console=self._console, auto_refresh=False, transient=True
        )
        self._live.start()
        self._phase = ""
        self._due_s = 0.0

    def on_phase(self, phase: PhaseResult) -> None:
        """Print the phase's line above the running display."""
        from rich.text import Text

        # A style given to `print` would colour the running display below as well.
        style = "red" if phase.outcome != "PASS" else "green"
        self._console.print(Text(phase_line(phase), style=style))

    def on_progress(self, progress: Progress) -> None:
        """Redraw for a new phase, or if the last picture is old enough."""
        now_s = wall_s()
        same_phase = progress.phase == self._phase
        if self._live is None or (same_phase and now_s < self._due_s):
            return
        self._phase = progress.phase
        self._due_s = now_s + REFRESH_S
        self._live.update(_picture(progress), refresh=True)

    def close(self) -> None:
        """Take the running display away."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def phase_line(phase: PhaseResult) -> str:
    """Write one line about a phase that ended: outcome, times, count of failures."""
    failed = sum(m.outcome == FAIL for m in phase.measurements)
    count = count_text(len(phase.measurements), "measurement")
    tail = f", {failed} outside their limits" if failed else ""
    note = f"  {one_line(phase.note)}" if phase.note else ""
    return (
        f"{phase.outcome:<8}{phase.name:<28}"
        f"{clock_text(phase.start_s)} .. {clock_text(phase.end_s)}  {count}{tail}{note}"
    )


def progress_line(progress: Progress) -> str:
    """Write phase, elapsed bench time, share done and remaining bench time."""
    left_s = progress.expected_s - progress.bench_s
    left = f"about {clock_text(left_s)} left" if left_s > 0 else "longer than usual"
    share = _share(progress)
    return (
        f"[{progress.index + 1}/{progress.phases}] {progress.phase:<28}"
        f"{clock_text(progress.bench_s)}  {share:4.0%}  {left}"
    )


def values_line(values: Mapping[str, float | str]) -> str:
    """Write the first few key values on one line, each with its unit."""
    shown = list(values.items())[:_MOST_VALUES]
    return "  ".join(_value_text(name, value) for name, value in shown)


def count_text(count: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def clock_text(seconds: float) -> str:
    """Write a duration [s] as h:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _value_text(name: str, value: float | str) -> str:
    """Write one value; the unit is the end of its name (house rule for names)."""
    quantity, _, ending = name.rpartition("_")
    if not isinstance(value, float) or ending not in _UNITS:
        return f"{name} {value}"
    return f"{quantity} {value:.4g} {_UNITS[ending]}"


def _share(progress: Progress) -> float:
    if progress.expected_s <= 0:
        return 0.0
    return min(1.0, progress.bench_s / progress.expected_s)


def _picture(progress: Progress) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.text import Text

    # The bar ends without a line break, so it stands last.
    return Group(
        Text(progress_line(progress), style="bold"),
        Text(values_line(progress.values)),
        ProgressBar(total=1.0, completed=_share(progress)),
    )
