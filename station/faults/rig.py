"""The shipped rig with fault points under its bench."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instruments.bench_file import BenchConfig, load_bench_file
from instruments.open import open_bench
from station.faults.parts import StationParts
from station.faults.watch import RunWatch
from station.ports import BenchPort, ExecutionPort, LimitsPort, OnPhase, OnProgress
from station.wiring import DEFAULT_BENCH, RunFiles, StationRig

SERIAL = "WE-4K4P-26-47-0001"
OPERATOR = "fault campaign"
STATES = Path(__file__).parents[1] / "states"


class Stage:
    """What all cases of one sequence and one module share; loaded once."""

    def __init__(self, sequence: str, seed: int | None) -> None:
        state = STATES / f"{sequence}.toml"
        self.sequence = sequence
        self.seed = seed
        self.state = state if state.exists() else None
        self.config: BenchConfig = load_bench_file(DEFAULT_BENCH)
        files = RunFiles(SERIAL, OPERATOR, state=self.state, seed=seed)
        self.shipped = StationRig(sequence, files)
        self.inputs = self.shipped.inputs()


class FaultRig:
    """The shipped rig of a stage, on a bench that a watch looks at.

    It counts as a shared bench, so that locks and trips outlive the run as in a
    factory.
    """

    def __init__(self, stage: Stage, watch: RunWatch, parts: StationParts) -> None:
        self.bench_name = "fault campaign"
        self.in_process = False
        self.sequence = stage.sequence
        self._stage = stage
        self._watch = watch
        self._parts = parts

    @property
    def limits(self) -> LimitsPort:
        """The limit set that will judge."""
        return self._stage.shipped.limits

    def inputs(self) -> Mapping[str, Any]:
        """List seed and input files; see `station.ports.Rig`."""
        return self._stage.inputs

    def open(self, trace_dir: Path | None) -> BenchPort:
        """Open the bench: on a new world, or after a restart on the same one."""
        stage = self._stage
        return open_bench(
            stage.config,
            seed=stage.seed,
            state=stage.state,
            trace_dir=trace_dir,
            operator=OPERATOR,
            serial=SERIAL,
            fault_points=self._watch.points,
            bench_type=self._watch.watched(self._parts.bench_type),
        )

    def execute(
        self, bench: BenchPort, on_phase: OnPhase, on_progress: OnProgress
    ) -> ExecutionPort:
        """Run the sequence; see `station.ports.Rig`."""
        self._watch.begin()
        return self._stage.shipped.execute(bench, on_phase, on_progress)
