"""One run, from the first line of its record to the verdict that may be shown.

The record begins before anything is energised; each phase is stored as it ends; the
verdict leaves this module only after the record was stored, read back and confirmed.
An exception means that the station does not know: it becomes an ERROR record.
"""

from __future__ import annotations

import shutil
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Insert

from instruments.clock import utc_now, wall_s
from instruments.errors import BenchFileError, BenchNotDead, StopRequested
from instruments.stand_in import is_stand_in
from phases.results import ERROR, FAIL, PASS, PhaseResult
from station import bench_lock
from station.admission import RunOrder, describe_beginning, find_refusal
from station.display import Display
from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_FAIL,
    EXIT_PASS,
    NotStored,
    describe,
    one_line,
)
from station.grade import grade_of
from station.ports import BenchPort, ExecutionPort, Rig
from station.record import (
    Beginning,
    Document,
    Ending,
    build_record,
    evidence_sha256,
)
from station.results.files import sync_traces
from station.results.store import Store, StoredRun
from station.signals import StopSignals
from station.verdict import ABORTED, RunFacts, Verdict, decide

EXIT_CODES = {
    PASS: EXIT_PASS,
    FAIL: EXIT_FAIL,
    ERROR: EXIT_ERROR,
    ABORTED: EXIT_ABORTED,
}


# What may come out of the executor and still leaves time to make the bench safe. A
# library that takes signals for itself, or ends the process, may not leave it on.
_ENDS_A_RUN = (Exception, KeyboardInterrupt, SystemExit)


@dataclass(frozen=True, slots=True)
class RunResult:
    """The verdict to show, its exit code, and the record as it was stored."""

    outcome: str
    exit_code: int
    record: Document


class Run:
    """The state of one run while it goes on."""

    def __init__(
        self,
        rig: Rig,
        order: RunOrder,
        store: Store,
        signals: StopSignals,
        display: Display,
    ) -> None:
        self._rig = rig
        self._order = order
        self._store = store
        self._signals = signals
        self._display = display
        self._run_id = uuid.uuid4().hex
        self._start_s = wall_s()
        self._bench: BenchPort | None = None
        self._closed = False
        self._stored: StoredRun | None = None
        self._execution: ExecutionPort | None = None
        self._phases: list[PhaseResult] = []
        self._bench_dead: bool | None = None
        self._module_live = False
        self._error: str | None = None
        self._stop: str | None = None
        self._store_error: str | None = None
        self._traceback: str | None = None

    def go(self) -> RunResult:
        """Run the sequence and store its record.

        Raises:
            BenchFileError: a file cannot be used; no record was begun.
            StoreUnusable: no record can begin; nothing was energised.
        """
        rig = self._rig
        begun = describe_beginning(self._run_id, self._order, rig, self._store)
        try:
            self._error = find_refusal(begun, rig, self._store)
            if self._error is None:
                self._open()
            self._stored = self._store.begin(begun, rig.bench_name, rig.in_process)
            if self._bench is not None:
                self._execute(self._bench)
            return self._end(begun, self._stored)
        finally:
            self._leave()

    def _leave(self) -> None:
        """Let go of everything, whichever of it fails."""
        with ExitStack() as last_in_first_out:
            if self._stored is not None:
                last_in_first_out.callback(self._stored.release)
            last_in_first_out.callback(self._close_quietly)
            last_in_first_out.callback(self._display.close)

    def _open(self) -> None:
        """Open the bench: it measures who answers, but energises nothing."""
        folder = self._store.make_run_folder(self._run_id)
        try:
            self._bench = self._rig.open(folder if self._order.trace else None)
        except BenchFileError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        except Exception as error:  # the record says what it was
            if isinstance(error, BenchNotDead):
                self._bench_dead = False  # whatever an earlier run left behind
            self._remember(error)
            return
        self._signals.attach(self._bench.clock.stop)

    def _execute(self, bench: BenchPort) -> None:
        try:
            execution = self._rig.execute(
                bench, self._on_phase, self._display.on_progress
            )
            self._take_over(execution)
        except _ENDS_A_RUN as error:  # the record says what it was
            self._remember(error)
            self._make_safe(bench)

    def _take_over(self, execution: ExecutionPort) -> None:
        """Take what the executor found; only now does it count."""
        self._execution = execution
        self._phases = list(execution.phases)
        self._bench_dead = execution.bench_dead
        self._module_live = execution.module_live
        self._stop = execution.stop
        if execution.error is not None:
            self._remember(execution.error)

    def _make_safe(self, bench: BenchPort) -> None:
        """Make the bench safe after an executor that did not do so itself."""
        self._bench_dead = False
        try:
            report = bench.make_safe()
        except _ENDS_A_RUN as error:  # not proved dead is the answer
            first = f"{self._error}; " if self._error else ""
            self._error = f"{first}make_safe: {describe(error)}"
            return
        self._bench_dead = report.dead
        self._module_live = not report.module_dead

    def _on_phase(self, phase: PhaseResult) -> None:
        self._phases.append(phase)
        self._store_phase(phase)
        self._display.on_phase(phase)

    def _store_phase(self, phase: PhaseResult) -> None:
        if self._stored is None or self._store_error is not None:
            return
        try:
            self._stored.add_phase(phase)
        except NotStored as error:
            # Going on would test a module whose record is lost already.
            self._store_error = str(error)
            if self._bench is not None:
                self._bench.clock.stop.request("the record store failed")

    def _remember(self, error: BaseException) -> None:
        """Keep what went wrong: one line for people, the traceback for the record."""
        import traceback

        if isinstance(error, StopRequested):
            self._stop = str(error)
            return
        if isinstance(error, KeyboardInterrupt):
            self._stop = "SIGINT"
            return
        self._error = describe(error)
        self._traceback = "".join(traceback.format_exception(error))

    def _end(self, begun: Beginning, stored: StoredRun) -> RunResult:
        files = self._collect_traces(stored.folder)
        ending = self._describe_ending(files)
        try:
            record = build_record(begun, ending)
        except Exception as error:  # whatever it is, it must not cost the record
            # Without its attachments or values the record would claim too much.
            verdict = Verdict(ERROR, f"no record could be built: {one_line(error)}")
            bare = replace(ending, attachments=(), phases=(), verdict=verdict)
            record = build_record(begun, bare)
        outliving: list[Insert] = []
        if not self._rig.in_process:
            outliving = bench_lock.outliving_rows(record, self._rig.bench_name)
        try:
            stored.end(record, *outliving)
        except NotStored as error:
            for row in outliving:  # the bench stays locked if anything can be kept
                with suppress(NotStored):
                    self._store.add(row)
            found = f"{record['reason']}; " if record["reason"] else ""
            record["outcome"] = ERROR  # what was found stays said, a live bench first
            record["reason"] = f"{found}not stored: {error}"
            record["evidence_sha256"] = evidence_sha256(record)
        outcome = record["outcome"]
        return RunResult(outcome, EXIT_CODES[outcome], record)

    def _collect_traces(self, folder: Path) -> list[Path]:
        """Close the bench and bring the traces that it wrote to the disk."""
        files = list(self._bench.trace_files) if self._bench else []
        try:
            self._close_bench()
            sync_traces(files, folder)
        except Exception as error:  # whatever it is, it must not cost the record
            self._error = self._error or f"a trace is not on disk: {one_line(error)}"
            return []
        return files

    def _close_quietly(self) -> None:
        """Close a bench whose record cannot begin: the reason for that has to be told.

        In every other case it was closed before the record ended.
        """
        with suppress(Exception):
            self._close_bench()

    def _close_bench(self) -> None:
        if self._bench is not None and not self._closed:
            self._closed = True
            self._bench.close()

    def _describe_ending(self, files: list[Path]) -> Ending:
        bench, execution = self._bench, self._execution
        facts = self._facts()
        identities = dict(bench.identities) if bench else {}
        simulated = self._rig.in_process or any(map(is_stand_in, identities.values()))
        return Ending(
            verdict=decide(facts),
            grade=grade_of(simulated, self._phases),
            simulated=simulated,
            bench_s=bench.clock.now_us() / 1e6 if bench else 0.0,
            wall_s=round(wall_s() - self._start_s, 3),
            utc_end=utc_now(),
            phases=self._phases,
            identities=identities,
            calibrations=bench.calibrations if bench else {},
            firmware=dict(execution.firmware) if execution else {},
            attachments=files,
            not_judged=dict(execution.not_judged) if execution else {},
            incidents=bench.incidents if bench else (),
            executor_outcome=facts.executor_outcome,
            error=facts.error,
            stop=facts.stop,
            trips=execution.trips if execution else 0,
            bench_dead=self._bench_dead,
            module_live=self._module_live,
            traceback=self._traceback,
        )

    def _facts(self) -> RunFacts:
        execution = self._execution
        stop = self._signals.reason or self._stop
        return RunFacts(
            phases=self._phases,
            expected_measurements=execution.expected_measurements if execution else (),
            planned_phases=execution.planned_phases if execution else (),
            executor_outcome=execution.executor_outcome if execution else "",
            error=self._store_error or self._error,
            stop=None if self._store_error else stop,
            bench_dead=self._bench_dead,
            module_live=self._module_live,
        )
