"""What outlives a run: the bench lock, a serial's recent trips, its earlier tests.

Applies to real and served benches. An in-process simulated bench builds a new world
for each run and asks none of this (test plan, "What outlives a run").
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Insert, func, insert, literal, select

from instruments.clock import utc_now
from station.errors import BenchLocked, RetestRefused, one_line
from station.results import tables
from station.results.store import Store

DEFAULT_POLICY = Path(__file__).with_name("retest.toml")
LOCKED = "locked"
UNLOCKED = "unlocked"


@dataclass(frozen=True, slots=True)
class RetestPolicy:
    """How long trips count [s], how many may stand before a start, how many runs."""

    window_s: int
    most_trips: int
    most_runs: int


def load_retest_policy(file: Path = DEFAULT_POLICY) -> RetestPolicy:
    """Load the retest policy from its data file."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return RetestPolicy(
        window_s=data["trips"]["window_s"],
        most_trips=data["trips"]["most_before_start"],
        most_runs=data["retest"]["most_runs"],
    )


def check_bench_unlocked(store: Store, bench: str) -> None:
    """Refuse a bench that an earlier run could not prove dead.

    Raises:
        BenchLocked: says since when and why, and how a person unlocks it.
    """
    event = read_lock(store, bench)
    if event is not None:
        since, reason = event
        raise BenchLocked(
            f"bench {bench}: locked since {since} ({reason}); make it safe by hand,"
            f" then `station bench unlock {bench} --operator NAME --reason TEXT`"
        )


def read_lock(store: Store, bench: str) -> tuple[str, str] | None:
    """Read since when [UTC] and why a bench is locked, or None."""
    query = (
        select(
            tables.bench_events.c.event,
            tables.bench_events.c.utc,
            tables.bench_events.c.reason,
        )
        .where(tables.bench_events.c.bench == bench)
        .order_by(tables.bench_events.c.number.desc())
        .limit(1)
    )
    with store.reading() as reader:
        row = reader.execute(query).first()
    return (row.utc, row.reason) if row is not None and row.event == LOCKED else None


def lock_row(bench: str, operator: str, reason: str, run_id: str) -> Insert:
    """Make the row that locks a bench; it goes into the run's last transaction."""
    return _event(bench, LOCKED, operator, reason, run_id)


def unlock(store: Store, bench: str, operator: str, reason: str) -> None:
    """Unlock a bench in a person's name.

    Raises:
        NotStored: the store refused; the bench stays locked.
    """
    store.add(_event(bench, UNLOCKED, operator, reason, None))


def trips_row(run_id: str, serial: str, trips: int) -> Insert:
    """Make the row that remembers a run's trips."""
    return insert(tables.trips).values(
        run_id=run_id, serial=serial, utc=utc_now(), trips=trips
    )


def outliving_rows(record: Mapping[str, Any], bench: str) -> list[Insert]:
    """Make the rows that outlive a run: its trips, and a lock on an undead bench."""
    rows: list[Insert] = []
    run_id = record["run_id"]
    if record["trips"]:
        rows.append(trips_row(run_id, record["serial"], record["trips"]))
    if record["bench_dead"] is False:
        rows.append(lock_row(bench, record["operator"], record["reason"], run_id))
    return rows


def count_earlier_runs(store: Store, serial: str, sequence: str) -> int:
    """Count the confirmed runs of a serial with this sequence on shared benches."""
    query = (
        select(func.count())
        .select_from(tables.runs.join(tables.ended).join(tables.confirmed))
        .where(tables.runs.c.serial == serial)
        .where(tables.runs.c.sequence == sequence)
        .where(tables.runs.c.in_process.is_(False))
        .where(tables.ended.c.outcome.in_(("PASS", "FAIL")))
    )
    with store.reading() as reader:
        return int(reader.execute(query).scalar_one())


def check_retest(
    store: Store, policy: RetestPolicy, serial: str, earlier_runs: int
) -> None:
    """Refuse a serial that has to rest after its trips, or was tested too often.

    Raises:
        RetestRefused: says how long to wait, or who has to decide.
    """
    if earlier_runs >= policy.most_runs:
        raise RetestRefused(
            f"serial {serial}: tested {earlier_runs} times already;"
            " hand it to quality, the limit stands in station/retest.toml"
        )
    trips, wait_s = recent_trips(store, serial, policy.window_s, utc_now())
    if trips > policy.most_trips:
        raise RetestRefused(
            f"serial {serial}: {trips} trips in the last {policy.window_s // 60} min;"
            f" let the module rest {-(-wait_s // 60):.0f} min, then test again"
        )


def recent_trips(
    store: Store, serial: str, window_s: int, now_utc: str
) -> tuple[int, float]:
    """Count a serial's trips within the window; and how long until they are old [s].

    A run that died took its count with it: it counts as one trip, at the time when it
    was found dead.
    """
    counted = select(tables.trips.c.utc, tables.trips.c.trips).where(
        tables.trips.c.serial == serial
    )
    died = (
        select(tables.closed.c.closed_utc.label("utc"), literal(1).label("trips"))
        .join_from(tables.closed, tables.runs)
        .where(tables.runs.c.serial == serial)
        .where(tables.runs.c.in_process.is_(False))
    )
    with store.reading() as reader:
        rows = [*reader.execute(counted).all(), *reader.execute(died).all()]
    now = datetime.fromisoformat(now_utc)
    recent = [
        (age_s, row.trips)
        for row in rows
        if (age_s := _seconds(row.utc, now)) < window_s and row.trips
    ]
    if not recent:
        return 0, 0.0
    return sum(trips for _, trips in recent), window_s - min(age for age, _ in recent)


def _seconds(utc: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(utc)).total_seconds()


def _event(
    bench: str, event: str, operator: str, reason: str, run_id: str | None
) -> Insert:
    return insert(tables.bench_events).values(
        bench=bench,
        event=event,
        utc=utc_now(),
        operator=operator,
        reason=one_line(reason),
        run_id=run_id,
    )
