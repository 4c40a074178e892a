"""Show how far a campaign is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from instruments.clock import wall_s
from station.display import clock_text
from station.faults.result import CaseResult

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PLAIN_EVERY_S = 15.0


class CampaignProgress:
    """Cases done, rate, violations and remaining time; a context manager."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._start_s = wall_s()
        self._due_s = self._start_s + PLAIN_EVERY_S
        self._known = 0
        self._broken = 0

    def tell(self, done: int, total: int, result: CaseResult | None) -> None:
        """Take in that one more case is done; the first call has none."""
        if result is None:
            self._known = done
        elif result.violations:
            self._broken += 1
        text = self._text(done, total)
        if self._bar is not None:
            self._redraw(done, total, text)
        elif wall_s() >= self._due_s or done == total:
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

    def _redraw(self, done: int, total: int, text: str) -> None:
        assert self._bar is not None  # noqa: S101  only called with a bar
        if self._task is None:
            self._task = self._bar.add_task(text, total=total)
        self._bar.update(self._task, completed=done, total=total, description=text)

    def _text(self, done: int, total: int) -> str:
        """Write cases, rate and remaining time on one line."""
        spent_s = wall_s() - self._start_s
        rate = (done - self._known) / spent_s if spent_s > 0 else 0.0
        left = clock_text((total - done) / rate) if rate > 0 else "unknown"
        broken = f", {self._broken} broken" if self._broken else ""
        return f"{done}/{total} cases, {rate:.1f} a second, {left} left{broken}"
