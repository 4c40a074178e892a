"""What a campaign says at its end: what was idle, what broke, how long at worst."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from instruments.sim.faults.kinds import load_kinds
from instruments.sim.faults.log import AlteredReply
from station.faults.account import true_fault
from station.faults.bounds import load_bounds
from station.faults.campaign import Campaign, Order
from station.faults.cases import Case
from station.faults.points import CampaignPoints
from station.faults.report import broken_lines, idle, kind_rows
from station.faults.result import CaseResult, result_of
from tests.station.faults.made_facts import ALL_IS_WELL, WORLD, facts

HANG = Case("over_current", None, "hang", "on", 5, seam="scpi")
NAN = Case("over_current", None, "nan", "once", 5, seam="scpi")
SILENT = Case("over_current", None, "can_silence", "on", 9, seam="can")
CASES = [HANG, NAN, SILENT]
SITES = {HANG.name: "scpi supply READ?", NAN.name: "scpi supply READ?"}
SITES |= {SILENT.name: "can can recv frame"}


def result(case: Case, effects: int = 1, broken: int = 0) -> CaseResult:
    """Make the result of one case."""
    found = (("(a) bench dead in time", "late"),) * broken
    return CaseResult(
        case.name,
        "over_current",
        case.kind,
        case.seam,
        "ERROR",
        effects,
        True,
        1.0,
        found,
    )


def campaign(order: Order, results: list[CaseResult]) -> Campaign:
    """Make a campaign of three cases."""
    kinds = {case.kind: load_kinds()[case.kind] for case in CASES}
    return Campaign(order, kinds, sites=SITES, cases=list(CASES), results=results)


ALL = Order(("over_current",))


def test_kind_seam_and_call_site_without_effect_are_named() -> None:
    """A place that no fault ever touched would count as tested."""
    done = campaign(ALL, [result(HANG), result(NAN, 0), result(SILENT, 0)])
    assert idle(done) == [
        "kind nan",
        "kind can_silence",
        "seam can",
        "call site can can recv frame",
    ]
    assert idle(campaign(ALL, [result(case) for case in CASES])) == []


def test_call_site_counts_only_where_every_case_was_played() -> None:
    """A draw would complain of sites at which it played the wrong kind."""
    results = [result(HANG), result(NAN), result(SILENT, 0)]
    for order in (replace(ALL, sample=3), replace(ALL, kinds=("nan",))):
        assert idle(campaign(order, results)) == ["kind can_silence", "seam can"]


def test_kind_and_seam_that_were_not_drawn_are_not_idle() -> None:
    """A draw of one case would complain of all other kinds and seams."""
    drawn = campaign(replace(ALL, sample=1), [result(HANG)])
    drawn.cases = [HANG]
    assert idle(drawn) == []


def test_broken_case_without_a_reason_leaves_no_empty_line() -> None:
    """The list would have holes."""
    lines = list(broken_lines(campaign(ALL, [result(HANG, broken=1)])))
    assert all(line.strip() for line in lines)
    assert lines[-1] == f"    station faults replay {HANG.name}"


def test_resume_file_is_named_only_where_there_is_one() -> None:
    """The report would send people to a file that was never written."""
    results = [result(HANG, broken=1)] * 25
    *_, last = broken_lines(campaign(ALL, results))
    assert last == "and 5 more; --resume FILE would keep them all"
    *_, last = broken_lines(campaign(replace(ALL, resume=Path("kept")), results))
    assert last == "and 5 more; the resume file holds them all"


def test_excused_case_is_no_worst_time() -> None:
    """The worst time would be that of a module that was rightly called bad."""
    world = replace(WORLD, stretches=((39_500_000, 41_000_000),))
    bad = replace(ALL_IS_WELL, outcome="FAIL", failed=("leds_dark",))
    excused = facts("frozen", seam="led", role="led_reader", world=world, said=bad)
    owed = facts("hang", world=world)
    bounds = load_bounds()
    assert result_of(excused, bounds).alive_s is None
    assert result_of(owed, bounds).alive_s == 1.5
    rows = list(kind_rows(campaign(ALL, [replace(result(HANG), alive_s=None)])))
    assert rows[0][4] == "-"


def test_many_and_long_replies_are_cut_and_counted() -> None:
    """A story would be unreadable, or seem to be all there was."""
    points = CampaignPoints(None)
    reply = AlteredReply(7, 1_000_000, "led_reader", b"gethsi", b"1" * 500, b"")
    for _ in range(23):
        points.log.keep(reply)
    lines = true_fault(points).lines
    assert len(lines) == 20
    assert lines[-1].endswith("(and 3 more)")
    assert "... (500 bytes)" in lines[0]
    assert len(lines[0]) < 160
