"""Whatever fails, in whatever order: no PASS without its record, no live end unsaid.

Every fault of the table below is combined with every write of the store that may fail,
once or from then on. Fakes stand for rig, bench and display; store, verdict and record
are the real ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from phases.results import ERROR, FAIL, PASS, PhaseResult, Progress
from station.admission import RunOrder
from station.bench_lock import read_lock
from station.errors import NotStored, StationError
from station.ports import BenchPort, OnPhase, OnProgress
from station.results.engine import FILE_NAME
from station.results.show import find_runs, load_record
from station.results.store import Store
from station.run import Run, RunResult
from station.signals import StopSignals
from tests.station.fakes import (
    SERIAL,
    FakeBench,
    FakeExecution,
    FakeReport,
    FakeRig,
    SilentDisplay,
    failing_phase,
    measured,
    phase,
)

LAST_WRITE = 5
"""A run of one phase writes: begun, phase, ended, confirmed, and a lock if need be."""


class FailingStore(Store):
    """A store whose k-th write fails, once or from then on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.fail_at = 0
        self.for_good = False
        self.writes = 0

    def add(self, *statements: Any) -> None:
        """Write, unless it is this write's turn to fail."""
        self.writes += 1
        late = self.for_good and self.writes > self.fail_at > 0
        if self.writes == self.fail_at or late:
            raise NotStored("record store: not stored (disk full); check the disk")
        super().add(*statements)


class Fails:
    """Something that fails however it is used."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __iter__(self) -> Iterator[Any]:
        raise self.error

    def __call__(self, *_: object) -> Any:
        raise self.error


class FailingDisplay(SilentDisplay):
    """A display that fails where it is told to."""

    def __init__(self, where: str, error: BaseException) -> None:
        self.where = where
        self.error = error

    def on_phase(self, phase: PhaseResult) -> None:
        """Fail, or show nothing."""
        self._fail("on_phase")

    def on_progress(self, progress: Progress) -> None:
        """Fail, or show nothing."""
        self._fail("on_progress")

    def close(self) -> None:
        """Fail, or do nothing."""
        self._fail("close")

    def _fail(self, where: str) -> None:
        if where == self.where:
            raise self.error


class FailingBench(FakeBench):
    """A bench of which one thing fails when it is asked for."""

    fails: tuple[str, BaseException] = ("", OSError())

    def __getattribute__(self, name: str) -> Any:
        where, error = type(self).fails
        if name == where:
            raise error
        return super().__getattribute__(name)

    def close(self) -> None:
        """Close; a second time is no matter here."""


class FaultyRig(FakeRig):
    """A rig that opens a failing bench, and forgets nothing."""

    def __init__(
        self,
        execution: FakeExecution | BaseException | None = None,
        fails: tuple[str, BaseException] = ("", OSError()),
        report: FakeReport | Exception | None = None,
    ) -> None:
        super().__init__(in_process=False)
        if execution is not None:
            self._execution = execution  # type: ignore[assignment]
        self.report = report or FakeReport()
        self.made: list[FailingBench] = []
        self.bench_type = type("OneBench", (FailingBench,), {"fails": fails})

    def open(self, trace_dir: Path | None) -> FakeBench:
        """Open the bench that fails."""
        bench = self.bench_type(trace_dir)
        assert isinstance(bench, FailingBench)
        bench.report = self.report
        self.bench = bench
        self.made.append(bench)
        return bench

    def execute(
        self, bench: BenchPort, on_phase: OnPhase, on_progress: OnProgress
    ) -> FakeExecution:
        """Raise also what is no `Exception`."""
        if isinstance(self._execution, BaseException):
            raise self._execution
        return super().execute(bench, on_phase, on_progress)


@dataclass(frozen=True, slots=True)
class Case:
    """One fault: how to make it, and whether the bench ends live."""

    rig: Callable[[], FaultyRig]
    display: Callable[[], SilentDisplay] = SilentDisplay
    live: bool = False
    may_pass: bool = False


def executing(error: BaseException, live: bool = False) -> Case:
    """Make the case of an executor that raises."""
    return Case(lambda: FaultyRig(error, report=FakeReport(dead=not live)), live=live)


def showing(where: str, error: BaseException, *, may_pass: bool = False) -> Case:
    """Make the case of a display that raises."""
    return Case(FaultyRig, lambda: FailingDisplay(where, error), may_pass=may_pass)


def asking(where: str, error: BaseException) -> Case:
    """Make the case of a bench of which one thing raises."""
    return Case(lambda: FaultyRig(fails=(where, error)))


def ending(**changes: Any) -> Case:
    """Make the case of an executor that ends with these facts."""
    live = changes.get("bench_dead") is False
    return Case(lambda: FaultyRig(replace(FakeExecution(), **changes)), live=live)


GONE = OSError(5, "Input/output error")
ODD_NOTE = "supply said \udcff\x1b[2J\n"
CASES: Mapping[str, Case] = {
    "nothing fails": Case(FaultyRig, may_pass=True),
    "executor: exception": executing(ZeroDivisionError("x")),
    "executor: exception, live": executing(ZeroDivisionError("x"), live=True),
    "executor: interrupt": executing(KeyboardInterrupt()),
    "executor: interrupt, live": executing(KeyboardInterrupt(), live=True),
    "executor: exit": executing(SystemExit(0)),
    "executor: exit, live": executing(SystemExit(0), live=True),
    "executor: out of memory": executing(MemoryError()),
    "executor: too deep": executing(RecursionError("too deep")),
    "make_safe raises": Case(
        lambda: FaultyRig(ZeroDivisionError("x"), report=GONE), live=True
    ),
    "bench not dead": ending(bench_dead=False),
    "bench not dead, failed": ending(bench_dead=False, phases=[failing_phase()]),
    "bench not dead, stopped": ending(bench_dead=False, stop="SIGTERM"),
    "bench not dead, module live": ending(bench_dead=False, module_live=True),
    "failed": ending(phases=[failing_phase()], executor_outcome=FAIL),
    "stopped": ending(stop="SIGTERM"),
    "phases that fail when read": ending(phases=Fails(GONE)),
    "firmware that fails when read": ending(firmware=Fails(GONE)),
    "odd characters in an error": ending(error=RuntimeError(ODD_NOTE)),
    "odd characters, live": ending(error=RuntimeError(ODD_NOTE), bench_dead=False),
    "odd characters in a note": ending(
        phases=[replace(phase(outcome=ERROR), note=ODD_NOTE)]
    ),
    "value that no document holds": ending(
        phases=[phase(measurements=[measured(value=object())])]  # type: ignore[arg-type]
    ),
    "trips that are no number": ending(trips=object()),
    "display: phase": showing("on_phase", KeyError("x")),
    "display: progress": showing("on_progress", KeyError("x")),
    "display: broken pipe as an exit": showing("on_phase", SystemExit(1)),
    "display: close": showing("close", KeyError("x"), may_pass=True),
    "bench: close": asking("close", GONE),
    "bench: close, unforeseen": asking("close", KeyError("x")),
    "bench: identities": asking("identities", GONE),
    "bench: calibrations": asking("calibrations", GONE),
    "bench: trace files": asking("trace_files", GONE),
}
FAULTS = [(write, False) for write in range(LAST_WRITE + 1)] + [(2, True), (3, True)]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a run: its result, or what it raised."""

    result: RunResult | None
    error: BaseException | None
    rig: FaultyRig


def go(case: Case, store: FailingStore) -> Came:
    """Run one case."""
    rig = case.rig()
    order = RunOrder(SERIAL, "A. Nother", {})
    run = Run(rig, order, store, StopSignals(), case.display())
    try:
        return Came(run.go(), None, rig)
    except Exception as error:
        return Came(None, error, rig)


def stored_outcomes(store: Store) -> Sequence[str]:
    """List the outcomes that anybody would find in the store."""
    try:
        return [run.outcome for run in find_runs(store, SERIAL)]
    except StationError:
        return []


def check_record(came: Came, store: Store) -> None:
    """Check that what is shown is stored, and that a PASS is stored as it is shown."""
    assert len(stored_outcomes(store)) <= 1
    if came.result is None:
        return
    if came.result.outcome == PASS:
        assert load_record(store, came.result.record["run_id"]) == came.result.record
        assert came.result.exit_code == 0
    else:
        assert came.result.exit_code in (1, 3, 4)
        assert came.result.record["reason"]
        assert PASS not in stored_outcomes(store)


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store that every case gets a copy of."""
    folder = tmp_path_factory.mktemp("new")
    Store(folder).close()
    return folder


@pytest.mark.parametrize("name", CASES)
def test_no_fault_gives_a_pass_without_its_record(
    name: str, new_store: Path, tmp_path: Path
) -> None:
    """A module would be shipped without a record, or a live bench left unsaid."""
    case = CASES[name]
    for number, (write, for_good) in enumerate(FAULTS):
        folder = tmp_path / f"store{number}"
        folder.mkdir()
        shutil.copy(new_store / FILE_NAME, folder)  # making one takes longest
        store = FailingStore(folder)
        store.fail_at, store.for_good = write, for_good
        came = go(case, store)
        check_record(came, store)
        if came.result is not None and came.result.outcome == PASS:
            assert case.may_pass
            assert write == 0 or write > store.writes
        if case.live and came.rig.made:
            check_said_live(came, store, begun=write != 1)
        store.close()


def check_said_live(came: Came, store: FailingStore, *, begun: bool) -> None:
    """Check that a bench that may be live ends in ERROR, and locked if anything can."""
    if came.result is None:
        assert not begun, f"{came.error!r} got out of the run"
        return
    assert came.result.outcome == ERROR
    assert "could not be proved dead" in str(came.result.record) or not begun
    if not store.for_good:
        assert read_lock(store, "reference") is not None


def test_executor_that_raises_is_followed_by_make_safe(tmp_path: Path) -> None:
    """A library that exits, or takes Ctrl-C for itself, would leave the supply on."""
    for number, error in enumerate((KeyboardInterrupt(), SystemExit(0), KeyError("x"))):
        store = FailingStore(tmp_path / f"store{number}")
        came = go(executing(error), store)
        assert came.rig.made[0].made_safe == 1
        assert came.result is not None
        assert came.result.outcome in (ERROR, "ABORTED")
        store.close()


def test_run_folder_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """Traces would be written wherever a link in the store leads."""
    (tmp_path / "elsewhere").mkdir()
    store = FailingStore(tmp_path / "store")
    (store.folder / "runs").symlink_to(tmp_path / "elsewhere")
    came = go(CASES["nothing fails"], store)
    assert came.result is None
    assert "leads elsewhere" in str(came.error)
    assert came.rig.made == []
    store.close()
