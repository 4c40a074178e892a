"""The record of one run: a plain document with a schema number.

`evidence_sha256` covers all that another run with the same seed must repeat, and
nothing that differs for other reasons: run id, times of day, wall seconds, host,
paths, and a traceback (which is full of paths) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instruments.roles import Identity
from phases.results import PhaseResult
from station.canonical import canonical_json, plain, sha256_file, sha256_text
from station.verdict import Verdict

SCHEMA = 1

NOT_EVIDENCE = frozenset(
    {
        "run_id",
        "utc_start",
        "utc_end",
        "wall_s",
        "host",
        "traceback",
        "evidence_sha256",
        "earlier_runs",
    }
)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known before anything is energised."""

    run_id: str
    serial: str
    sequence: str
    operator: str
    station: str
    host: str
    utc_start: str
    software: Mapping[str, Any]
    limits: Mapping[str, str]
    inputs: Mapping[str, Any]
    earlier_runs: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known when the run is over."""

    verdict: Verdict
    grade: str
    simulated: bool
    bench_s: float
    wall_s: float
    utc_end: str
    phases: Sequence[PhaseResult] = ()
    identities: Mapping[str, Identity] = field(default_factory=dict)
    calibrations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    firmware: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Path] = ()
    not_judged: Mapping[str, str] = field(default_factory=dict)
    incidents: Sequence[str] = ()
    executor_outcome: str = ""
    error: str | None = None
    stop: str | None = None
    trips: int = 0
    bench_dead: bool | None = None
    module_live: bool = False
    traceback: str | None = None


def beginning_document(begun: Beginning) -> Document:
    """Write what is known at the start; stored before anything is energised."""
    document: Document = {"schema": SCHEMA, **plain(begun)}
    return document


def build_record(begun: Beginning, ended: Ending) -> Document:
    """Build the whole record, its evidence hash included.

    Raises:
        OSError: an attachment cannot be read; the record would claim too much.
    """
    document: Document = {
        **beginning_document(begun),
        "outcome": ended.verdict.outcome,
        "grade": ended.grade,
        "reason": ended.verdict.reason,
        "bench_s": ended.bench_s,
        "wall_s": ended.wall_s,
        "utc_end": ended.utc_end,
        "simulated": ended.simulated,
        "instruments": [
            {
                "role": role,
                **plain(identity),
                "simulated": ended.simulated,
                "calibration": plain(dict(ended.calibrations.get(role, {}))),
            }
            for role, identity in sorted(ended.identities.items())
        ],
        "firmware": plain(dict(ended.firmware)),
        "phases": [plain(phase) for phase in ended.phases],
        "attachments": [_attachment(path) for path in ended.attachments],
        "not_judged": plain(dict(ended.not_judged)),
        "incidents": list(ended.incidents),
        "executor_outcome": ended.executor_outcome,
        "error": ended.error,
        "stop": ended.stop,
        "trips": ended.trips,
        "bench_dead": ended.bench_dead,
        "module_live": ended.module_live,
        "traceback": ended.traceback,
    }
    document["evidence_sha256"] = evidence_sha256(document)
    return document


def evidence_sha256(document: Mapping[str, Any]) -> str:
    """Hash [sha256, hex] what a repeated run must reproduce bit for bit."""
    evidence = {k: v for k, v in document.items() if k not in NOT_EVIDENCE}
    evidence["attachments"] = [
        {k: v for k, v in attachment.items() if k != "path"}
        for attachment in document.get("attachments", ())
    ]
    return sha256_text(canonical_json(evidence))


def _attachment(path: Path) -> Document:
    return {"name": path.name, "sha256": sha256_file(path), "path": str(path)}
