"""PASS for nothing: each way in which OpenHTF gives it, and the gate that does not.

Every test has two halves: OpenHTF by itself says PASS; the station, given the same,
does not. A fact that the pinned OpenHTF no longer shows fails with a text saying so.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import openhtf as htf
import pytest
from openhtf.output.callbacks import OutputToFile
from openhtf.output.callbacks.json_factory import OutputToJSON

from instruments.bench import Bench
from limits.errors import LimitError
from limits.limit import Limit
from limits.limit_set import LimitSet
from phases.judge import Judge
from phases.results import ERROR, FAIL, INFO, NOT_RUN, PASS
from station.commands import RunOptions, run_command
from station.errors import BadSerial
from station.results.engine import FILE_NAME
from station.results.files import store_json
from station.results.show import find_runs, load_record
from station.results.store import Store
from station.run import Run
from station.signals import StopSignals
from tests.station.fakes import (
    SERIAL,
    FakeExecution,
    FakeRig,
    failing_phase,
    measured,
    phase,
)
from tests.station.fakes import SilentDisplay as Silent
from tests.stories.command_line import PROJECT
from tests.stories.gate_rig import judge_execution, run_gate
from tests.stories.openhtf_alone import PINNED, changed, measuring, run_alone

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # the executor's own
    ),
]


def test_openhtf_is_the_one_that_was_studied() -> None:
    """Another OpenHTF would be trusted by what was learnt about this one."""
    assert version("openhtf") == PINNED


# --- PASS although nothing was judged (reliability.md 0.3, openhtf.md fact 1) ---------


def nothing(test: Any) -> None:
    """Do nothing."""


def not_there(test: Any) -> None:
    """Never run."""


def skipping(test: Any) -> Any:
    """Set a value outside its limit, then skip."""
    test.measurements["trip_v"] = 65.0
    return htf.PhaseResult.SKIP


def skipped_phase() -> Any:
    """Make the phase that measures too much and skips."""
    return htf.measures(htf.Measurement("trip_v").in_range(58.7, 59.1))(skipping)


def left_out() -> Any:
    """Make a phase that its condition leaves out."""
    return htf.PhaseOptions(run_if=lambda: False)(not_there)


def careless(value: float) -> bool:
    """Judge as one may write it by hand; a NaN is neither below nor above."""
    return not (value < 58.7 or value > 59.1)


@dataclass(frozen=True, slots=True)
class Hollow:
    """A test that OpenHTF passes, and what the station would hold of it."""

    nodes: Callable[[], tuple[Any, ...]]
    execution: FakeExecution
    said: str


HOLLOW = {
    "no phases": Hollow(lambda: (), FakeExecution(phases=[]), "did not run"),
    "no phases planned either": Hollow(
        lambda: (),
        FakeExecution(phases=[], planned_phases=(), expected_measurements=()),
        "plans no phase",
    ),
    "no measurements": Hollow(
        lambda: (nothing,), FakeExecution(phases=[phase(measurements=[])]), "not judged"
    ),
    "a measurement without limits": Hollow(
        lambda: (measuring("trip_v", 65.0),),
        FakeExecution(phases=[phase(measurements=[measured(outcome=INFO)])]),
        "not judged",
    ),
    "run_if false": Hollow(
        lambda: (left_out(),), FakeExecution(phases=[]), "did not run"
    ),
    "one of two left out": Hollow(
        lambda: (nothing, left_out()),
        FakeExecution(planned_phases=("over_voltage", "under_voltage")),
        "did not run: under_voltage",
    ),
    "outside its limit, but skipped": Hollow(
        lambda: (nothing, skipped_phase()),
        FakeExecution(phases=[failing_phase()]),
        "outside its limit",
    ),
    "NaN before a validator of one's own": Hollow(
        lambda: (measuring("trip_v", math.nan, careless),),
        FakeExecution(phases=[phase(measurements=[measured(value=math.nan)])]),
        "finite",
    ),
    "an empty series": Hollow(
        lambda: (
            measuring("trip_v", [], htf.util.validators.AllInRangeValidator(58, 60)),
        ),
        FakeExecution(phases=[phase(measurements=[measured(value=None)])]),
        "finite",
    ),
    "a failure that is allowed": Hollow(
        lambda: (allowed_to_fail(),),
        FakeExecution(phases=[failing_phase()]),
        "outside its limit",
    ),
}


def allowed_to_fail() -> Any:
    """Make a phase whose measurement fails and is waved through."""
    forgiven = htf.Measurement("trip_v", allow_fail=True).in_range(58.7, 59.1)

    def phase(test: Any) -> None:
        test.measurements["trip_v"] = 65.0

    return htf.measures(forgiven)(phase)


@pytest.mark.parametrize("name", HOLLOW)
def test_hollow_run_is_no_pass(tmp_path: Path, name: str) -> None:
    """A module would be shipped whose test judged nothing."""
    hollow = HOLLOW[name]
    alone = run_alone(*hollow.nodes())
    assert (alone.said, alone.outcome) == (True, PASS), changed(f"PASS for {name}")
    assert hollow.execution.executor_outcome == PASS
    result = judge_execution(tmp_path, hollow.execution)
    assert result.outcome in (ERROR, FAIL)
    assert result.exit_code in (3, 1)
    assert hollow.said in result.record["reason"]


def test_only_skipped_phases_are_a_pass_behind_a_start_phase(tmp_path: Path) -> None:
    """The trigger that reads the serial number would count as the whole test."""
    without = run_alone(skipped_phase(), start=None)
    assert without.outcome == ERROR, changed("only skipped phases are an ERROR")
    behind = run_alone(skipped_phase())
    assert behind.outcome == PASS, changed("but a PASS behind a start phase")
    skipped = FakeExecution(phases=[phase(outcome=NOT_RUN)])
    assert judge_execution(tmp_path, skipped).outcome == ERROR


def test_run_without_a_serial_number_is_no_pass(tmp_path: Path) -> None:
    """A PASS would belong to no module."""
    alone = run_alone(nothing, start=None)
    assert alone.outcome == PASS, changed("PASS without a DUT id")
    options = RunOptions("identity", "", store=tmp_path / "store")
    with pytest.raises(BadSerial):
        run_command(options, lambda _: FakeRig())
    assert list(tmp_path.iterdir()) == []


def test_nan_is_refused_before_any_validator(tmp_path: Path) -> None:
    """A reading that is none would be judged, by luck the right way."""
    between = htf.util.validators.InRange(58.7, 59.1)
    alone = run_alone(measuring("trip_v", math.nan, between))
    assert alone.outcome == FAIL, changed("NaN fails in_range")
    limit = Limit("x_trip_v", 58.7, 59.1, None, "V", "manual", "manual")
    for value in (math.nan, math.inf, -math.inf):
        with pytest.raises(LimitError):
            Judge("x", [limit]).value("trip_v", value)
    with pytest.raises(LimitError):
        limit.judge_series([])


# --- PASS although the executor crashed (fact 1) --------------------------------------


class Uncopyable(str):
    """A name that cannot be copied, as a validator with a lock cannot."""

    __slots__ = ()

    def __deepcopy__(self, memo: object) -> Uncopyable:
        raise TypeError("holds a lock")


class UncopyableLimits(LimitSet):
    """Limits that crash OpenHTF's executor when it copies their measurements."""

    def __getitem__(self, name: str) -> Limit:
        limit = super().__getitem__(name)
        return replace(limit, name=Uncopyable(limit.name))


def test_crash_of_the_executor_is_no_pass(tmp_path: Path) -> None:
    """OpenHTF's executor dies before the first phase, and the module is shipped."""
    lock = threading.Lock()
    tidied: list[str] = []

    class Locking:
        def __init__(self) -> None:
            self.lock = lock

        def __call__(self, value: object) -> bool:
            return False

    def tidy_up(test: Any) -> None:
        tidied.append("teardown")

    main = [measuring("trip_v", 65.0, Locking())]
    alone = run_alone(htf.PhaseGroup(main=main, teardown=[tidy_up]))
    assert (alone.said, alone.ran) == (True, ["trigger_phase"]), changed(
        "a crash passes"
    )
    assert tidied == [], changed("a crash skips the group's teardown")
    gated = run_gate(tmp_path, limits_type=UncopyableLimits)
    assert gated.done.executor_outcome == PASS, changed("PASS after a crash")
    assert gated.done.phases == []
    assert gated.result.outcome == ERROR
    assert "did not run" in gated.record["reason"]
    assert gated.record["bench_dead"] is True


# --- PASS although nothing is stored (fact 7, and the files of reliability.md 1.4) ----


def full_disk(record: Any) -> None:
    """Refuse to write."""
    raise OSError(28, "No space left on device")


def forbid(store: Store, table: str) -> None:
    """Let every insert into a table fail, as on a full disk."""
    import sqlite3

    with sqlite3.connect(store.folder / FILE_NAME) as other:
        other.execute(
            f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    other.close()


@pytest.mark.parametrize("table", ["phases", "ended", "confirmed"])
def test_record_that_is_not_stored_is_no_pass(tmp_path: Path, table: str) -> None:
    """A module would be shipped whose record nobody can show."""
    alone = run_alone(nothing, callbacks=(full_disk,))
    assert (alone.said, alone.outcome) == (True, PASS), changed("PASS on a full disk")
    store = Store(tmp_path / "store")
    forbid(store, table)
    run = Run(FakeRig(), order(), store, StopSignals(), Silent())
    result = run.go()
    assert (result.outcome, result.exit_code) == (ERROR, 3)
    assert "disk full" in result.record["reason"]
    (found,) = find_runs(store, SERIAL)
    assert found.outcome != PASS
    store.close()


def order() -> Any:
    """Make the order of a run."""
    from station.admission import RunOrder

    return RunOrder(SERIAL, "A. Nother", {})


def half_way(record: Any) -> Any:
    """Serialise half a record, then fail."""
    yield '{"outcome": '
    raise ValueError("half way")


def test_half_a_record_never_gets_its_name(tmp_path: Path) -> None:
    """A truncated file would stand where the record is looked for."""
    target = tmp_path / "alone.json"

    class HalfWay(OutputToFile):  # type: ignore[misc]
        def serialize_test_record(self, record: Any) -> Any:
            return half_way(record)

    alone = run_alone(nothing, callbacks=(HalfWay(str(target)),))
    assert alone.said, changed("PASS with half a record")
    assert target.exists(), changed("half a record is moved to its final name")
    with pytest.raises(json.JSONDecodeError):
        json.loads(target.read_text())
    ours = tmp_path / "ours.json"
    with pytest.raises(ValueError, match="Out of range float"):
        store_json(ours, {"a": 1, "b": math.nan})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.json"]
    store_json(ours, {"run": 1})
    with pytest.raises(FileExistsError):
        store_json(ours, {"run": 2})
    assert json.loads(ours.read_text()) == {"run": 1}


def test_second_run_does_not_overwrite_the_first(tmp_path: Path) -> None:
    """A retest would wipe out the failure before it."""
    callback = OutputToJSON(str(tmp_path / "{dut_id}.json"))
    run_alone(nothing, callbacks=(callback,))
    run_alone(nothing, callbacks=(callback,))
    assert len(list(tmp_path.glob("*.json"))) == 1, changed("a retest overwrites")
    judge_execution(tmp_path, FakeExecution(phases=[failing_phase()]))
    judge_execution(tmp_path, FakeExecution())
    store = Store(tmp_path / "store")
    runs = find_runs(store, SERIAL)
    assert [run.outcome for run in runs] == [FAIL, PASS]
    assert [load_record(store, run.run_id)["outcome"] for run in runs] == [FAIL, PASS]
    store.close()


def test_serial_number_is_no_path(tmp_path: Path) -> None:
    """A label could write a file wherever its author likes."""
    (tmp_path / "results").mkdir()
    callback = OutputToJSON(str(tmp_path / "results" / "{dut_id}.json"))
    run_alone(nothing, start=lambda: "../escaped", callbacks=(callback,))
    escaped = tmp_path / "escaped.json"
    assert escaped.exists(), changed("a serial number is a path")
    escaped.unlink()
    options = RunOptions("identity", "../escaped", store=tmp_path / "results")
    with pytest.raises(BadSerial):
        run_command(options, lambda _: FakeRig())
    assert [path.name for path in tmp_path.rglob("*")] == ["results"]


def count_syncs(work: Callable[[], object]) -> int:
    """Count the calls of fsync made by this thread while it works."""
    import os
    import sys

    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "c_call" and argument is os.fsync

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def test_record_is_brought_to_the_disk(tmp_path: Path) -> None:
    """A power cut after the PASS would leave no record."""
    callback = OutputToJSON(str(tmp_path / "alone.json"))
    alone = run_alone(nothing)
    alone_syncs = count_syncs(lambda: callback(alone.record))
    assert alone_syncs == 0, changed("a record is written without fsync")
    copy = tmp_path / "ours.json"
    assert count_syncs(lambda: store_json(copy, {"run": 1})) == 2  # file and folder
    store = Store(tmp_path / "store")
    with store.engine.connect() as second:
        assert second.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert second.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    store.close()


def test_record_is_no_pickle_and_its_hashes_are_sha256(tmp_path: Path) -> None:
    """Reading a record could run its author's program, or prove nothing."""
    target = tmp_path / "alone.out"

    def attach(test: Any) -> None:
        test.attach("vi.csv", b"t_s,module_v\n")

    alone = run_alone(attach, callbacks=(OutputToFile(str(target)),))
    assert target.read_bytes()[:1] == b"\x80", changed("the default is pickle")
    (attachment,) = alone.record.phases[-1].attachments.values()
    assert len(attachment.sha1) == 40, changed("attachments carry SHA-1")
    record = _traced_record(tmp_path)
    assert json.loads(json.dumps(record)) == record
    assert [len(entry["sha256"]) for entry in record["attachments"]] == [64]
    assert len(record["evidence_sha256"]) == 64


def _traced_record(folder: Path) -> dict[str, Any]:
    from station.admission import RunOrder

    store = Store(folder / "store")
    given = RunOrder(SERIAL, "A. Nother", {}, trace=True)
    result = Run(FakeRig(), given, store, StopSignals(), Silent()).go()
    stored = load_record(store, result.record["run_id"])
    store.close()
    return stored


# --- What the stock record drops (fact 10) --------------------------------------------


def test_record_keeps_numbers_that_the_stock_one_drops(tmp_path: Path) -> None:
    """Nobody could recompute a verdict from its record."""
    target = tmp_path / "alone.json"
    between = htf.util.validators.InRange(58.7, 59.1)
    run_alone(
        measuring("trip_v", 58.9, between), callbacks=(OutputToJSON(str(target)),)
    )
    stock = json.loads(target.read_text())["phases"][-1]["measurements"]["trip_v"]
    assert stock["validators"] == ["58.7 <= x <= 59.1"], changed("limits are text only")
    numbers = {58.7, 59.1} & {v for v in stock.values() if isinstance(v, float)}
    assert numbers == set(), changed("limits are text only")
    (row,) = judge_execution(tmp_path, FakeExecution()).record["phases"][0][
        "measurements"
    ]
    assert (row["low"], row["high"], row["value"]) == (58.7, 59.1, 58.9)
    assert (row["value_low"], row["value_high"]) == (58.88, 58.92)


def test_what_was_not_run_says_so(tmp_path: Path) -> None:
    """A measurement that never happened would look like one that is still to come."""
    target = tmp_path / "alone.json"

    @htf.measures(htf.Measurement("trip_v").in_range(1, 2))  # type: ignore[untyped-decorator]
    def skip(test: Any) -> Any:
        return htf.PhaseResult.SKIP

    run_alone(nothing, skip, callbacks=(OutputToJSON(str(target)),))
    stock = json.loads(target.read_text())["phases"][-1]["measurements"]["trip_v"]
    assert stock["outcome"] == "UNSET", changed("SKIPPED is written as UNSET")
    unrun = phase(outcome=NOT_RUN, measurements=[measured(value=None, outcome=NOT_RUN)])
    record = judge_execution(tmp_path, FakeExecution(phases=[unrun])).record
    assert record["phases"][0]["measurements"][0]["outcome"] == NOT_RUN
    assert record["outcome"] == ERROR


# --- A reading that fails in the background (fact 9) ----------------------------------


def test_monitor_that_fails_is_no_pass(tmp_path: Path) -> None:
    """The reading that watches the energy fails, and nobody is told."""
    tried = threading.Event()

    readings = iter([20.0])

    def watch(test: Any) -> float:
        for reading in readings:
            return reading
        tried.set()
        raise OSError("meter silent")

    @htf.monitors("current_a", watch, poll_interval_ms=1)  # type: ignore[untyped-decorator]
    def energised(test: Any) -> None:
        tried.wait(2.0)

    alone = run_alone(energised)
    assert tried.is_set()
    assert alone.outcome == PASS, changed("an exception in a monitor is ignored")
    silent = '[[fault]]\ntarget = "shunt_meter"\nname = "silent"\nwhen = 6.0\n'
    gated = run_gate(tmp_path, defect=f'id = "s"\ntitle = "s"\n{silent}')
    assert gated.result.outcome == ERROR
    assert "shunt_meter" in gated.record["reason"]
    phases = (PROJECT / "phases").rglob("*.py")
    assert [p.name for p in phases if "monitors" in p.read_text(encoding="utf-8")] == []


def test_bench_type_of_a_gated_run_is_the_real_one(tmp_path: Path) -> None:
    """Every test here would prove something about a run that never passes."""
    gated = run_gate(tmp_path, bench_type=Bench)
    assert gated.result.outcome == PASS
    assert not gated.supply_on
