"""A display that may be lost without losing anything else.

Whoever watched closed the terminal or the pipe. The module is energised all the same,
so the run goes on, its phases are stored and its exit code stays what it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from phases.results import PhaseResult, Progress
from station.display import Display
from station.output import give_up

# rich answers a broken pipe with SystemExit, which would end the run.
_LOST = (OSError, ValueError, SystemExit)


class LossyDisplay:
    """Passes everything on to a display until that fails once."""

    def __init__(self, make: Callable[[], Display]) -> None:
        self._inner: Display | None = None
        try:
            self._inner = make()
        except _LOST:
            self._lose()

    def on_phase(self, phase: PhaseResult) -> None:
        """Tell that a phase ended, while anybody watches."""
        if self._inner is not None:
            try:
                self._inner.on_phase(phase)
            except _LOST:
                self._lose()

    def on_progress(self, progress: Progress) -> None:
        """Tell how far the run is, while anybody watches."""
        if self._inner is not None:
            try:
                self._inner.on_progress(progress)
            except _LOST:
                self._lose()

    def close(self) -> None:
        """Leave the terminal as it was, if it is still there."""
        if self._inner is not None:
            try:
                self._inner.close()
            except _LOST:
                self._lose()

    def _lose(self) -> None:
        self._inner = None
        give_up(sys.stdout)
