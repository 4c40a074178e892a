"""Defects against steps: who caught what, what hangs on one thread, what is idle."""

from __future__ import annotations

from station.campaigns.report.matrix import Mark, Matrix, cross
from station.campaigns.report.seen import Seen, see
from tests.station.campaigns.report.made_runs import (
    STEPS,
    catalogue,
    job,
    limits,
    played,
    seen,
)


def crossed(*runs: Seen) -> Matrix:
    """Cross runs with the three steps."""
    return cross(runs, catalogue("a", "b"), {"eol": STEPS}, limits())


def test_a_step_that_caught_a_defect_is_marked() -> None:
    """The matrix would show a detection in the wrong step, or none."""
    (row,) = crossed(seen("a", "over_voltage_trip_v")).rows
    assert row.steps == ("over_voltage",)
    assert row.expected == ("over_voltage",)
    assert row.marks["capacity"] is Mark.MISSED


def test_a_grade_that_only_sometimes_shows_is_told_apart() -> None:
    """A just bad module that a step misses would hide behind a clearly bad one."""
    known = catalogue("a")
    clear = see(job("a", grade="clearly_bad"), played(("capacity_ah",)), known)
    just = see(job("a", grade="just_bad"), played(("over_voltage_flag",)), known)
    (row,) = crossed(clear, just).rows
    assert row.marks["capacity"] is Mark.SOMETIMES


def test_a_step_after_the_end_was_not_asked() -> None:
    """A step would seem to miss what it was never shown."""
    (row,) = crossed(seen("a", "start_up_green_s", stop_after="start_up")).rows
    assert row.marks["capacity"] is Mark.NOT_ASKED


def test_a_defect_caught_by_one_step_is_fragile() -> None:
    """Nobody would know that a defect hangs on one step or one limit."""
    found = crossed(
        seen("a", "over_voltage_trip_v", "over_voltage_flag"),
        seen("b", "over_voltage_trip_v", "capacity_ah"),
    )
    assert [(item.run, item.only) for item in found.one_step] == [
        ("a (bad)", "over_voltage")
    ]
    assert found.one_limit == []


def test_a_fragile_detection_says_whether_the_run_had_ended() -> None:
    """A step that stopped the run would be called the only one that can see it."""
    found = crossed(
        seen("a", "over_voltage_trip_v", stop_after="over_voltage"),
        seen("b", "over_voltage_trip_v"),
    )
    assert [item.stopped for item in found.one_step] == [True, False]
    assert [item.stopped for item in found.one_limit] == [True, False]


def test_what_catches_nothing_is_a_candidate_to_drop() -> None:
    """A useless step or limit would cost its bench time for ever."""
    found = crossed(seen("a", "over_voltage_trip_v"))
    assert found.idle_steps == ["start_up", "capacity"]
    idle = {item.name: item for item in found.idle_limits}
    assert "over_voltage_trip_v" not in idle
    assert idle["over_voltage_flag"].safety


def test_a_false_fail_is_no_catch() -> None:
    """A limit would earn its place by failing good modules."""
    harmless = see(job("a", grade="harmless"), played(("capacity_ah",)), catalogue("a"))
    assert crossed(harmless).idle_steps == list(STEPS)
