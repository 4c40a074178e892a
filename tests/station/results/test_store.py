"""The store: rows that stay, ends that are confirmed, runs that died."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from instruments.clock import utc_now
from station.bench_lock import check_bench_unlocked
from station.errors import NoSuchRun, NotStored, RecordDamaged, StoreUnusable
from station.record import Beginning, Ending, build_record
from station.results.alive import LOCK_NAME
from station.results.engine import FILE_NAME
from station.results.show import find_runs, load_phases, load_record
from station.results.store import Store, StoredRun
from station.verdict import Verdict
from tests.station.fakes import SERIAL, phase

Begin = Callable[..., tuple[Beginning, StoredRun]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Begin runs on a simulated bench; their locks are let go at the end."""
    begun_runs = []

    def begin_one(store: Store, run_id: str = "run1") -> tuple[Beginning, StoredRun]:
        begun = beginning(run_id)
        run = store.begin(begun, "reference", in_process=True)
        begun_runs.append(run)
        return begun, run

    yield begin_one
    for run in begun_runs:
        run.release()


def beginning(run_id: str) -> Beginning:
    """Describe the beginning of a run."""
    return Beginning(
        run_id=run_id,
        serial=SERIAL,
        sequence="eol",
        operator="A. Nother",
        station="reference",
        host="line1",
        utc_start=utc_now(),
        software={"version": "0", "git": {"describe": None, "dirty": None}},
        limits={"name": "eol.toml", "sha256": "00"},
        inputs={},
    )


def record_of(begun: Beginning) -> dict[str, object]:
    """Build the record of a good run."""
    ending = Ending(
        Verdict("PASS", ""), "simulated", True, 20.0, 0.1, utc_now(), [phase()]
    )
    return build_record(begun, ending)


def spoil(store: Store, statement: str) -> None:
    """Change the database from outside, as a fault would."""
    other = sqlite3.connect(store.folder / FILE_NAME)
    other.execute(statement)
    other.commit()
    other.close()


def test_commits_survive_a_power_cut(store: Store) -> None:
    """Some builds of SQLite would lose the last commits."""
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_end_is_confirmed(store: Store, begin: Begin) -> None:
    """A run would stay INCOMPLETE although all is well."""
    begun, run = begin(store)
    run.end(record_of(begun))
    assert find_runs(store, SERIAL)[0].outcome == "PASS"


def test_killed_run_is_closed_by_the_next_start(store: Store, begin: Begin) -> None:
    """A run that was killed would look as if it still went on, and lose its phases."""
    _, run = begin(store)
    run.add_phase(phase())
    run._alive._file.close()  # type: ignore[union-attr]  the kernel does so at a kill
    next_start = Store(store.folder)
    assert next_start.close_dead_runs() == ["run1"]
    assert next_start.close_dead_runs() == []
    next_start.close()
    assert find_runs(store, SERIAL)[0].outcome == "INCOMPLETE"
    assert [p["name"] for p in load_phases(store, "run1")] == ["over_voltage"]


def test_living_run_is_left_alone(store: Store, begin: Begin) -> None:
    """A second station program would close a run that is going on."""
    _, run = begin(store)
    other = Store(store.folder)
    assert other.close_dead_runs() == []
    other.close()
    assert find_runs(store, SERIAL)[0].outcome == "RUNNING"
    run.release()


def test_lock_file_of_a_dead_process_does_not_count(store: Store, begin: Begin) -> None:
    """A lock file that was left over would keep a dead run open for ever."""
    _, run = begin(store)
    run.release()
    (run.folder / LOCK_NAME).write_text("1\n")
    assert store.close_dead_runs() == ["run1"]


def test_ended_without_confirmed_is_incomplete(store: Store, begin: Begin) -> None:
    """A verdict that nobody was shown would count as given."""
    begun, run = begin(store)
    spoil(
        store,
        "CREATE TRIGGER no BEFORE INSERT ON confirmed"
        " BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    with pytest.raises(NotStored):
        run.end(record_of(begun))
    run.release()
    assert find_runs(store, SERIAL)[0].outcome == "INCOMPLETE"
    with pytest.raises(NoSuchRun):
        load_record(store, "run1")


def test_record_that_reads_back_changed_is_not_stored(
    store: Store, begin: Begin
) -> None:
    """A disk that garbles would still give a PASS."""
    begun, run = begin(store)
    spoil(store, "DROP TRIGGER ended_no_update")
    spoil(
        store,
        "CREATE TRIGGER garble AFTER INSERT ON ended BEGIN"
        " UPDATE ended SET record = replace(record, '58.9', '58.8'); END",
    )
    with pytest.raises(NotStored, match="another hash"):
        run.end(record_of(begun))
    run.release()
    assert find_runs(store, SERIAL)[0].outcome == "INCOMPLETE"


def test_record_changed_later_is_found(store: Store, begin: Begin) -> None:
    """A record could be edited years later without anyone seeing it."""
    begun, run = begin(store)
    run.end(record_of(begun))
    spoil(store, "DROP TRIGGER ended_no_update")
    spoil(store, "UPDATE ended SET record = replace(record, '58.9', '58.8')")
    with pytest.raises(RecordDamaged):
        load_record(store, "run1")


@pytest.mark.parametrize(
    "statement", ["UPDATE runs SET serial = 'x'", "DELETE FROM phases"]
)
def test_rows_are_only_added(store: Store, begin: Begin, statement: str) -> None:
    """A record could be overwritten by a slip of any program."""
    _, run = begin(store)
    run.add_phase(phase())
    with pytest.raises(sqlite3.IntegrityError, match="only added"):
        spoil(store, statement)


def test_retest_is_a_new_record(store: Store, begin: Begin) -> None:
    """A second run of a serial would replace the first."""
    for run_id in ("run1", "run2"):
        begun, run = begin(store, run_id)
        run.end(record_of(begun))
    assert [run.run_id for run in find_runs(store, SERIAL)] == ["run1", "run2"]


def test_same_run_id_twice_is_refused(store: Store, begin: Begin) -> None:
    """A record would be begun twice under one id."""
    _, run = begin(store)
    run.release()
    with pytest.raises(StoreUnusable):
        begin(store)


@pytest.mark.parametrize("kind", ["file in the way", "not a database", "newer schema"])
def test_unusable_store_is_refused(tmp_path: Path, kind: str) -> None:
    """A run would start without a place for its record."""
    folder = tmp_path / "s"
    if kind == "file in the way":
        folder.write_text("")
    elif kind == "not a database":
        folder.mkdir()
        (folder / FILE_NAME).write_text("no database at all" * 100)
    else:
        Store(folder).close()
        other = sqlite3.connect(folder / FILE_NAME)
        other.execute("PRAGMA user_version=99")
        other.close()
    with pytest.raises(StoreUnusable):
        Store(folder)


def test_store_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    """A full or broken disk before the record begins ends in a traceback."""
    store = Store(tmp_path)
    with store.engine.begin() as writer:
        writer.execute(text("DROP TABLE bench_events"))
    with pytest.raises(StoreUnusable, match=r"cannot be read .* check the disk"):
        check_bench_unlocked(store, "reference")
    store.close()
