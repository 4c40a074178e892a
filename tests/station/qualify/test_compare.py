"""What counts as a new escape, a new false fail, or a changed behaviour."""

from __future__ import annotations

import pytest

from station.campaigns.job import Found, Job
from station.qualify.compare import Difference, compare
from tests.station.qualify.made import (
    BAD,
    GOOD,
    HARMLESS,
    LIMITS,
    TOLERANCES,
    compared,
    found,
    result,
)

VALUE = found("trip_v", 58.89, 58.91)


@pytest.mark.parametrize(
    ("job", "before", "after", "kinds"),
    [
        (BAD, "FAIL", "FAIL", []),
        (BAD, "FAIL", "PASS", [Difference.NEW_ESCAPE]),
        (BAD, "PASS", "FAIL", [Difference.CHANGED_VERDICT]),
        (BAD, "PASS", "PASS", []),
        (GOOD, "PASS", "FAIL", [Difference.NEW_FALSE_FAIL]),
        (HARMLESS, "PASS", "FAIL", [Difference.NEW_FALSE_FAIL]),
        (GOOD, "FAIL", "PASS", [Difference.CHANGED_VERDICT]),
        (GOOD, "PASS", "ERROR", [Difference.NO_VERDICT]),
        (BAD, "ERROR", "PASS", [Difference.NEW_ESCAPE]),
        (BAD, "ERROR", "ERROR", [Difference.NO_VERDICT]),
        (GOOD, "ERROR", "ERROR", [Difference.NO_VERDICT]),
        (GOOD, "ERROR", "PASS", [Difference.CHANGED_VERDICT]),
    ],
)
def test_verdicts(job: Job, before: str, after: str, kinds: list[Difference]) -> None:
    """A firmware that lets a defect through would be released."""
    comparison = compared(job, result(before), result(after, reason="because"))
    assert [item.kind for item in comparison.findings] == kinds
    assert comparison.changed == (kinds not in ([], [Difference.NO_VERDICT]))
    assert comparison.unsure == (Difference.NO_VERDICT in kinds)
    assert all(item.text.endswith("because") for item in comparison.findings)


def test_runs_that_were_all_left_out_say_nothing() -> None:
    """A plan of the model's own defects would qualify any compiled firmware."""
    nothing = compare([], TOLERANCES, lambda _: LIMITS)
    assert (nothing.changed, nothing.unsure) == (False, True)


def test_run_that_was_not_played_is_no_verdict() -> None:
    """Half a campaign would qualify a firmware."""
    found = compared(GOOD, result("PASS"), None, "its worker died")
    assert found.unsure
    assert found.findings[0].text == (
        "could not be played on the firmware: its worker died"
    )
    assert set(found.behaviours().values()) == {0}
    assert compared(GOOD, None, result("PASS")).unsure


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (VALUE, found("trip_v", 58.92, 58.94), []),  # by 0.03; a tenth of 0.4 V
        (VALUE, found("trip_v", 58.94, 58.96), [Difference.MOVED]),
        (VALUE, found("trip_v", 58.84, 58.86), [Difference.MOVED]),
        # A bracket that holds the other one cannot be told apart from it.
        (found("trip_v", 58.7, 59.0), found("trip_v", 58.9, 59.1), []),
        (found("delay_s", 1.0, 1.0), found("delay_s", 1.19, 1.19), []),
        (found("delay_s", 1.0, 1.0), found("delay_s", 1.21, 1.21), [Difference.MOVED]),
        # An exception of the data file is absolute.
        (found("window_s", 90.0, 90.0), found("window_s", 90.4, 90.4), []),
        (
            found("window_s", 90.0, 90.0),
            found("window_s", 90.6, 90.6),
            [Difference.MOVED],
        ),
        (VALUE, found("trip_v", 58.89, 58.91, "FAIL"), [Difference.CHANGED_OUTCOME]),
        (
            VALUE,
            found("trip_v", 58.89, 58.91, "READ_ONLY"),
            [Difference.CHANGED_OUTCOME],
        ),
        (
            VALUE,
            Found("over_voltage", "trip_v", "NOT_RUN", None, None),
            [Difference.MISSING],
        ),
        (VALUE, found("other", 1.0, 1.0), [Difference.MISSING]),
    ],
)
def test_values(before: Found, after: Found, kinds: list[Difference]) -> None:
    """A threshold that moved inside its limits would not be seen."""
    comparison = compared(GOOD, result("PASS", before), result("PASS", after))
    assert [item.kind for item in comparison.findings] == kinds
    assert comparison.changed == bool(kinds)


def test_statement_that_changed_is_found() -> None:
    """The firmware would show another page, and still a page."""
    before = Found("over_voltage", "page", "PASS", None, None, "5")
    after = Found("over_voltage", "page", "PASS", None, None, "4")
    same = compared(GOOD, result("PASS", before), result("PASS", before))
    assert same.findings == []
    (item,) = compared(GOOD, result("PASS", before), result("PASS", after)).findings
    assert (item.kind, item.text) == (Difference.MOVED, "5 before, 4 now")


def test_stimulus_that_was_held_is_compared_as_a_number() -> None:
    """Noise in the last digit would be a changed behaviour."""
    before = Found("over_voltage", "trip_v", "FAIL", None, None, "59.0905088")
    after = Found("over_voltage", "trip_v", "FAIL", None, None, "59.0911203")
    assert compared(BAD, result("FAIL", before), result("FAIL", after)).findings == []


def test_information_without_a_limit_may_move() -> None:
    """A temperature of the room would keep a firmware back."""
    before, after = found("room_c", 20.0, 20.0), found("room_c", 30.0, 30.0)
    assert compared(GOOD, result("PASS", before), result("PASS", after)).findings == []


def test_missing_measurements_of_a_step_are_one_finding() -> None:
    """A report of one early stop would be pages long."""
    before = result("PASS", VALUE, found("delay_s", 1.0, 1.0))
    (item,) = compared(GOOD, before, result("PASS")).findings
    assert item.text == "2 not measured any more: trip_v, delay_s"


def test_behaviours_are_those_that_the_baseline_went_through() -> None:
    """A behaviour without a case could change unseen."""
    comparison = compared(GOOD, result("PASS", VALUE), result("PASS"))
    assert comparison.behaviours() == {
        ("eol", "over_voltage"): 1,
        ("eol", "make_safe"): 1,
    }
    assert len(comparison.of_behaviour("eol", "over_voltage")) == 1
    assert comparison.of_behaviour("eol", "make_safe") == []


def test_failure_that_the_baseline_never_measured_is_told() -> None:
    """A firmware would fail more than its predecessor, which had stopped earlier."""
    new = found("trip_v", 59.4, 59.5, "FAIL")
    comparison = compared(BAD, result("FAIL"), result("FAIL", new))
    assert [item.kind for item in comparison.findings] == [Difference.CHANGED_OUTCOME]
    assert "not measured before" in comparison.findings[0].text
