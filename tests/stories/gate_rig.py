"""The station's gate around a run: real store, real verdict, real executor, real bench.

`judge_execution` takes what a lying executor hands over; `run_gate` runs a whole
sequence on the simulated bench with one part of it made worse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instruments.bench import Bench
from limits.limit_set import LimitSet
from phases.execute import Execution
from phases.results import Progress
from station.admission import RunOrder
from station.ports import BenchPort, OnPhase, OnProgress
from station.results.store import Store
from station.run import Run, RunResult
from station.signals import StopSignals
from station.wiring import RunFiles, StationRig
from tests.station.fakes import SERIAL, FakeExecution, FakeRig, SilentDisplay

STATES = Path(__file__).resolve().parents[2] / "station" / "states"


@dataclass(slots=True)
class Watch:
    """Hears every progress of a run, and may do something at each."""

    act: Callable[[Bench], None] | None = None
    bench: Bench | None = None
    heard: list[Progress] = field(default_factory=list)

    def on_progress(self, progress: Progress) -> None:
        """Keep it, then act."""
        self.heard.append(progress)
        if self.act is not None and self.bench is not None:
            self.act(self.bench)


class GateRig(StationRig):
    """The station's own rig, with another kind of bench or other limits."""

    def __init__(
        self,
        sequence: str,
        files: RunFiles,
        watch: Watch,
        bench_type: type[Bench],
        limits_type: type[LimitSet],
    ) -> None:
        super().__init__(sequence, files)
        kept = self._limits
        self._limits = limits_type(kept.name, kept.title, kept, kept.files)
        self.watch = watch
        self.execution: Execution | None = None
        self._bench_type = bench_type

    def open(self, trace_dir: Path | None) -> BenchPort:
        """Open the simulated bench as the given kind of bench."""
        bench = super().open(trace_dir)
        assert isinstance(bench, Bench)
        bench.__class__ = self._bench_type
        self.watch.bench = bench
        return bench

    def execute(
        self, bench: BenchPort, on_phase: OnPhase, on_progress: OnProgress
    ) -> Execution:
        """Run the sequence as the station does; keep what came of it."""
        execution = super().execute(bench, on_phase, self.watch.on_progress)
        assert isinstance(execution, Execution)
        self.execution = execution
        return execution


@dataclass(frozen=True, slots=True)
class Gated:
    """What the station said of a run, and the truth of its simulated bench."""

    result: RunResult
    execution: Execution | None
    bench: Bench

    @property
    def supply_on(self) -> bool:
        """Tell whether the simulated supply is on, whatever the station believes."""
        return bool(self.bench.world.plant.supply.output_on)

    @property
    def done(self) -> Execution:
        """Return what the executor handed back, which must be there."""
        assert self.execution is not None
        return self.execution

    @property
    def record(self) -> dict[str, Any]:
        """The record as it was stored."""
        return self.result.record


def run_gate(
    folder: Path,
    sequence: str = "identity",
    *,
    bench_type: type[Bench] = Bench,
    limits_type: type[LimitSet] = LimitSet,
    watch: Watch | None = None,
    defect: str = "",
) -> Gated:
    """Run a sequence on the simulated bench, one part of it weakened."""
    state = STATES / f"{sequence}.toml"
    defects = []
    if defect:
        defects.append(folder / "defect.toml")
        defects[0].write_text(defect, encoding="utf-8")
    files = RunFiles(
        SERIAL, "A. Nother", defects=defects, state=state if state.exists() else None
    )
    rig = GateRig(sequence, files, watch or Watch(), bench_type, limits_type)
    result = _go(folder, rig)
    bench = rig.watch.bench
    assert bench is not None
    return Gated(result, rig.execution, bench)


def judge_execution(folder: Path, execution: FakeExecution) -> RunResult:
    """Give the station what an executor claims, and take its verdict."""
    return _go(folder, FakeRig(execution))


def _go(folder: Path, rig: GateRig | FakeRig) -> RunResult:
    store = Store(folder / "store")
    order = RunOrder(SERIAL, "A. Nother", rig.inputs(), trace=False)
    try:
        with StopSignals() as signals:
            return Run(rig, order, store, signals, SilentDisplay()).go()
    finally:
        store.close()
