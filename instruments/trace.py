"""The V/I trace: every sample and every setpoint change of a run, as CSV.

Columns: `t_s` bench time of the voltage reading, `module_v`, `t_current_s` bench time
of the current reading, `current_a` (positive into the module), `bench_v` when it was
read at that sample, `event` for a change of setpoint or switch at `t_s`.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import NamedTuple, Protocol

HEADER = "t_s,module_v,t_current_s,current_a,bench_v,event\n"


class Sample(NamedTuple):
    """One look at the module's terminals.

    `t_v_us` and `t_a_us` are the bench times [µs] of the two readings. A tuple,
    because a run makes a hundred thousand of them.
    """

    t_v_us: int
    module_v: float
    t_a_us: int
    current_a: float


class Trace(Protocol):
    """Where samples and events go."""

    def sample(self, sample: Sample, bench_v: float | None) -> None:
        """Keep one sample."""
        ...

    def event(self, t_us: int, text: str) -> None:
        """Keep one change of setpoint or switch."""
        ...

    def close(self) -> None:
        """Bring everything to the disk."""
        ...


class NoTrace:
    """Keeps nothing."""

    def sample(self, sample: Sample, bench_v: float | None) -> None:
        """Drop one sample."""

    def event(self, t_us: int, text: str) -> None:
        """Drop one event."""

    def close(self) -> None:
        """Do nothing."""


class CsvTrace:
    """Writes the trace as the run goes; flushed at each event, synced at close."""

    def __init__(self, path: Path) -> None:
        self._file: io.TextIOWrapper = path.open("w", encoding="ascii", newline="")
        self._file.write(HEADER)

    def sample(self, sample: Sample, bench_v: float | None) -> None:
        """Write one sample."""
        bench = "" if bench_v is None else f"{bench_v:.3f}"
        self._file.write(
            f"{sample.t_v_us * 1e-6:.6f},{sample.module_v:.4f},"
            f"{sample.t_a_us * 1e-6:.6f},{sample.current_a:.4f},{bench},\n"
        )

    def event(self, t_us: int, text: str) -> None:
        """Write one event and flush."""
        self._file.write(f"{t_us * 1e-6:.6f},,,,,{text}\n")
        self._file.flush()

    def close(self) -> None:
        """Bring the file to the disk."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
