"""`station requirements`: all of them, with counts that a record proves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from limits import load_limits
from limits.requirements import load_requirements
from station.errors import EXIT_FAIL, EXIT_REFUSED
from station.requirements_command import requirements

RUN = CliRunner()
APP = typer.Typer()
APP.command()(requirements)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record in which every limit of the sequence was judged and passed."""
    measurements = [
        {"name": limit.name, "outcome": "PASS", "requirements": limit.requirements}
        for limit in load_limits().values()
    ]
    phases = [{"name": "all", "measurements": measurements}]
    file = tmp_path / "record.json"
    file.write_text(json.dumps({"outcome": "PASS", "phases": phases}))
    return file


def test_all_requirements_are_listed_with_counts(record: Path) -> None:
    """A requirement would be missing from the list, or counted twice."""
    result = RUN.invoke(APP, ["--record", str(record)])
    assert result.exit_code == 0
    table, counts = result.stdout.split("\n\n")
    ids = [line.split("\t")[0] for line in table.splitlines()[1:]]
    assert ids == list(load_requirements())
    numbers = dict(
        line.split(": ")
        for line in counts.splitlines()
        if not line.startswith("exception")
    )
    total = numbers.pop("total")
    assert int(total) == len(ids)
    assert int(total) == sum(int(number) for number in numbers.values())
    assert "exception EL-01: " in counts


def test_claim_without_a_measurement_is_exit_1(tmp_path: Path) -> None:
    """The plan would be believed where the record is silent."""
    file = tmp_path / "record.json"
    file.write_text('{"outcome": "PASS", "phases": []}')
    result = RUN.invoke(APP, ["--record", str(file)])
    assert result.exit_code == EXIT_FAIL
    assert "EL-09\tunproved\teol\t" in result.stdout


def test_record_of_a_failed_run_is_refused(tmp_path: Path) -> None:
    """A failed run would count as coverage."""
    file = tmp_path / "record.json"
    file.write_text('{"outcome": "FAIL", "phases": []}')
    result = RUN.invoke(APP, ["--record", str(file)])
    assert result.exit_code == EXIT_REFUSED
    assert result.stderr.startswith("station: record.json: outcome: is FAIL")


def test_keep_needs_a_record() -> None:
    """The committed coverage would be overwritten with itself."""
    result = RUN.invoke(APP, ["--keep"])
    assert result.exit_code == EXIT_REFUSED
    assert result.stderr == "station: --keep needs --record FILE\n"
