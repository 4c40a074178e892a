"""Keep records: begun before anything is energised, confirmed before anyone is told.

A verdict may be shown only after `end` returned: by then the ended row is committed,
was read back on a second connection, has the same hash, and the confirmation is
committed too. Ended without confirmed reads as INCOMPLETE everywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from instruments.clock import utc_now
from phases.results import PhaseResult
from station.canonical import canonical_json, plain, sha256_text
from station.errors import NotStored, StoreUnusable, one_line
from station.record import Beginning, beginning_document
from station.results import tables
from station.results.alive import AliveLock, is_alive
from station.results.engine import open_engine

RUNS_FOLDER = "runs"


class Store:
    """The record store in one folder; one writing connection, kept for the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = open_engine(folder)
        self._guard = threading.Lock()
        self._writer: Connection = self.engine.connect()

    def run_folder(self, run_id: str) -> Path:
        """Name the folder of a run's attachments."""
        return self.folder / RUNS_FOLDER / run_id

    def make_run_folder(self, run_id: str) -> Path:
        """Make the folder of a run's attachments, within the store and nowhere else.

        Raises:
            StoreUnusable: the disk refused, or the folder lies outside the store.
        """
        folder = self.run_folder(run_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            inside = folder.resolve().is_relative_to(self.folder.resolve())
        except OSError as cause:
            raise StoreUnusable(
                f"record store {self.folder}: no folder for the run"
                f" ({cause.strerror}); make room or name another store"
            ) from cause
        if not inside:
            raise StoreUnusable(
                f"record store {self.folder}: its folder {RUNS_FOLDER} leads elsewhere;"
                " put a folder of its own there, or name another store"
            )
        return folder

    def begin(self, begun: Beginning, bench: str, in_process: bool) -> StoredRun:
        """Store that a run begins; from here on it has a record, whatever happens.

        Raises:
            StoreUnusable: the row or the run's folder could not be written.
        """
        row = {
            "run_id": begun.run_id,
            "serial": begun.serial,
            "sequence": begun.sequence,
            "bench": bench,
            "in_process": in_process,
            "begun_utc": begun.utc_start,
            "document": canonical_json(beginning_document(begun)),
        }
        folder = self.make_run_folder(begun.run_id)
        try:
            alive = AliveLock(folder)
        except OSError as cause:
            raise StoreUnusable(
                f"record store {self.folder}: no folder for the run"
                f" ({cause.strerror}); make room or name another store"
            ) from cause
        try:
            self.add(insert(tables.runs).values(row))
        except NotStored as cause:
            alive.release()
            raise StoreUnusable(
                f"record store {self.folder}: no record can begin; {one_line(cause)}"
            ) from cause
        return StoredRun(self, begun.run_id, alive)

    def add(self, *statements: Any) -> None:  # noqa: ANN401  any insert
        """Commit inserts in one transaction.

        Raises:
            NotStored: the disk or the database refused.
        """
        with self._guard:
            try:
                with self._writer.begin():
                    for statement in statements:
                        self._writer.execute(statement)
            except (SQLAlchemyError, OSError, ValueError) as cause:
                # ValueError: a text that no database takes, such as half a character.
                detail = one_line(getattr(cause, "orig", None) or cause)
                raise NotStored(
                    f"record store {self.folder}: not stored ({detail});"
                    " check the disk, then test again"
                ) from cause

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection of its own for reading.

        Raises:
            StoreUnusable: the disk or the database refused.
        """
        try:
            with self.engine.connect() as reader:
                yield reader
        except (SQLAlchemyError, OSError) as cause:
            detail = one_line(getattr(cause, "orig", None) or cause)
            raise StoreUnusable(
                f"record store {self.folder}: cannot be read ({detail});"
                " check the disk, or name another store"
            ) from cause

    def close_dead_runs(self) -> list[str]:
        """Close as INCOMPLETE the runs that other processes left without an end.

        Runs of living processes are not touched. Returns the run ids.
        """
        ended = select(tables.ended.c.run_id)
        closed = select(tables.closed.c.run_id)
        query = (
            select(tables.runs.c.run_id)
            .where(tables.runs.c.run_id.not_in(ended))
            .where(tables.runs.c.run_id.not_in(closed))
            .order_by(tables.runs.c.number)
        )
        with self.reading() as reader:
            open_runs = list(reader.execute(query).scalars())
        dead = [run for run in open_runs if not is_alive(self.run_folder(run))]
        for run_id in dead:
            row = {
                "run_id": run_id,
                "closed_utc": utc_now(),
                "reason": "the process ended without ending the run",
            }
            self.add(insert(tables.closed).prefix_with("OR IGNORE").values(row))
        return dead

    def close(self) -> None:
        """Close the connection; does nothing the second time."""
        self._writer.close()
        self.engine.dispose()


class StoredRun:
    """One run that has begun in the store and has not ended yet."""

    def __init__(self, store: Store, run_id: str, alive: AliveLock) -> None:
        self.run_id = run_id
        self._store = store
        self._alive = alive
        self._phases = 0

    @property
    def folder(self) -> Path:
        """The folder of this run's attachments."""
        return self._store.run_folder(self.run_id)

    def add_phase(self, phase: PhaseResult) -> None:
        """Store one phase as it ended.

        Raises:
            NotStored: the disk or the database refused.
        """
        row = {
            "run_id": self.run_id,
            "position": self._phases,
            "name": phase.name,
            "outcome": phase.outcome,
            "document": canonical_json(plain(phase)),
        }
        self._store.add(insert(tables.phases).values(row))
        self._phases += 1

    def end(self, record: Mapping[str, Any], *extra: Any) -> None:  # noqa: ANN401
        """Store the end, read it back on a second connection, and confirm it.

        Args:
            record: the whole record.
            extra: inserts that belong into the same transaction (trips, bench lock).

        Raises:
            NotStored: not committed, not read back, or read back with another hash.
        """
        text = canonical_json(record)
        digest = sha256_text(text)
        row = {
            "run_id": self.run_id,
            "ended_utc": record["utc_end"],
            "outcome": record["outcome"],
            "grade": record["grade"],
            "reason": one_line(record["reason"]) if record["reason"] else "",
            "evidence_sha256": record["evidence_sha256"],
            "record_sha256": digest,
            "record": text,
        }
        self._store.add(insert(tables.ended).values(row), *extra)
        self._compare(digest)
        confirmation = {
            "run_id": self.run_id,
            "confirmed_utc": utc_now(),
            "record_sha256": digest,
        }
        self._store.add(insert(tables.confirmed).values(confirmation))

    def release(self) -> None:
        """Show other processes that this run is over."""
        self._alive.release()

    def _compare(self, digest: str) -> None:
        query = select(tables.ended.c.record).where(
            tables.ended.c.run_id == self.run_id
        )
        try:
            with self._store.engine.connect() as second:
                read_back = second.execute(query).scalar_one()
        except SQLAlchemyError as cause:
            raise NotStored(
                f"record {self.run_id}: cannot be read back; do not ship, test again"
            ) from cause
        if sha256_text(read_back) != digest:
            raise NotStored(
                f"record {self.run_id}: reads back with another hash;"
                " do not ship, check the disk"
            )
