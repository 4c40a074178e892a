"""Read a store as an outsider does: plain sqlite3, none of the station's code."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from station.faults.facts import Stored
from station.results.engine import FILE_NAME

_ENDED = """
    SELECT e.outcome, e.record, e.record_sha256, c.record_sha256
    FROM ended AS e LEFT JOIN confirmed AS c ON c.run_id = e.run_id
"""


def read_store(folder: Path) -> Stored:
    """Count the runs of a store that holds one case, and check its record."""
    file = folder / FILE_NAME
    if not file.exists():
        return Stored(0, 0, 0, 0, None, False, False)
    with closing(sqlite3.connect(file)) as reader:
        ended = reader.execute(_ENDED).fetchall()
        events = reader.execute(
            "SELECT event FROM bench_events ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Stored(
            runs=_count(reader, "runs"),
            ended=len(ended),
            confirmed=_count(reader, "confirmed"),
            closed=_count(reader, "closed"),
            outcome=ended[0][0] if ended else None,
            whole=len(ended) == 1 and _is_whole(*ended[0][1:]),
            locked=events is not None and events[0] == "locked",
        )


def _count(reader: sqlite3.Connection, table: str) -> int:
    query = f"SELECT COUNT(*) FROM {table}"  # noqa: S608  a name of ours
    (count,) = reader.execute(query).fetchone()
    return int(count)


def _is_whole(record: str, ended_sha256: str, confirmed_sha256: str | None) -> bool:
    digest = hashlib.sha256(record.encode("utf-8", "surrogatepass")).hexdigest()
    return digest == ended_sha256 == confirmed_sha256
