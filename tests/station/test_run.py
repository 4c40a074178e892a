"""A run from its first row to the verdict that may be shown, with fakes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from instruments.errors import BenchFileError, NotConnected, StopRequested
from instruments.roles import Identity
from phases.results import ERROR, FAIL, PASS
from station.results.engine import FILE_NAME
from station.results.show import find_runs, load_record
from station.results.store import Store
from station.signals import StopSignals
from station.verdict import INCOMPLETE
from tests.station.conftest import GoRun
from tests.station.fakes import (
    SERIAL,
    FakeBench,
    FakeExecution,
    FakeReport,
    FakeRig,
    failing_phase,
)

KEYS = [
    "schema",
    "run_id",
    "serial",
    "sequence",
    "outcome",
    "grade",
    "reason",
    "evidence_sha256",
    "bench_s",
    "wall_s",
    "simulated",
    "limits",
    "instruments",
    "phases",
    "attachments",
]


def test_good_run_is_stored_as_shown(go: GoRun, store: Store) -> None:
    """The record shown and the record stored would differ."""
    result = go(FakeRig())
    assert (result.outcome, result.exit_code) == (PASS, 0)
    assert load_record(store, result.record["run_id"]) == result.record
    assert [key for key in KEYS if key not in result.record] == []
    assert result.record["grade"] == "simulated"
    assert result.record["bench_s"] == 20.0
    assert result.record["instruments"][0]["simulated"] is True
    assert result.record["not_judged"] == {"CA-01": "not supported by profile"}


def test_trace_is_attached_from_the_store(go: GoRun, store: Store) -> None:
    """An attachment would lie outside the store, or without its hash."""
    (attachment,) = go(FakeRig()).record["attachments"]
    assert attachment["name"] == "vi.csv"
    assert store.folder in Path(attachment["path"]).parents
    assert len(attachment["sha256"]) == 64


def test_served_simulation_is_not_taken_for_a_real_bench(go: GoRun) -> None:
    """A simulated bench on sockets would give a PASS of better grade."""

    def serve(bench: FakeBench) -> None:
        bench.identities = {"supply": Identity("Keysight", "RP7952A", "SIM-SUPPLY", "")}

    served = go(FakeRig(script=serve, in_process=False)).record
    assert (served["simulated"], served["grade"]) == (True, "simulated")
    real = go(FakeRig(in_process=False)).record
    assert (real["simulated"], real["grade"]) == (False, "provisional")


def test_failed_measurement_is_exit_1(go: GoRun) -> None:
    """A bad module would not stop the shell script behind the station."""
    execution = FakeExecution(phases=[failing_phase()], executor_outcome=FAIL)
    result = go(FakeRig(execution))
    assert (result.outcome, result.exit_code) == (FAIL, 1)


def test_silent_instrument_is_an_error_record(go: GoRun, store: Store) -> None:
    """A bench that cannot be opened would leave no record."""
    silent = NotConnected("supply", "nothing answers", "check its cable")
    result = go(FakeRig(opening=silent))
    assert (result.outcome, result.exit_code) == (ERROR, 3)
    assert result.record["reason"] == str(silent)
    assert find_runs(store, SERIAL)[0].outcome == ERROR


def test_unusable_file_leaves_nothing(go: GoRun, store: Store) -> None:
    """A wrong defect file would count as a test of this serial number."""
    wrong = BenchFileError("d.toml", "change[0].target", "unknown; see the list")
    with pytest.raises(BenchFileError):
        go(FakeRig(opening=wrong))
    assert list((store.folder / "runs").iterdir()) == []


def test_unexpected_exception_makes_safe_and_is_kept(go: GoRun) -> None:
    """A bug would end as a traceback, with the bench left as it was."""
    rig = FakeRig(ZeroDivisionError("division by zero"))
    result = go(rig)
    assert (result.outcome, result.exit_code) == (ERROR, 3)
    assert rig.bench is not None
    assert rig.bench.made_safe == 1
    assert rig.bench.closed
    assert "Traceback" in result.record["traceback"]
    assert "Traceback" not in result.record["reason"]


def test_exception_that_a_phase_left_is_kept_with_its_traceback(go: GoRun) -> None:
    """Nobody could find the line in which a phase went wrong."""

    def fall() -> Exception:
        try:
            return KeyError([][0])
        except IndexError as error:
            return error

    result = go(FakeRig(FakeExecution(error=fall(), executor_outcome=ERROR)))
    assert result.outcome == ERROR
    assert "in fall" in result.record["traceback"]
    assert result.record["reason"].startswith("internal error, IndexError: ")


@pytest.mark.parametrize("report", [FakeReport(dead=False), OSError("bus gone")])
def test_bench_that_stays_live_is_an_error(
    go: GoRun, report: FakeReport | Exception
) -> None:
    """A bench not proved dead would be reported like any other error."""

    def spoil(bench: FakeBench) -> None:
        bench.report = report

    result = go(FakeRig(ZeroDivisionError("x"), script=spoil))
    assert result.outcome == ERROR
    assert "could not be proved dead" in result.record["reason"]


def test_signal_during_the_run_is_aborted(go: GoRun) -> None:
    """A stop by signal would look like a fault of the station."""
    signals = StopSignals()

    def stop(bench: FakeBench) -> None:
        signals.attach(bench.clock.stop)
        signals._handle(2, None)
        bench.clock.stop.check()

    result = go(FakeRig(script=stop), signals)
    assert (result.outcome, result.exit_code) == ("ABORTED", 4)
    assert "SIGINT" in result.record["reason"]


def test_stop_that_the_executor_caught_is_aborted(go: GoRun) -> None:
    """OpenHTF's own word for a stopped run, ERROR, would get through."""
    execution = FakeExecution(executor_outcome=ERROR, stop="SIGTERM")
    assert go(FakeRig(execution)).outcome == "ABORTED"


def test_stop_while_opening_is_aborted(go: GoRun) -> None:
    """A stop before the first phase would be an error of the bench."""
    result = go(FakeRig(opening=StopRequested("SIGHUP")))
    assert (result.outcome, result.exit_code) == ("ABORTED", 4)


def test_record_that_is_lost_during_the_run_is_an_error(
    go: GoRun, store: Store
) -> None:
    """A disk that fails during the run would end in PASS, or go on testing."""

    def spoil(bench: FakeBench) -> None:
        with sqlite3.connect(store.folder / FILE_NAME) as other:
            other.execute("DROP TABLE phases")
        other.close()

    rig = FakeRig(script=spoil)
    result = go(rig)
    assert (result.outcome, result.exit_code) == (ERROR, 3)
    assert "not stored" in result.record["reason"]
    assert rig.bench is not None
    assert rig.bench.clock.stop.reason == "the record store failed"


def test_end_that_cannot_be_stored_is_an_error(go: GoRun, store: Store) -> None:
    """A PASS would be shown whose record does not exist."""

    def spoil(bench: FakeBench) -> None:
        with sqlite3.connect(store.folder / FILE_NAME) as other:
            other.execute(
                "CREATE TRIGGER full BEFORE INSERT ON ended"
                " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        other.close()

    result = go(FakeRig(script=spoil))
    assert (result.outcome, result.exit_code) == (ERROR, 3)
    assert "disk full" in result.record["reason"]
    assert find_runs(store, SERIAL)[0].outcome == INCOMPLETE


def test_bench_is_locked_although_the_record_is_lost(go: GoRun, store: Store) -> None:
    """A live bench would be free for the next run when the record fails as well."""
    from station.bench_lock import read_lock

    def spoil(bench: FakeBench) -> None:
        with sqlite3.connect(store.folder / FILE_NAME) as other:
            other.execute("DROP TABLE ended")
        other.close()

    live = FakeExecution(bench_dead=False, trips=2)
    result = go(FakeRig(live, script=spoil, in_process=False))
    assert "not stored" in result.record["reason"]
    assert read_lock(store, "reference") is not None


def test_attachment_that_is_gone_is_an_error(go: GoRun) -> None:
    """A record would name a trace that nobody can read."""

    def lose(bench: FakeBench) -> None:
        for file in bench.trace_files:
            file.unlink()

    result = go(FakeRig(script=lose))
    assert result.outcome == ERROR
    assert "trace" in result.record["reason"]


def test_live_bench_locks_until_a_person_unlocks_it(go: GoRun, store: Store) -> None:
    """The next operator would connect a module to a bench that may be live."""
    from station.bench_lock import unlock

    live = FakeRig(FakeExecution(bench_dead=False), in_process=False)
    assert go(live).outcome == ERROR
    locked = FakeRig(in_process=False)
    refused = go(locked)
    assert (refused.outcome, refused.exit_code) == (ERROR, 3)
    assert "station bench unlock reference" in refused.record["reason"]
    assert locked.bench is None
    unlock(store, "reference", "A. Nother", "measured dead by hand")
    assert go(FakeRig(in_process=False)).outcome == PASS


def test_trips_of_a_serial_outlive_the_run(go: GoRun) -> None:
    """A retest would start while the module still counts its trips."""
    assert go(FakeRig(FakeExecution(trips=4), in_process=False)).outcome == PASS
    again = go(FakeRig(in_process=False))
    assert again.outcome == ERROR
    assert "4 trips in the last 30 min" in again.record["reason"]


def test_serial_cannot_be_tested_until_it_passes(go: GoRun) -> None:
    """A bad module would be retested until chance lets it pass."""
    failed = FakeExecution(phases=[failing_phase()], executor_outcome=FAIL)
    for _ in range(5):
        assert go(FakeRig(failed, in_process=False)).outcome == FAIL
    assert "hand it to quality" in go(FakeRig(in_process=False)).record["reason"]


def test_in_process_simulation_is_exempt(go: GoRun) -> None:
    """The firmware engineer's thousandth run would be refused as a retest."""
    rig = FakeRig(FakeExecution(trips=4, bench_dead=False))
    assert go(rig).outcome == ERROR
    assert go(FakeRig()).outcome == PASS


def test_same_run_has_the_same_evidence(go: GoRun) -> None:
    """A repeated run could not be recognised as the same."""
    first, second = go(FakeRig()).record, go(FakeRig()).record
    assert first["run_id"] != second["run_id"]
    assert first["evidence_sha256"] == second["evidence_sha256"]


def test_other_value_has_other_evidence(go: GoRun) -> None:
    """The evidence hash would not cover the measured values."""
    other = FakeExecution(phases=[failing_phase()])
    first, second = go(FakeRig()).record, go(FakeRig(other)).record
    assert first["evidence_sha256"] != second["evidence_sha256"]
