"""The text at the end of a run, and of `station show`: from the record alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from phases.results import FAIL
from station.display import clock_text, count_text
from station.errors import one_line
from station.results.numbers import decimals_of, limit_text, number_text

COLUMNS = 110
_NAME_WIDTH = 42
_VALUE_WIDTH = 26
_NO_UNIT = ("", "1")


def write_report(
    record: Mapping[str, Any], store: Path, phases: Sequence[str] | None = None
) -> str:
    """Write verdict, circumstances, failed measurements and where the record is.

    Args:
        record: a whole record.
        store: the folder that holds it.
        phases: lines that show every phase; they stand in for the failed list.
    """
    lines = [*_head(record), *_circumstances(record)]
    failed = failed_rows(record["phases"])
    if failed:
        lines.append(f"  failed: {count_text(len(failed), 'measurement')}")
    if phases is None:
        for row in failed:
            lines.extend(measurement_lines(row, "    "))
    else:
        lines.extend(phases)
    return "\n".join([*lines, *_places(record, store)])


def failed_rows(phases: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """List the measurements that failed, in their order."""
    return [m for p in phases for m in p["measurements"] if m["outcome"] == FAIL]


def measurement_lines(row: Mapping[str, Any], indent: str = "") -> list[str]:
    """Write one measurement: value and limits; then, further in, where they are from.

    `indent` begins the first line; an outcome may stand in it.
    """
    unit = f" {row['unit']}" if row["unit"] not in _NO_UNIT else ""
    name, value = row["name"], _value_text(row, unit)
    limits = limit_text(row)
    first = f"{indent}{name:<{_NAME_WIDTH}} {value:<{_VALUE_WIDTH}}"
    against = f"limits {limits}{unit}" if limits else ""
    fits = len(first) + 1 + len(against) <= COLUMNS
    if fits:
        first = f"{first} {against}"
    about = [
        "" if fits else against,
        str(row["status"]),
        "safety limit" if row.get("safety") else "",
    ]
    about += [str(row.get(key) or "") for key in ("source", "note")]
    text = "; ".join(one_line(part) for part in about if part)
    margin = " " * (len(indent) + 2)
    return [
        first.rstrip(),
        *textwrap.wrap(text, COLUMNS, initial_indent=margin, subsequent_indent=margin),
    ]


def _head(record: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"{record['outcome']} ({record['grade']})  {record['serial']}"
    if record["reason"]:
        yield f"  {one_line(record['reason'])}"


def _circumstances(record: Mapping[str, Any]) -> Iterator[str]:
    """Say who tested what, when, with what, and what was changed about the module."""
    begun = str(record["utc_start"])[:19].replace("T", " ")
    yield (
        f"  {record['sequence']} on bench {one_line(record['station'])},"
        f" {begun} UTC, operator {one_line(record['operator'])}"
    )
    firmware = record.get("firmware") or {}
    if firmware:
        parts = (f"{part} {version}" for part, version in sorted(firmware.items()))
        yield f"  firmware {one_line(', '.join(parts))}"
    changed = _changed(record["inputs"])
    if changed:
        yield f"  {changed}"
    yield (
        f"  {clock_text(record['bench_s'])} bench time in {record['wall_s']:.1f} s,"
        f" {count_text(_count(record), 'measurement')},"
        f" limits {record['limits']['name']}"
    )


def _changed(inputs: Mapping[str, Any]) -> str:
    """Name seed, defect files and state file, where the run had any."""
    parts = [] if inputs.get("seed") is None else [f"seed {inputs['seed']}"]
    parts += [f"defect {file['name']}" for file in inputs.get("defects", ())]
    if inputs.get("state"):
        parts.append(f"state {inputs['state']['name']}")
    return one_line(", ".join(parts)) if parts else ""


def _places(record: Mapping[str, Any], store: Path) -> Iterator[str]:
    yield f"  record {record['run_id']} in {store}"
    yield f"  evidence sha256 {record['evidence_sha256']}"
    for attachment in record["attachments"]:
        yield f"  trace {attachment['path']}"


def _count(record: Mapping[str, Any]) -> int:
    return sum(len(phase["measurements"]) for phase in record["phases"])


def _value_text(row: Mapping[str, Any], unit: str) -> str:
    low, high = row["value_low"], row["value_high"]
    decimals = decimals_of(row)
    text = number_text(row["value"], decimals) + unit
    if row["bound"] == "at_least":
        return f"at least {text}"
    if row["bound"] == "at_most":
        return f"at most {text}"
    if low is None or high is None or low == high:
        return text
    return f"{text} ({number_text(low, decimals)} .. {number_text(high, decimals)})"
