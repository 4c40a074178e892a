"""What a killed run left in its store, once the next start has looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, func, select

from station.results import tables
from station.results.store import Store


@dataclass(frozen=True, slots=True)
class LeftRecord:
    """Runs begun, ended, confirmed and closed as INCOMPLETE, and the outcome."""

    runs: int
    ended: int
    confirmed: int
    closed: int
    outcome: str | None


def read_left_record(folder: Path) -> LeftRecord:
    """Do what the next start does first, then count what the store holds."""
    store = Store(folder)
    try:
        store.close_dead_runs()
        with store.engine.connect() as reader:
            outcome = reader.execute(select(tables.ended.c.outcome)).scalars().first()
            return LeftRecord(
                runs=_count(reader, tables.runs),
                ended=_count(reader, tables.ended),
                confirmed=_count(reader, tables.confirmed),
                closed=_count(reader, tables.closed),
                outcome=outcome,
            )
    finally:
        store.close()


def _count(reader: Connection, table: Table) -> int:
    query = select(func.count()).select_from(table)
    return int(reader.execute(query).scalar_one())
