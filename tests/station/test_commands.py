"""`station run` and `station show` from parsed options to exit code, with fakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from instruments.errors import BenchFileError, NotConnected, ReplyTimeout
from phases.results import FAIL
from station.commands import RunOptions, run_command, show_command, store_folder
from station.errors import BadOption, BadSerial, NoSuchRun
from tests.station.fakes import SERIAL, FakeExecution, FakeRig, failing_phase

FAILED = FakeExecution(phases=[failing_phase()], executor_outcome=FAIL)


def options(tmp_path: Path, **changes: object) -> RunOptions:
    """Make the options of a run into a store under `tmp_path`."""
    given = {"sequence": "eol", "serial": SERIAL, "store": tmp_path / "store"}
    return RunOptions(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rig", "code"),
    [
        (FakeRig(), 0),
        (FakeRig(FAILED), 1),
        (FakeRig(FakeExecution(error=ReplyTimeout("supply", "silent", "check it"))), 3),
        (FakeRig(opening=NotConnected("supply", "silent", "check it")), 3),
        (FakeRig(FakeExecution(stop="SIGINT")), 4),
    ],
)
def test_exit_code(tmp_path: Path, rig: FakeRig, code: int) -> None:
    """A script could not tell one verdict from the other."""
    assert run_command(options(tmp_path), lambda _: rig) == code


def test_pass_is_shown_with_its_grade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A simulated PASS could be taken for a production PASS."""
    run_command(options(tmp_path), lambda _: FakeRig())
    said = capsys.readouterr()
    assert f"PASS (simulated)  {SERIAL}" in said.out
    assert str(tmp_path / "store") in said.out
    assert said.err == ""


def test_failed_measurement_is_shown_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The technician would have to open the database."""
    run_command(options(tmp_path), lambda _: FakeRig(FAILED))
    out = capsys.readouterr().out
    for part in ("over_voltage_trip_v", "59.4", "58.7 .. 59.1 V", "manual L1129"):
        assert part in out


def test_error_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error would be a traceback, or nothing."""
    rig = FakeRig(RuntimeError("first line\nsecond \x1b[31mline"))
    assert run_command(options(tmp_path), lambda _: rig) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert "first line second" in line


@pytest.mark.parametrize(
    "name", ["kept.json", "store/records.sqlite", "store/new.json", "store", "link"]
)
def test_copy_never_lands_on_what_is_there(tmp_path: Path, name: str) -> None:
    """`--record` would overwrite the store, an older record or any other file."""
    (tmp_path / "kept.json").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "store").mkdir()
    before = sorted(tmp_path.rglob("*"))
    given = options(tmp_path, record=tmp_path / name)
    with pytest.raises(BadOption):
        run_command(given, lambda _: FakeRig())
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "kept.json").read_text() == "kept"


def test_copy_of_the_record(tmp_path: Path) -> None:
    """`--record` would write something else than what is stored."""
    target = tmp_path / "r.json"
    assert run_command(options(tmp_path, record=target), lambda _: FakeRig()) == 0
    record = json.loads(target.read_text())
    assert record["outcome"] == "PASS"
    assert record["limits"] == {"name": "eol.toml", "sha256": "ab" * 32}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"serial": "../x"}, BadSerial),
        ({"operator": "a\nb"}, BadOption),
        ({"operator": ""}, BadOption),
        ({"operator": "x" * 81}, BadOption),
        ({"record": Path("/no/such/folder/r.json")}, BadOption),
        ({"record": Path("/")}, BadOption),
    ],
)
def test_refusal_leaves_nothing(
    tmp_path: Path, change: dict[str, object], error: type[Exception]
) -> None:
    """Something would be written, or opened, before the options were checked."""
    with pytest.raises(error):
        run_command(options(tmp_path, **change), lambda _: FakeRig())
    assert list(tmp_path.iterdir()) == []


def test_file_refused_while_opening_leaves_no_record(tmp_path: Path) -> None:
    """A wrong defect file would count as a test of this serial number."""
    rig = FakeRig(opening=BenchFileError("d.toml", "change", "unknown"))
    with pytest.raises(BenchFileError):
        run_command(options(tmp_path), lambda _: rig)
    with pytest.raises(NoSuchRun):
        show_command(SERIAL, tmp_path / "store")


def test_show_prints_the_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stored record could not be read without a program of one's own."""
    run_command(options(tmp_path), lambda _: FakeRig(FAILED))
    run_command(options(tmp_path), lambda _: FakeRig())
    capsys.readouterr()
    assert show_command(SERIAL, tmp_path / "store") == 0
    out = capsys.readouterr().out
    assert out.count("  eol  ") == 2
    assert "PASS (simulated)" in out
    first = next(line for line in out.splitlines() if "FAIL" in line).split()[1]
    show_command(first[:8], tmp_path / "store")
    assert "outside its limit" in capsys.readouterr().out


def test_store_is_chosen_by_option_variable_or_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records would end up where nobody looks for them."""
    monkeypatch.setenv("STATION_STORE", str(tmp_path / "named"))
    assert store_folder(tmp_path / "option") == tmp_path / "option"
    assert store_folder(None) == tmp_path / "named"
    monkeypatch.delenv("STATION_STORE")
    assert store_folder(None).name == "weco-test-station"
