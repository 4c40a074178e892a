"""Print stored runs again: by run id, or all runs of a serial number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from station.canonical import sha256_text
from station.display import clock_text
from station.errors import NoSuchRun, RecordDamaged, escape
from station.results import tables
from station.results.alive import is_alive
from station.results.report import measurement_lines, write_report
from station.results.store import Store
from station.verdict import INCOMPLETE

RUNNING = "RUNNING"
_SHORTEST_PREFIX = 8
_LONGEST_NAME = 64
_OUTCOME_WIDTH = 10


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One stored run; `outcome` is INCOMPLETE unless its end was confirmed."""

    run_id: str
    serial: str
    sequence: str
    begun_utc: str
    outcome: str
    grade: str


def find_runs(store: Store, name: str) -> list[RunSummary]:
    """Find the runs of a serial number, or the run of an id or of its beginning.

    Raises:
        NoSuchRun: nothing is stored under this name.
    """
    by_id = tables.runs.c.run_id.startswith(name, autoescape=True)
    # The database takes neither every text nor one of any length.
    plain = name.isascii() and name.isprintable() and len(name) <= _LONGEST_NAME
    found = _select(store, tables.runs.c.serial == name) if plain else []
    if plain and not found and len(name) >= _SHORTEST_PREFIX:
        found = _select(store, by_id)
    if not found:
        raise NoSuchRun(
            f"{escape(name)}: no run of this serial number or id in {store.folder};"
            " name the store with --store"
        )
    return found


def load_record(store: Store, run_id: str) -> dict[str, Any]:
    """Load a confirmed record and compare it with its confirmed hash.

    Raises:
        NoSuchRun: the run has no confirmed record.
        RecordDamaged: the stored text has another hash than was confirmed.
    """
    query = (
        select(tables.ended.c.record, tables.confirmed.c.record_sha256)
        .join_from(tables.ended, tables.confirmed)
        .where(tables.ended.c.run_id == run_id)
    )
    with store.reading() as reader:
        row = reader.execute(query).first()
    if row is None:
        raise NoSuchRun(f"{run_id}: this run has no confirmed record")
    if sha256_text(row.record) != row.record_sha256:
        raise RecordDamaged(
            f"record {run_id}: does not have the hash that was confirmed;"
            " take the store out of use and compare with its copy"
        )
    record: dict[str, Any] = json.loads(row.record)
    return record


def load_phases(store: Store, run_id: str) -> list[dict[str, Any]]:
    """Load the phases that were stored as they ended, also of an incomplete run."""
    query = (
        select(tables.phases.c.document)
        .where(tables.phases.c.run_id == run_id)
        .order_by(tables.phases.c.position)
    )
    with store.reading() as reader:
        return [json.loads(text) for text in reader.execute(query).scalars()]


def write_runs(store: Store, name: str) -> str:
    """Write every run of a serial on a line, and the newest (or named) one in full."""
    runs = find_runs(store, name)
    lines = [summary_line(run) for run in runs] if len(runs) > 1 else []
    newest = runs[-1]
    if newest.outcome in (INCOMPLETE, RUNNING):
        lines.extend(_incomplete_lines(store, newest))
    else:
        record = load_record(store, newest.run_id)
        phases = list(_phase_lines(record["phases"]))
        lines.append(write_report(record, store.folder, phases))
    return "\n".join(lines)


def summary_line(run: RunSummary) -> str:
    """Write one run on one line."""
    grade = f" ({run.grade})" if run.grade else ""
    return f"{run.begun_utc}  {run.run_id}  {run.sequence}  {run.outcome}{grade}"


def _select(store: Store, condition: ColumnElement[bool]) -> list[RunSummary]:
    query = (
        select(
            tables.runs.c.run_id,
            tables.runs.c.serial,
            tables.runs.c.sequence,
            tables.runs.c.begun_utc,
            tables.ended.c.outcome,
            tables.ended.c.grade,
            tables.confirmed.c.run_id.label("confirmed"),
        )
        .select_from(
            tables.runs.outerjoin(tables.ended).outerjoin(
                tables.confirmed, tables.confirmed.c.run_id == tables.runs.c.run_id
            )
        )
        .where(condition)
        .order_by(tables.runs.c.number)
    )
    with store.reading() as reader:
        rows = reader.execute(query).all()
    return [
        RunSummary(
            row.run_id,
            row.serial,
            row.sequence,
            row.begun_utc,
            row.outcome if row.confirmed else _unended(store, row.run_id),
            row.grade if row.confirmed else "",
        )
        for row in rows
    ]


def _unended(store: Store, run_id: str) -> str:
    return RUNNING if is_alive(store.run_folder(run_id)) else INCOMPLETE


def _incomplete_lines(store: Store, run: RunSummary) -> Iterator[str]:
    yield ""
    yield f"{run.outcome}  {run.serial}"
    yield f"  {run.sequence}, begun {run.begun_utc}, without a confirmed end"
    yield f"  run {run.run_id} in {store.folder}"
    yield from _phase_lines(load_phases(store, run.run_id))


def _phase_lines(phases: list[dict[str, Any]]) -> Iterator[str]:
    for phase in phases:
        times = f"{clock_text(phase['start_s'])} .. {clock_text(phase['end_s'])}"
        yield f"  {phase['outcome']:<8}{phase['name']:<28}{times}"
        for row in phase["measurements"]:
            yield from measurement_lines(row, f"    {row['outcome']:<{_OUTCOME_WIDTH}}")
