"""The record's seam: every statement and commit of the store, every line of a trace.

The store under test is the real one. What is put in its way raises what SQLite raises
on a full disk, so the store cannot tell the difference.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from instruments.sim.faults.call import RECORD
from instruments.trace import Sample, Trace
from station.faults.choice import STORE
from station.record import Beginning
from station.results.alive import AliveLock
from station.results.engine import open_engine
from station.results.store import Store, StoredRun

if TYPE_CHECKING:
    from instruments.sim.faults.points import FaultPoints


class SeamTrace:
    """A trace whose every write is a call."""

    def __init__(self, trace: Trace, points: FaultPoints) -> None:
        self._trace = trace
        self._points = points

    def sample(self, sample: Sample, bench_v: float | None) -> None:
        """Keep one sample, or fail as a full disk does."""
        self._points.reach(RECORD, "trace", "sample")
        self._trace.sample(sample, bench_v)

    def event(self, t_us: int, text: str) -> None:
        """Keep one event, or fail as a full disk does."""
        self._points.reach(RECORD, "trace", "event")
        self._trace.event(t_us, text)

    def close(self) -> None:
        """Close the trace, or fail as a full disk does."""
        try:
            self._points.reach(RECORD, "trace", "close")
        finally:
            self._trace.close()


class StoreSeam:
    """Stands in the way of one store's statements."""

    def __init__(self, points: FaultPoints) -> None:
        self._points = points
        self._begun: list[StoredRun] = []
        self._store: Store | None = None
        self._left: list[object] = []

    def open(self, store_type: type[Store], folder: Path) -> Store:
        """Open a store whose statements and commits are calls."""
        name = f"Watched{store_type.__name__}"
        watched = type(name, (_WatchedStore, store_type), {"begun": self._begun})
        store: Store = watched(folder)
        self._listen(store)
        return store

    def move(self, folder: Path) -> None:
        """Go on with a copy of the store, in a process that was split off.

        SQLite forbids the child what the parent opened, even to close it: connection
        and lock file of the parent are left alone.
        """
        store = self._store
        if store is None:
            return
        self._left += [store.engine, store._writer]
        store.folder = folder
        store.engine = open_engine(folder)
        store._writer = store.engine.connect()
        self._listen(store)
        for stored in self._begun:
            self._left.append(stored._alive)
            stored._alive = AliveLock(stored.folder)

    def die(self) -> None:
        """Let go of the run as a killed process does: its lock file stays behind."""
        for stored in self._begun:
            lock = stored._alive._file
            if lock is not None:
                lock.close()

    def _listen(self, store: Store) -> None:
        self._store = store
        event.listen(store.engine, "before_cursor_execute", self._on_statement)
        event.listen(store.engine, "commit", self._on_commit)

    def _on_statement(self, *given: Any) -> None:  # noqa: ANN401  SQLAlchemy's own
        statement = given[2]
        words = statement.split()
        table = words[words.index("FROM") + 1] if "FROM" in words else words[2]
        self._pass(f"{words[0].lower()} {table}")

    def _on_commit(self, _connection: Any) -> None:  # noqa: ANN401  SQLAlchemy's own
        self._pass("commit")

    def _pass(self, what: str) -> None:
        try:
            self._points.reach(RECORD, STORE, what)
        except OSError as cause:
            full = sqlite3.OperationalError("database or disk is full")
            raise OperationalError(what, {}, full) from cause


class _WatchedStore(Store):
    """Remembers the run that it began."""

    begun: list[StoredRun]

    def begin(self, begun: Beginning, bench: str, in_process: bool) -> StoredRun:
        """Begin a run and remember it."""
        stored = super().begin(begun, bench, in_process)
        self.begun.append(stored)
        return stored
