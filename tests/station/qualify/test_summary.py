"""The Markdown page: the answer first, one row for each thing that changed."""

from __future__ import annotations

import pytest

from station.campaigns.job import Played
from station.qualify.compare import Comparison
from station.qualify.firmware_file import load_firmware
from station.qualify.summary import Question, one_line_answer, write_summary
from station.qualify_command import BASELINE
from tests.station.qualify.made import BAD, GOOD, compared, found, result

SHIPPED = load_firmware(BASELINE)
QUESTION = Question(SHIPPED, SHIPPED, "sample", "ab" * 32)
VALUE = found("trip_v", 58.89, 58.91)


@pytest.mark.parametrize(
    ("after", "answer", "line"),
    [
        (result("PASS", VALUE), "qualified", "nothing changed"),
        (result("FAIL", VALUE), "not qualified", "1 new false fail"),
        (None, "not known", "1 no verdict"),
    ],
)
def test_answer_stands_at_the_top(after: Played | None, answer: str, line: str) -> None:
    """A reader would take a table without findings for a PASS."""
    comparison = compared(GOOD, result("PASS", VALUE), after)
    page = write_summary(QUESTION, comparison)
    assert page.startswith(f"# Firmware baseline: {answer}\n")
    assert one_line_answer(comparison) == f"{answer}: 1 runs compared, {line}"


def test_nothing_compared_is_no_answer() -> None:
    """A plan of which all was left out would read as one without a change."""
    nothing = Comparison(left_out=[BAD])
    assert one_line_answer(nothing) == "not known: 0 runs compared, no verdict at all"
    assert "No run has a verdict." in write_summary(QUESTION, nothing)


def test_table_has_the_worst_of_each() -> None:
    """Fifty modules that changed alike would hide the other change."""
    first = compared(
        GOOD, result("PASS", VALUE), result("PASS", found("trip_v", 58.95, 58.97))
    )
    second = compared(
        BAD,
        result("FAIL", VALUE),
        result("PASS", found("trip_v", 59.0, 59.0), reason="a | b"),
    )
    first.runs += second.runs
    first.findings += second.findings
    page = write_summary(QUESTION, first)
    assert "| moved value | eol/over_voltage | trip_v | 2 | 58.9 before, 59 now V;" in (
        page
    )
    assert "| new escape | eol | eol/catalogue/trip_high/just_bad/2 | 1 |" in page
    assert "FAIL before, PASS now: a \\| b |" in page
    assert "| defects that escaped | 1 | 0 | 1 |" in page
    assert "of the model" in page


def test_firmware_against_itself_is_said() -> None:
    """Nobody would see that a firmware was compared with its own runs."""
    page = write_summary(QUESTION, compared(GOOD, result("PASS"), result("PASS")))
    assert "Both are the same firmware" in page
