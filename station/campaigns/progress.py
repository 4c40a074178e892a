"""Show how far a campaign is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from instruments.clock import wall_s
from station.campaigns.count import Count
from station.display import clock_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PLAIN_EVERY_S = 15.0


class CampaignProgress:
    """Runs done, rate, remaining time, escapes and false fails; a context manager."""

    def __init__(self, total: int, known: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._total = total
        self._known = known
        self._start_s = wall_s()
        self._due_s = self._start_s + PLAIN_EVERY_S

    def show(self, count: Count) -> None:
        """Show the counts of all runs so far."""
        text = self._text(count)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=count.runs, description=text)
        elif wall_s() >= self._due_s or count.runs == self._total:
            self._due_s = wall_s() + PLAIN_EVERY_S
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def __enter__(self) -> CampaignProgress:
        if self._stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            console = Console(file=self._stream)
            text = TextColumn("{task.description}")
            self._bar = Progress(text, BarColumn(), console=console)
            self._task = self._bar.add_task("campaign begins", total=self._total)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _text(self, count: Count) -> str:
        """Write counts, rate and remaining time on one line."""
        spent_s = wall_s() - self._start_s
        rate = (count.runs - self._known) / spent_s if spent_s > 0 else 0.0
        left = clock_text((self._total - count.runs) / rate) if rate > 0 else "unknown"
        errors = f", {count.errors} errors" if count.errors else ""
        return (
            f"{count.runs}/{self._total} runs, {rate * 60:.0f} a minute, {left} left,"
            f" {count.escaped} escaped, {count.false_failed} false fails{errors}"
        )
