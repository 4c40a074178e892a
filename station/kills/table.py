"""The kill table: what was done, how often, and the worst time to dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from station.kills.case import CaseResult
from station.kills.kinds import Kind

_HEAD = (
    "what was done",
    "instants",
    "worst to dead",
    "allowed (supply / load)",
    "record",
    "faults",
)


def write_table(kinds: Sequence[Kind], results: Sequence[CaseResult]) -> Iterator[str]:
    """Write the table, one line a kind, then one line for every fault found."""
    rows = [_HEAD, *(_row(kind, results) for kind in kinds)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        cells = zip(row, widths, strict=True)
        yield "  ".join(cell.ljust(width) for cell, width in cells).rstrip()
    for result in sorted(results, key=lambda result: result.case.name):
        for fault in result.faults:
            yield f"{result.case.name} at {result.case.instant_s:.3f} s: {fault}"


def _row(kind: Kind, results: Sequence[CaseResult]) -> tuple[str, ...]:
    of_kind = [result for result in results if result.case.kind.name == kind.name]
    times_s = [result.dead_s for result in of_kind if result.dead_s is not None]
    worst = f"{max(times_s):.2f} s" if times_s else "never"
    outcomes = sorted({_outcome(result) for result in of_kind})
    return (
        kind.title,
        str(len(of_kind)),
        worst,
        _allowed(kind),
        ", ".join(outcomes),
        str(sum(bool(result.faults) for result in of_kind)),
    )


def _outcome(result: CaseResult) -> str:
    record = result.left.record
    if record.outcome is None:
        return "INCOMPLETE" if record.closed == 1 else "open"
    return record.outcome


def _allowed(kind: Kind) -> str:
    if kind.limit_s is None:
        return "next use"
    return f"{kind.limit_s['supply']:g} / {kind.limit_s['load']:g} s"
