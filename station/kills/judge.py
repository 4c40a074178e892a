"""What a kill test demands of the bench and of the record, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from phases.results import PASS
from station.errors import EXIT_ABORTED, EXIT_PASS
from station.kills.kinds import Kind
from station.kills.left_record import LeftRecord
from station.verdict import ABORTED


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What the station left: its exit code (None: killed, or it never ended)."""

    exit_code: int | None
    record: LeftRecord


def find_faults(
    kind: Kind, bench_state: str, dead_s: float | None, left: LeftBehind
) -> tuple[str, ...]:
    """Find what did not go as it must, one sentence each."""
    found = []
    if dead_s is None:
        found.append("the bench was not dead at the end")
    elif kind.limit_s is not None and dead_s > kind.limit_s[bench_state]:
        found.append(
            f"dead after {dead_s:.2f} s, allowed {kind.limit_s[bench_state]:g} s"
        )
    if left.record.runs != 1:
        found.append(f"{left.record.runs} runs in the store, not one")
    found += _find_end_faults(kind, left)
    return tuple(found)


def _find_end_faults(kind: Kind, left: LeftBehind) -> list[str]:
    record, code = left.record, left.exit_code
    if kind.end == "killed":
        as_it_must = record.ended == 0 and record.closed == 1
        return [] if as_it_must else ["the next start did not close it as INCOMPLETE"]
    found = []
    if (record.ended, record.confirmed, record.closed) != (1, 1, 0):
        found.append("no single confirmed record")
    if kind.end == "aborted" and (code, record.outcome) != (EXIT_ABORTED, ABORTED):
        found.append(f"exit {code} and {record.outcome}, not 4 and ABORTED")
    if kind.end == "not_passed" and (code == EXIT_PASS or record.outcome == PASS):
        found.append("PASS without this link")
    if code is None:
        found.append("the station did not end")
    return found
