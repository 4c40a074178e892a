"""A rig, a bench and a clock that need neither OpenHTF nor a simulated module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instruments.clock import StopSwitch
from instruments.roles import Identity
from phases.results import FAIL, PASS, Measurement, PhaseResult, Progress, Value
from station.ports import BenchPort, OnPhase, OnProgress

SERIAL = "WE-4K4P-26-47-0001"


def measured(
    name: str = "over_voltage_trip_v", value: Value = 58.9, outcome: str = PASS
) -> Measurement:
    """Make a measurement of 58.7 .. 59.1 V with the given value and outcome."""
    return Measurement(
        name=name,
        value=value,
        outcome=outcome,
        value_low=58.88,
        value_high=58.92,
        unit="V",
        low=58.7,
        high=59.1,
        source="manual L1129",
        status="provisional",
        witness="module_meter",
        requirements=("EL-09",),
    )


def phase(
    name: str = "over_voltage",
    outcome: str = PASS,
    measurements: Sequence[Measurement] | None = None,
) -> PhaseResult:
    """Make a phase from 10 s to 20 s with one good measurement unless told."""
    given = [measured()] if measurements is None else list(measurements)
    return PhaseResult(name, 10.0, 20.0, outcome, given)


def failing_phase() -> PhaseResult:
    """Make a phase whose measurement lies outside its limit."""
    return phase(outcome=FAIL, measurements=[measured(value=59.4, outcome=FAIL)])


class FakeClock:
    """Bench time that moves by itself."""

    def __init__(self) -> None:
        self.stop = StopSwitch()
        self.time_us = 0

    def now_us(self) -> int:
        """Read bench time [us]."""
        return self.time_us

    def wait_us(self, duration_us: int) -> None:
        """Let bench time pass [us]."""
        self.stop.check()
        self.time_us += duration_us


@dataclass
class FakeReport:
    """What make_safe found."""

    dead: bool = True
    module_dead: bool = True


@dataclass
class FakeExecution:
    """What came of a sequence; by default all is well."""

    phases: Sequence[PhaseResult] = field(default_factory=lambda: [phase()])
    executor_outcome: str = PASS
    error: BaseException | None = None
    expected_measurements: Sequence[str] = ("over_voltage_trip_v",)
    planned_phases: Sequence[str] = ("over_voltage",)
    bench_dead: bool = True
    module_live: bool = False
    stop: str | None = None
    trips: int = 0
    firmware: Mapping[str, str] = field(default_factory=lambda: {"master": "3.72"})
    not_judged: Mapping[str, str] = field(
        default_factory=lambda: {"CA-01": "not supported by profile"}
    )


class FakeBench:
    """An open bench that writes one trace file."""

    def __init__(self, trace_dir: Path | None) -> None:
        self.clock = FakeClock()
        self.identities: Mapping[str, Identity] = {
            "supply": Identity("Keysight", "RP7952A", "MY1", "1.0")
        }
        self.calibrations: Mapping[str, Mapping[str, str]] = {}
        self.report: FakeReport | Exception = FakeReport()
        self.made_safe = 0
        self.closed = False
        self.incidents: list[str] = []
        self.trace_files: list[Path] = []
        if trace_dir is not None:
            self.trace_files = [trace_dir / "vi.csv"]
            self.trace_files[0].write_text("t_s,module_v\n0.0,52.8\n")

    def make_safe(self) -> FakeReport:
        """Report what the test wants to be found."""
        self.made_safe += 1
        if isinstance(self.report, Exception):
            raise self.report
        return self.report

    def close(self) -> None:
        """Remember that the bench was closed."""
        assert not self.closed
        self.closed = True


@dataclass
class FakeLimits:
    """Name and hash of a limit set."""

    name: str = "eol.toml"
    sha256: str = "ab" * 32


Script = Callable[[FakeBench], None]


class FakeRig:
    """A rig whose sequence does what the test says.

    Args:
        execution: what came of the sequence, or the exception that it raised.
        opening: an exception that opening raises.
        script: called with the bench before the phases are handed over.
    """

    def __init__(
        self,
        execution: FakeExecution | Exception | None = None,
        opening: Exception | None = None,
        script: Script | None = None,
        in_process: bool = True,
    ) -> None:
        self.bench_name = "reference"
        self.in_process = in_process
        self.sequence = "eol"
        self.limits = FakeLimits()
        self.bench: FakeBench | None = None
        self._execution = execution or FakeExecution()
        self._opening = opening
        self._script = script

    def inputs(self) -> Mapping[str, Any]:
        """Name the seed only."""
        return {"seed": 7}

    def open(self, trace_dir: Path | None) -> FakeBench:
        """Open the fake bench, or fail as the test says."""
        if self._opening is not None:
            raise self._opening
        self.bench = FakeBench(trace_dir)
        return self.bench

    def execute(
        self, bench: BenchPort, on_phase: OnPhase, on_progress: OnProgress
    ) -> FakeExecution:
        """Hand over the phases, then end as the test says."""
        assert self.bench is bench
        self.bench.clock.time_us = 20_000_000
        on_progress(Progress("over_voltage", 1, 1, 10.0, 20.0, {"module_v": 58.9}))
        if self._script is not None:
            self._script(self.bench)
        if isinstance(self._execution, Exception):
            raise self._execution
        for ended in self._execution.phases:
            on_phase(ended)
        return self._execution


class SilentDisplay:
    """Shows nothing."""

    def on_phase(self, phase: PhaseResult) -> None:
        """Show nothing."""

    def on_progress(self, progress: Progress) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Do nothing."""
