"""The text at the end of a run, and of `station show`: from the record alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from phases.results import FAIL
from station.display import clock_text
from station.errors import one_line

_NAME_WIDTH = 44
_NO_UNIT = ("", "1")


def write_report(record: Mapping[str, Any], store: Path) -> str:
    """Write verdict, failed measurements and the record's place.

    The verdict's word always stands beside its grade.
    """
    return "\n".join(_lines(record, store))


def failed_rows(phases: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """List the measurements that failed, in their order."""
    return [m for p in phases for m in p["measurements"] if m["outcome"] == FAIL]


def measurement_line(row: Mapping[str, Any]) -> str:
    """Write one measurement: value, limits, unit, source."""
    unit = f" {row['unit']}" if row["unit"] not in _NO_UNIT else ""
    parts = [f"{row['name']:<{_NAME_WIDTH}}{_value_text(row) + unit:<26}"]
    limits = _limits_text(row)
    if limits:
        parts.append(f"limits {limits}{unit}")
    if row["source"]:
        parts.append(f"[{one_line(str(row['source']))}]")
    parts.extend([str(row["status"]), "safety limit" if row.get("safety") else ""])
    if row.get("note"):
        parts.append(f"({one_line(str(row['note']))})")
    return "  ".join(part for part in parts if part)


def _lines(record: Mapping[str, Any], store: Path) -> Iterator[str]:
    yield ""
    yield f"{record['outcome']} ({record['grade']})  {record['serial']}"
    if record["reason"]:
        yield f"  {one_line(record['reason'])}"
    failed = failed_rows(record["phases"])
    if failed:
        yield f"  failed measurements: {len(failed)}"
        for row in failed:
            yield f"    {measurement_line(row)}"
    yield (
        f"  {record['sequence']}: {clock_text(record['bench_s'])} bench time"
        f" in {record['wall_s']:.1f} s, {_count(record)} measurements,"
        f" limits {record['limits']['name']}"
    )
    yield f"  record {record['run_id']} in {store}"
    yield f"  evidence sha256 {record['evidence_sha256']}"


def _count(record: Mapping[str, Any]) -> int:
    return sum(len(phase["measurements"]) for phase in record["phases"])


def _value_text(row: Mapping[str, Any]) -> str:
    low, high = row["value_low"], row["value_high"]
    text = _number(row["value"])
    if row["bound"] == "at_least":
        return f"at least {text}"
    if row["bound"] == "at_most":
        return f"at most {text}"
    if low is None or high is None or low == high:
        return text
    return f"{text} ({_number(low)} .. {_number(high)})"


def _limits_text(row: Mapping[str, Any]) -> str:
    low, high, expect = row["low"], row["high"], row.get("expect")
    if expect is not None:
        return f"= {_number(expect)}"
    if low is not None and high is not None:
        return f"{_number(low)} .. {_number(high)}"
    if high is not None:
        return f"<= {_number(high)}"
    if low is not None:
        return f">= {_number(low)}"
    return ""


def _number(value: object) -> str:
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return one_line(str(value))
