"""One run, reduced: its result, whether it counts, what failed."""

from __future__ import annotations

import pytest

from instruments.sim.defects import DefectFile
from station.campaigns.count import Result
from station.campaigns.job import Job, Kind
from station.campaigns.report.seen import MODULE_LIVE, see
from station.verdict import LIVE
from tests.station.campaigns.report.made_runs import catalogue, entry, job, played


@pytest.mark.parametrize(
    ("grade", "outcome", "result"),
    [
        ("just_bad", "FAIL", Result.DETECTED),
        ("just_bad", "PASS", Result.ESCAPED),
        ("just_bad", "ERROR", Result.ERROR),
        ("just_bad", "ABORTED", Result.ERROR),
        ("harmless", "FAIL", Result.FALSE_FAILED),
        ("harmless", "PASS", Result.ACCEPTED),
        ("harmless", "ERROR", Result.ERROR),
    ],
)
def test_only_a_fail_is_a_detection(grade: str, outcome: str, result: Result) -> None:
    """A run without a verdict would be sold as a detection."""
    run = see(job("a", grade=grade), played(outcome=outcome), catalogue("a"))
    assert run.result is result


def test_another_sequence_owes_nothing() -> None:
    """An end-of-line run would be blamed for what only a qualification can find."""
    known = {"a": entry("a", sequence="qualification")}
    assert not see(job("a"), played(), known).owed
    assert see(job("a", sequence="qualification"), played(), known).owed
    assert see(job("a", grade="harmless"), played(), known).owed


def test_a_part_of_the_sequence_owes_what_its_steps_catch() -> None:
    """A sampled campaign would count nothing, and let everything escape unseen."""
    known = {"a": entry("a", steps=("over_voltage",))}
    assert see(job("a", sequence="over_voltage"), played(), known).owed
    assert not see(job("a", sequence="over_current"), played(), known).owed


def test_what_nothing_can_detect_is_not_owed() -> None:
    """A defect that is out of reach would count as an escape."""
    known = {"a": entry("a", sequence="not_detectable", reason="inside the cell")}
    assert not see(job("a"), played(), known).owed


def test_a_live_module_is_a_finding_of_its_own() -> None:
    """A detection by the verdict's rule would look like a detection by nothing."""
    run = see(job("a"), played(outcome="FAIL", reason=LIVE), catalogue("a"))
    assert run.failed == (("make_safe", MODULE_LIVE),)


def test_a_stopped_run_names_what_was_not_asked() -> None:
    """Steps that did not run would seem to have found nothing."""
    run = see(
        job("a"),
        played(("start_up_green_s",), stop_after="start_up"),
        catalogue("a"),
    )
    assert run.unjudged == {"over_voltage", "capacity"}


def test_a_drawn_defect_keeps_its_title_and_nothing_else() -> None:
    """A campaign's thousands of defects would stay in memory."""
    defect = DefectFile("drawn_1", "Trip drawn too high", (), (), "draw")
    drawn = Job(Kind.DRAWN, "drawn_1", "bad", "eol", 7, (defect,))
    run = see(drawn, played(), {})
    assert (run.title, run.job.defects) == ("Trip drawn too high", ())


def test_a_drawn_defect_has_the_severity_of_what_it_was_drawn_from() -> None:
    """A critical escape of a draw would look like any other."""
    subject = "drawn-7-0012-a--b"
    defect = DefectFile(subject, "2.5 tolerances", (), (), "draw.toml")
    drawn = Job(Kind.DRAWN, subject, "bad", "eol", None, (defect,))
    run = see(drawn, played(), catalogue("a", "b"))
    assert (run.severity, run.title) == ("major", "Title of a: 2.5 tolerances")
    assert run.owed


def test_what_a_detection_hangs_on_is_told() -> None:
    """Cost, necessity and matrix would each have their own idea of it."""
    one = see(job("a"), played(("over_voltage_trip_v",)), catalogue("a"))
    assert one.hangs_on_step("over_voltage")
    assert not one.hangs_on_step("capacity")
    assert one.hangs_on_limit("over_voltage_trip_v")
    both = ("over_voltage_trip_v", "over_voltage_flag")
    two = see(job("a"), played(both, stop_after="over_voltage"), catalogue("a"))
    assert two.hangs_on_step("over_voltage")
    assert not two.hangs_on_limit("over_voltage_trip_v")
    assert two.ended_at_step()
    escaped = see(job("a"), played(), catalogue("a"))
    assert not escaped.hangs_on_step("over_voltage")


def test_family_is_written_for_people() -> None:
    """The page would show file names."""
    assert see(job("a"), played(), catalogue("a")).family == "BMS alarms"
