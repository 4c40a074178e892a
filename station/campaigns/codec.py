"""Write a played run as a plain document, and read it back as it was."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from instruments.sim.defects import Change, DefectFile, Fault
from station.campaigns.job import Found, Job, Kind, Played
from station.canonical import canonical_json, plain, sha256_text
from station.errors import RecordDamaged, escape

_ODD_FLOATS = frozenset({"nan", "inf", "-inf"})


def played_document(played: Played) -> dict[str, Any]:
    """Write all that the evidence covers; the hash itself and times are left out."""
    document: dict[str, Any] = plain(played)
    del document["evidence_sha256"], document["cpu_s"]
    return document


def evidence_sha256(played: Played) -> str:
    """Hash what a run played again must repeat [sha256, hex]."""
    return sha256_text(canonical_json(played_document(played)))


def check_evidence(key: str, packed: bytes, digest: str) -> Mapping[str, Any]:
    """Unpack a stored run and check it against the hash stored with it.

    Raises:
        RecordDamaged: it cannot be unpacked, or has another hash.
    """
    try:
        document: dict[str, Any] = json.loads(zlib.decompress(packed))
        found = sha256_text(canonical_json(document["played"]))
    except (zlib.error, ValueError, KeyError, TypeError) as cause:
        raise _damaged(key) from cause
    if found != digest:
        raise _damaged(key)
    return document


def played_from(document: Mapping[str, Any], digest: str, cpu_s: float) -> Played:
    """Read a played run back."""
    played = document["played"]
    return Played(
        key=played["key"],
        outcome=played["outcome"],
        reason=played["reason"],
        steps=[(name, outcome, bench_s) for name, outcome, bench_s in played["steps"]],
        found=[_found(item) for item in played["found"]],
        bench_s=played["bench_s"],
        evidence_sha256=digest,
        cpu_s=cpu_s,
    )


def job_from(document: Mapping[str, Any]) -> Job:
    """Read a job back, with what was wrong with its module.

    The firmware is left out: it stands in the campaign's plan and in the run's key.
    """
    return Job(
        kind=Kind(document["kind"]),
        subject=document["subject"],
        grade=document["grade"],
        sequence=document["sequence"],
        seed=document["seed"],
        defects=tuple(_defect(item) for item in document["defects"]),
        steps=tuple(document["steps"]),
        state=document["state"],
    )


def _defect(item: Mapping[str, Any]) -> DefectFile:
    return DefectFile(
        item["identity"],
        item["title"],
        tuple(
            Change(c["target"], c["operation"], _value(c["amount"]), c["file"])
            for c in item["changes"]
        ),
        tuple(Fault(f["target"], f["name"], f["when"]) for f in item["faults"]),
        item["file"],
    )


def _found(item: Mapping[str, Any]) -> Found:
    return Found(
        item["step"],
        item["name"],
        item["outcome"],
        None if item["low"] is None else float(item["low"]),
        None if item["high"] is None else float(item["high"]),
        item["text"],
    )


def _value(value: Any) -> Any:  # noqa: ANN401  any value of a parameter
    if isinstance(value, list):
        return [_value(item) for item in value]
    return float(value) if isinstance(value, str) and value in _ODD_FLOATS else value


def _damaged(key: str) -> RecordDamaged:
    return RecordDamaged(
        f"campaign run {escape(key, 200)}: what is stored is not what was written;"
        " check the disk, then play the campaign into another store"
    )
