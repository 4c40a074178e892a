"""Leaving out one step or limit: what would pass, what nobody knows."""

from __future__ import annotations

from station.campaigns.report.necessity import LeftOut, Need, leave_out
from station.campaigns.report.seen import Seen, see
from station.verdict import LIVE
from tests.station.campaigns.report.made_runs import (
    STEPS,
    catalogue,
    job,
    limits,
    played,
    seen,
)


def without(name: str, *runs: Seen) -> LeftOut:
    """Leave out one step or limit."""
    found = leave_out(runs, STEPS, tuple(limits()))
    (row,) = [item for item in (*found.steps, *found.limits) if item.name == name]
    return row


def test_a_limit_whose_removal_lets_one_through_is_needed() -> None:
    """A limit would be dropped that alone catches a bad module."""
    row = without("capacity_ah", seen("a", "capacity_ah"))
    assert row.let_through == ("a (bad)",)
    assert row.need is Need.NEEDED
    assert without("capacity", seen("a", "capacity_ah")).need is Need.NEEDED


def test_a_limit_beside_which_another_fails_is_not_needed() -> None:
    """The report would claim a necessity that there is not."""
    run = seen("a", "over_voltage_trip_v", "over_voltage_flag")
    assert without("over_voltage_trip_v", run).need is Need.NOT_NEEDED
    assert without("over_voltage_trip_v", run).caught == 1
    assert without("over_voltage", run).let_through == ("a (bad)",)


def test_where_the_run_ended_nothing_is_claimed() -> None:
    """A module would be said to pass although later steps were never asked."""
    run = seen("a", "over_voltage_trip_v", stop_after="over_voltage")
    for name in ("over_voltage", "over_voltage_trip_v"):
        row = without(name, run)
        assert (row.let_through, row.not_known) == ((), ("a (bad)",))
        assert row.need is Need.NOT_KNOWN


def test_the_last_step_cannot_have_cut_anything_off() -> None:
    """A stop after the last step would make a necessity unknown."""
    run = seen("a", "capacity_ah", stop_after="capacity")
    assert without("capacity", run).need is Need.NEEDED


def test_what_never_fails_is_said_not_to_be_needed() -> None:
    """A limit that nothing needs would stand there as if it were."""
    assert without("start_up_green_s", seen("a", "capacity_ah")).caught == 0
    assert without("start_up", seen("a", "capacity_ah")).need is Need.NOT_NEEDED


def test_a_live_module_fails_whatever_limit_is_left_out() -> None:
    """A module that is still live would be said to pass."""
    live = see(
        job("a"), played(("capacity_ah",), outcome="FAIL", reason=LIVE), catalogue("a")
    )
    assert without("capacity_ah", live).need is Need.NOT_NEEDED


def test_an_escape_needs_nothing() -> None:
    """A module that passed anyway would be counted as let through."""
    assert without("capacity_ah", seen("a")).let_through == ()
