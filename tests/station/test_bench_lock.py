"""What outlives a run: locks, trips and earlier tests, each with its window."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from station.bench_lock import (
    check_bench_unlocked,
    load_retest_policy,
    lock_row,
    read_lock,
    recent_trips,
    unlock,
)
from station.errors import BenchLocked
from station.results import tables
from station.results.store import Store
from tests.station.fakes import SERIAL

NOON = "2026-11-22T12:00:00.000+00:00"


def add_run(store: Store, run_id: str) -> None:
    """Add the bare row of a run on a shared bench."""
    row = {
        "run_id": run_id,
        "serial": SERIAL,
        "sequence": "eol",
        "bench": "line1",
        "in_process": False,
        "begun_utc": NOON,
        "document": "{}",
    }
    store.add(insert(tables.runs).values(row))


def add_trips(store: Store, run_id: str, utc: str, trips: int) -> None:
    """Add a run and its trips."""
    add_run(store, run_id)
    row = {"run_id": run_id, "serial": SERIAL, "utc": utc, "trips": trips}
    store.add(insert(tables.trips).values(row))


def test_new_bench_is_unlocked(store: Store) -> None:
    """No bench could ever be used for the first time."""
    check_bench_unlocked(store, "line1")


def test_lock_names_its_cause_and_its_bench_only(store: Store) -> None:
    """A lock would stop another bench, or nobody would know why."""
    store.add(lock_row("line1", "A. Nother", "load input stays on", "r1"))
    with pytest.raises(BenchLocked, match="load input stays on"):
        check_bench_unlocked(store, "line1")
    check_bench_unlocked(store, "line2")


def test_bench_can_be_locked_again(store: Store) -> None:
    """An old unlocking would hold for ever."""
    for run_id in ("r1", "r2"):
        store.add(lock_row("line1", "A. Nother", run_id, run_id))
        assert read_lock(store, "line1") is not None
        unlock(store, "line1", "B. Other", "checked")
        assert read_lock(store, "line1") is None


def test_trips_count_within_the_window_only(store: Store) -> None:
    """A module would be kept waiting for ever, or not at all."""
    add_trips(store, "r1", "2026-11-22T11:29:59.000+00:00", 4)
    assert recent_trips(store, SERIAL, 1800, NOON) == (0, 0.0)
    add_trips(store, "r2", "2026-11-22T11:40:00.000+00:00", 1)
    add_trips(store, "r3", "2026-11-22T11:50:00.000+00:00", 2)
    assert recent_trips(store, SERIAL, 1800, NOON) == (3, 1200.0)
    assert recent_trips(store, "WE-4K4P-26-47-0002", 1800, NOON) == (0, 0.0)


def test_run_that_died_counts_as_a_trip(store: Store) -> None:
    """A killed run's trips would be forgotten."""
    add_run(store, "r1")
    row = {"run_id": "r1", "closed_utc": NOON, "reason": "died"}
    store.add(insert(tables.closed).values(row))
    assert recent_trips(store, SERIAL, 1800, NOON) == (1, 1800.0)


def test_policy_is_data() -> None:
    """The policy file would not be the one that counts."""
    policy = load_retest_policy()
    assert policy.window_s == 1800
