"""What the run asks of the layers below, as Protocols.

`station.wiring` fills these with the bench and the phases; tests fill them with
fakes that need neither OpenHTF nor a simulated bench.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from instruments.clock import Clock
from instruments.roles import Identity
from phases.results import PhaseResult, Progress

OnPhase = Callable[[PhaseResult], None]
OnProgress = Callable[[Progress], None]


class SafeReport(Protocol):
    """What make_safe found: the bench proved dead, the module proved dead."""

    @property
    def dead(self) -> bool:
        """Tell whether the bench was proved dead."""
        ...

    @property
    def module_dead(self) -> bool:
        """Tell whether the module was proved dead."""
        ...


class BenchPort(Protocol):
    """An open bench, as far as the run and its record need it."""

    @property
    def clock(self) -> Clock:
        """The bench's clock; its stop switch ends the run."""
        ...

    @property
    def identities(self) -> Mapping[str, Identity]:
        """Who answered, by role."""
        ...

    @property
    def trace_files(self) -> Sequence[Path]:
        """The trace files that this run writes; whole once the bench is closed."""
        ...

    @property
    def calibrations(self) -> Mapping[str, Mapping[str, str]]:
        """What the bench file says of each instrument's calibration, by role."""
        ...

    @property
    def incidents(self) -> Sequence[str]:
        """What went wrong and was overcome, a line each."""
        ...

    def make_safe(self) -> SafeReport:
        """Switch everything off in order and measure that it is dead."""
        ...

    def close(self) -> None:
        """Close every link; never raises."""
        ...


class ExecutionPort(Protocol):
    """What came of a sequence."""

    @property
    def phases(self) -> Sequence[PhaseResult]:
        """The phases as they ended, in order."""
        ...

    @property
    def executor_outcome(self) -> str:
        """OpenHTF's own outcome, by its own word."""
        ...

    @property
    def error(self) -> BaseException | None:
        """What kept the station from knowing, or None."""
        ...

    @property
    def expected_measurements(self) -> Sequence[str]:
        """Names of the limits that this sequence has to judge."""
        ...

    @property
    def planned_phases(self) -> Sequence[str]:
        """Names of the phases that have to run."""
        ...

    @property
    def bench_dead(self) -> bool:
        """Whether the bench was proved dead at the end."""
        ...

    @property
    def module_live(self) -> bool:
        """Whether the module was measured live after make_safe."""
        ...

    @property
    def stop(self) -> str | None:
        """The signal that ended the run, or None."""
        ...

    @property
    def trips(self) -> int:
        """Current and voltage trips that the module was put through."""
        ...

    @property
    def firmware(self) -> Mapping[str, str]:
        """Firmware versions that the module stated, by part."""
        ...

    @property
    def not_judged(self) -> Mapping[str, str]:
        """Requirements that could not be judged, each with its reason."""
        ...


class LimitsPort(Protocol):
    """A limit set, as far as the record needs it."""

    @property
    def name(self) -> str:
        """Name of the limit file."""
        ...

    @property
    def sha256(self) -> str:
        """Hash over the merged content."""
        ...


class Rig(Protocol):
    """A chosen bench, limit set and sequence: checked, but not yet opened."""

    bench_name: str
    in_process: bool
    sequence: str

    @property
    def limits(self) -> LimitsPort:
        """The limit set that will judge."""
        ...

    def inputs(self) -> Mapping[str, Any]:
        """List seed and input files, by name and hash, for the record.

        Raises:
            BadOption: a file cannot be read.
        """
        ...

    def open(self, trace_dir: Path | None) -> BenchPort:
        """Open the bench.

        Raises:
            BenchFileError: a file that cannot be used; nothing was opened.
            InstrumentError: a part of the bench did not answer as it should.
        """
        ...

    def execute(
        self, bench: BenchPort, on_phase: OnPhase, on_progress: OnProgress
    ) -> ExecutionPort:
        """Run the sequence to its end, whatever happens in it."""
        ...
