"""`station qualify`: what it refuses, its exit codes, and the reports it writes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from station.__main__ import main
from station.errors import EXIT_ERROR, EXIT_FAIL, EXIT_PASS, EXIT_REFUSED
from station.qualify.compare import Comparison
from station.qualify_command import BASELINE, exit_code
from tests.station.qualify.made import BAD, GOOD, compared, result

PLAN = """
name = "small"
title = "One healthy module, the temperature alone"
seed = 1
[[healthy]]
sequence = "temperature"
count = 1
first_seed = 1
"""
ROW = """
id = "row"
title = "One wrong row of the derating table"
kind = "python"
[parameters]
module.bms.derating.charge_3.rate_c = 0.35
"""


@pytest.mark.parametrize(
    ("comparison", "code"),
    [
        (compared(GOOD, result("PASS"), result("PASS")), EXIT_PASS),
        (compared(BAD, result("FAIL"), result("PASS")), EXIT_FAIL),
        (compared(GOOD, result("PASS"), None), EXIT_ERROR),
        (compared(GOOD, result("ERROR"), result("ERROR")), EXIT_ERROR),
        (Comparison(left_out=[BAD]), EXIT_ERROR),
    ],
)
def test_exit_code_says_what_came_of_it(comparison: Comparison, code: int) -> None:
    """CI would release what was not qualified."""
    assert exit_code(comparison) == code


def test_what_is_found_counts_more_than_what_is_not_known() -> None:
    """A crashed worker would hide an escape."""
    found = compared(BAD, result("FAIL"), result("PASS"))
    found.findings += compared(GOOD, result("PASS"), None).findings
    assert exit_code(found) == EXIT_FAIL


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--firmware", "none.toml"], "none.toml"),
        (["--firmware", str(BASELINE), "--against", "none.toml"], "none.toml"),
        (["--firmware", str(BASELINE), "--plan", "tiny"], "plan tiny: not there"),
        (["--firmware", str(BASELINE), "--junit", "/no/a.xml"], "cannot be written"),
        (["--firmware", str(BASELINE), "--summary", "/"], "cannot be written"),
        (
            ["--firmware", str(BASELINE), "--workers", "1", "--scheduler", "tcp://a"],
            "the workers of --scheduler are its own",
        ),
        ([], "--firmware"),
    ],
)
def test_wrong_option_is_refused(
    options: list[str],
    why: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """An hour would be played before a report cannot be written."""
    store = ["--store", str(tmp_path / "store")]
    assert main(["qualify", *store, *options]) == EXIT_REFUSED
    err = capsys.readouterr().err
    assert why in err
    assert "Traceback" not in err


def test_wrong_row_fails_and_both_reports_say_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """CI would be red without a reason, or green."""
    plan, row = tmp_path / "plan.toml", tmp_path / "row.toml"
    plan.write_text(PLAN)
    row.write_text(ROW)
    junit, page = tmp_path / "junit.xml", tmp_path / "summary.md"
    options = ["--firmware", str(row), "--plan", str(plan), "--workers", "1"]
    options += ["--junit", str(junit), "--summary", str(page)]
    options += ["--store", str(tmp_path / "store")]
    assert main(["qualify", *options]) == EXIT_FAIL
    assert "row against baseline: not qualified: 1 runs compared, 1 new false fail" in (
        capsys.readouterr().out
    )
    root = ET.parse(junit).getroot()  # noqa: S314  our own
    assert root.get("failures") == "2"
    assert "temperature_charge_row3_up_a" in page.read_text()
