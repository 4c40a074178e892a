"""What a kill test demands: each demand, broken, is named."""

from __future__ import annotations

import pytest

from station.kills.judge import LeftBehind, find_faults
from station.kills.kinds import Kind, load_kinds
from station.kills.left_record import LeftRecord

KINDS = {kind.name: kind for kind in load_kinds()}
INCOMPLETE = LeftRecord(runs=1, ended=0, confirmed=0, closed=1, outcome=None)


def ended(outcome: str, *, confirmed: int = 1, runs: int = 1) -> LeftRecord:
    """Make a record that has ended."""
    return LeftRecord(runs, 1, confirmed, 0, outcome)


@pytest.mark.parametrize(
    ("kind", "code", "record"),
    [
        ("SIGKILL", None, INCOMPLETE),
        ("SIGTERM", 4, ended("ABORTED")),
        ("SIGSTOP-SIGCONT", 3, ended("ERROR")),
        ("supply", 3, ended("ERROR")),
        ("ntc_emulator", 0, ended("PASS")),
    ],
)
def test_kill_that_went_as_it_must_has_no_fault(
    kind: str, code: int | None, record: LeftRecord
) -> None:
    """The campaign would never end clean."""
    assert find_faults(KINDS[kind], "supply", 2.9, LeftBehind(code, record)) == ()


@pytest.mark.parametrize(
    ("kind", "dead_s", "code", "record", "fault"),
    [
        ("SIGKILL", None, None, INCOMPLETE, "not dead"),
        ("SIGKILL", 3.01, None, INCOMPLETE, "allowed 3 s"),
        ("SIGKILL", 1.0, None, ended("PASS"), "INCOMPLETE"),
        ("SIGTERM", 1.0, 3, ended("ABORTED"), "exit 3"),
        ("SIGTERM", 1.0, 4, ended("ERROR"), "ERROR, not"),
        ("SIGTERM", 1.0, 4, ended("ABORTED", confirmed=0), "confirmed"),
        ("SIGTERM", 1.0, 4, ended("ABORTED", runs=2), "2 runs"),
        ("supply", 1.0, 0, ended("PASS"), "PASS without"),
        ("supply", 1.0, None, ended("ERROR"), "did not end"),
    ],
)
def test_each_demand_is_named_when_it_is_broken(
    kind: str, dead_s: float | None, code: int | None, record: LeftRecord, fault: str
) -> None:
    """A live bench or a missing record would count as a success."""
    left = LeftBehind(code, record)
    found = find_faults(KINDS[kind], "supply", dead_s, left)
    assert any(fault in one for one in found), found


def test_every_kind_that_matters_while_energised_has_a_limit() -> None:
    """A kind without a limit would pass however long it takes."""
    without = {kind.name for kind in KINDS.values() if kind.limit_s is None}
    assert without == {"ntc_emulator", "led_reader"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_kind_does_something(kind: Kind) -> None:
    """A kind that does nothing would only look like a test."""
    assert bool(kind.signals) != kind.cut
