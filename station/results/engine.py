"""Open the store's SQLite file so that a commit survives a power cut.

WAL with synchronous FULL: both are set and read back on every connection, because
some builds of SQLite default to less (reliability.md 5).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from station.errors import StoreUnusable, one_line
from station.results.tables import (
    METADATA,
    NEW_IN_SCHEMA,
    STORE_SCHEMA,
    append_only_triggers,
)

FILE_NAME = "station.sqlite3"
_FULL = 2
_BUSY_MS = 5000


def open_engine(folder: Path) -> Engine:
    """Open (and on first use create) the store in `folder`.

    Raises:
        StoreUnusable: no such place, no permission, not a store, another schema.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / FILE_NAME).is_symlink():
            raise StoreUnusable(
                f"record store {folder}: {FILE_NAME} leads elsewhere; name the store"
                " that it leads to"
            )
        engine = _make_engine(folder / FILE_NAME)
        _create(engine)
    except (OSError, SQLAlchemyError) as cause:
        raise StoreUnusable(
            f"record store {folder}: cannot be opened ({_cause(cause)});"
            " name another with --store or STATION_STORE"
        ) from cause
    return engine


def _make_engine(file: Path) -> Engine:
    # Phases end in the executor's threads; the store's own lock orders them.
    engine = create_engine(
        f"sqlite:///{file}",
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  DB-API object
    """Set and prove WAL and synchronous FULL on a new connection."""
    (journal,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    connection.execute("PRAGMA foreign_keys=ON")
    if journal != "wal" or synchronous != _FULL:
        raise StoreUnusable(
            f"record store: journal {journal}, synchronous {synchronous} instead of"
            " wal and 2; put the store on a local disk"
        )


def _create(engine: Engine) -> None:
    """Make a new store's tables, or add those that an older store does not have."""
    with engine.begin() as connection:
        (version,) = connection.execute(text("PRAGMA user_version")).one()
        if version == STORE_SCHEMA:
            _check_tables(engine, connection)
            return
        if 0 < version < STORE_SCHEMA:
            _check_tables(engine, connection, since=version)
        elif version != 0:
            raise StoreUnusable(
                f"record store {engine.url.database}: schema {version}, this software"
                f" writes schema {STORE_SCHEMA}; update the software"
            )
        METADATA.create_all(connection)
        for trigger in append_only_triggers():
            connection.execute(text(trigger))
        connection.execute(text(f"PRAGMA user_version={STORE_SCHEMA}"))


def _check_tables(
    engine: Engine, connection: Connection, since: int = STORE_SCHEMA
) -> None:
    """Check that every table of a schema is there, and is a table."""
    kind = "SELECT name FROM sqlite_master WHERE type = 'table'"
    found = set(connection.execute(text(kind)).scalars())
    later = {
        n for schema, names in NEW_IN_SCHEMA.items() if schema > since for n in names
    }
    missing = [name for name in METADATA.tables if name not in {*found, *later}]
    if missing:
        raise StoreUnusable(
            f"record store {engine.url.database}: has no table {', '.join(missing)};"
            " it is no store of ours, name another"
        )


def _cause(error: Exception) -> str:
    return one_line(getattr(error, "orig", None) or error)
