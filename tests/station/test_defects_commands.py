"""`station defects`: what can be changed, and what is refused, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.__main__ import main


def test_targets_have_unit_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    """A defect file could only be written with the source at hand."""
    assert main(["defects", "targets", "--part", "module.bms.over_voltage"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t")[:3] == ["target", "default", "unit"]
    trip = next(line for line in lines if "pack_trip_v\t" in line)
    assert trip.split("\t")[2] == "V"


def test_part_that_does_not_exist_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A misspelt part would look like a part without targets."""
    assert main(["defects", "targets", "--part", "nope"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("station: --part nope: ")


def test_faults_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody would know that a contactor can be welded."""
    assert main(["defects", "faults"]) == 0
    assert "welded" in capsys.readouterr().out


def test_unknown_target_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt target would leave the module healthy without a word."""
    file = tmp_path / "d.toml"
    file.write_text(
        'id = "x"\ntitle = "x"\n[[change]]\ntarget = "module.bms.nonsense"\nset = 1\n'
    )
    assert main(["defects", "check", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "d.toml" in line
    assert "module.bms.nonsense" in line
