"""From the files that a command line names to a rig: what is refused, and how."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from limits import LimitFileError
from station.__main__ import main
from station.wiring import DEFAULT_BENCH, RunFiles, StationRig, bare_argv
from tests.station.fakes import SERIAL


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Make a folder with files that cannot be used."""
    text = DEFAULT_BENCH.read_text(encoding="utf-8")
    (tmp_path / "key.toml").write_text("nonsense = 1\n" + text)
    (tmp_path / "broken.toml").write_text("[bench")
    (tmp_path / "real.toml").write_text(text.replace('"simulated"', '"real"'))
    return tmp_path


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("nonsense", "known are eol"),
        ("../../x", "known are eol"),
        ("identity --bench missing.toml", "missing.toml"),
        ("identity --bench key.toml", "nonsense"),
        ("identity --bench broken.toml", "broken.toml"),
        ("identity --limits missing.toml", "missing.toml"),
        ("identity --limits key.toml", "key.toml"),
        ("identity --defect missing.toml", "missing.toml"),
        ("identity --defect broken.toml", "broken.toml"),
        ("identity --state missing.toml", "missing.toml"),
        ("identity --state key.toml", "key.toml"),
        ("identity --bench real.toml --seed 1", "--seed"),
    ],
)
def test_unusable_file_is_refused_in_one_line(
    files: Path,
    line: str,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong file would be an error of the bench, or leave a record."""
    monkeypatch.chdir(files)
    store = files / "store"
    words = ["run", *line.split(), "--serial", SERIAL, "--store", str(store)]
    assert main(words) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert part in said
    assert not list(store.glob("runs/*"))


def test_making_a_rig_opens_nothing() -> None:
    """A refusal after that would leave the bench open."""
    rig = StationRig("eol", RunFiles(SERIAL, "A. Nother"))
    assert rig.in_process
    assert rig.limits.name == "eol.toml"
    inputs = rig.inputs()
    assert inputs["bench"]["name"] == "simulated.toml"
    assert (inputs["seed"], inputs["defects"], inputs["state"]) == (None, [], None)


def test_each_sequence_is_judged_by_its_own_limits(tmp_path: Path) -> None:
    """`qualification` would be judged by the limits of `eol`, or the reverse."""
    rig = StationRig("qualification", RunFiles(SERIAL, "A. Nother"))
    assert rig.limits.name == "qualification.toml"
    for sequence in ("eol", "over_voltage"):
        rig = StationRig(sequence, RunFiles(SERIAL, "A. Nother"))
        assert rig.limits.name == "eol.toml"
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'extends = "qualification.toml"\n[lockout]\nwait_s = { high = 1850 }\n'
    )
    files = RunFiles(SERIAL, "A. Nother", limits=mine)
    assert StationRig("qualification", files).limits.name == "mine.toml"
    with pytest.raises(LimitFileError, match="nothing measures it"):
        StationRig("eol", files)


def test_record_names_what_the_program_does_to_a_module() -> None:
    """Two runs with other stimuli or other registers would count as the same."""
    named = StationRig("eol", RunFiles(SERIAL, "A. Nother")).inputs()["program"]
    names = [file["name"] for file in named]
    assert names == sorted(names)
    assert {
        "phases/plan.toml",
        "phases/release_image.toml",
        "phases/stop_table.toml",
        "phases/sequences.toml",
        "instruments/wire/pylon_lv.dbc",
        "instruments/wire/pylon_lv.toml",
        "instruments/wire/weco_service.toml",
    } <= set(names)
    assert all(len(file["sha256"]) == 64 for file in named)


def test_arguments_are_hidden_and_come_back() -> None:
    """OpenHTF would read the station's options as its own."""
    before = sys.argv[:]
    with bare_argv():
        assert sys.argv == before[:1]
    assert sys.argv == before
