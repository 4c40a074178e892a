"""Files that users give: each wrong one costs one line, and nothing else."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from station.__main__ import main
from tests.hostile.corpus import NAME, Entry, check_refusal, load, write_file
from tests.station.fakes import SERIAL

LIMITS = load("limit_files")
DEFECTS = load("defect_files")
STATES = load("state_files")
BENCHES = load("bench_files")
SHIPPED_BENCH = Path(__file__).parents[2] / "station" / "benches" / "simulated.toml"


def run_with(option: str, path: Path, folder: Path) -> int:
    """Run the shortest sequence with a file that a user gives."""
    options = ["--serial", SERIAL, "--store", str(folder / "store")]
    return main(["run", "identity", *options, option, str(path)])


def check_nothing_ran(
    said: tuple[str, str], entry: Entry, folder: Path, path: Path
) -> None:
    """Check the one line, and that no run was begun and nothing was written."""
    out, err = said
    assert out == ""
    check_refusal(err, says=entry["says"])
    # What only the drivers know is said under the bench's name.
    assert path.name in err or entry["says"] == "driver"
    assert list(folder.glob("store/runs/*")) == []
    allowed = {folder / "store", path, folder / "station.sqlite3"}
    strays = [p for p in folder.iterdir() if p not in allowed]
    assert strays == []


@pytest.mark.parametrize("name", LIMITS)
def test_limit_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit file would crash the station, judge nothing, or read another file."""
    path = write_file(tmp_path, LIMITS[name])
    assert run_with("--limits", path, tmp_path) == 2
    said = capsys.readouterr()
    check_nothing_ran((said.out, said.err), LIMITS[name], tmp_path, path)


@pytest.mark.parametrize("name", [n for n in LIMITS if n != "only one limit"])
def test_limit_file_that_is_checked(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`station limits check` would say less than the run does."""
    path = write_file(tmp_path, LIMITS[name])
    assert main(["limits", "check", str(path)]) == 2
    said = capsys.readouterr()
    check_nothing_ran((said.out, said.err), LIMITS[name], tmp_path, path)


def defect_entry(entry: Entry) -> Entry:
    """Complete an entry that gives the lines of one change or fault only."""
    for kind in ("change", "fault"):
        if kind in entry:
            head = f'id = "x"\ntitle = "x"\n[[{kind}]]\n'
            return {**entry, "text": f"{head}{entry[kind]}\n"}
    return entry


@pytest.mark.parametrize("name", DEFECTS)
def test_defect_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect file would crash the simulated bench, or change nothing."""
    entry = defect_entry(DEFECTS[name])
    path = write_file(tmp_path, entry)
    assert main(["defects", "check", str(path)]) == 2
    said = capsys.readouterr()
    check_nothing_ran((said.out, said.err), entry, tmp_path, path)


@pytest.mark.parametrize("name", ["missing", "pipe", "device without end", "folder"])
@pytest.mark.parametrize("option", ["--defect", "--state"])
def test_file_is_looked_at_before_its_hash_is_taken(
    option: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The station would hash a device without end, for ever."""
    path = write_file(tmp_path, DEFECTS[name])
    assert run_with(option, path, tmp_path) == 2
    said = capsys.readouterr()
    check_nothing_ran((said.out, said.err), {"says": path.name}, tmp_path, path)


@pytest.mark.parametrize("name", STATES)
def test_state_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A state file would crash the simulated bench, or begin somewhere else."""
    path = write_file(tmp_path, STATES[name])
    assert run_with("--state", path, tmp_path) == 2
    said = capsys.readouterr()
    check_nothing_ran((said.out, said.err), STATES[name], tmp_path, path)


def bench_entry(entry: Entry) -> Entry:
    """Write the shipped bench file with an entry's replacement in it."""
    if "old" not in entry:
        return entry
    shipped = SHIPPED_BENCH.read_text(encoding="utf-8")
    assert entry["old"] in shipped, "the shipped bench file has changed"
    return {**entry, "text": shipped.replace(entry["old"], entry["new"], 1)}


@pytest.mark.parametrize("name", BENCHES)
def test_bench_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bench file would take a protection away, or send what nobody meant."""
    entry = bench_entry(BENCHES[name])
    path = write_file(tmp_path, entry)
    assert run_with("--bench", path, tmp_path) == 2
    said = capsys.readouterr()
    check_nothing_ran((said.out, said.err), entry, tmp_path, path)


NAMES = {
    "colour": "\x1b[31mx.toml",
    "line feed": "a\nb.toml",
    "right to left": "\u202elmot.x",
    "not text": os.fsdecode(b"\xff.toml"),
    "long": "x" * 200 + ".toml",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", ["--limits", "--bench", "--defect", "--state"])
def test_name_of_a_file_is_fit_to_print(
    option: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of a file would be a command to the terminal."""
    path = tmp_path / NAMES[name]
    path.write_text("x = 1\n")
    assert run_with(option, path, tmp_path) == 2
    check_refusal(capsys.readouterr().err)


@pytest.mark.parametrize("name", NAMES)
def test_good_file_with_an_odd_name_is_shown_escaped(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report would carry the name of a limit file to the terminal, raw."""
    path = tmp_path / NAMES[name]
    path.write_text('extends = "eol.toml"\n', encoding="utf-8")
    assert run_with("--limits", path, tmp_path) == 0
    out = capsys.readouterr().out
    assert all(c.isprintable() for c in out if c != "\n")


ODD_TEXT = "\\u001b]0;owned\\u0007\\u202e"
SHOWING = {
    "limits show": 'extends = "eol.toml"\ntitle = "x"\n[over_voltage.trip_v]\n'
    f'source = "{ODD_TEXT}"\nnote = "{ODD_TEXT}"\n',
    "limits check": f'extends = "eol.toml"\ntitle = "{ODD_TEXT}"\n',
}


@pytest.mark.parametrize("command", SHOWING)
def test_texts_of_a_file_are_shown_escaped(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit file that somebody sent would write on the screen of whoever looks."""
    path = tmp_path / NAME
    path.write_text(SHOWING[command], encoding="utf-8")
    assert main([*command.split(), str(path)]) == 0
    out = capsys.readouterr().out
    assert all(c.isprintable() for c in out if c not in "\n\t")


class Terminal(io.StringIO):
    """A stream that says that a person looks at it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_texts_of_a_file_are_no_commands_to_a_terminal(tmp_path: Path) -> None:
    """The table that is drawn for a person would pass on what a pipe does not get."""
    path = tmp_path / NAME
    path.write_text(SHOWING["limits show"].replace('"x"', f'"{ODD_TEXT}"'))
    terminal = Terminal()
    with redirect_stdout(terminal):
        assert main(["limits", "show", str(path), "--table", "over_voltage"]) == 0
    shown = terminal.getvalue()
    assert "owned" in shown
    for command in ("\x1b]", "\x07", "\u202e"):
        assert command not in shown


RECORDS: Mapping[str, bytes] = {
    "empty": b"",
    "no JSON": b"{",
    "not text": b"\xff",
    "a list": b"[]",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "digits": b'{"phases": ' + b"9" * 10_000 + b"}",
    "not passed": b'{"phases": [], "outcome": "\\u001b[2J"}',
    "phases of numbers": b'{"phases": [1], "outcome": "PASS"}',
    "names missing": b'{"phases": [{"measurements": [{"requirements": ["EL-09"]}]}],'
    b' "outcome": "PASS"}',
}


@pytest.mark.parametrize("name", RECORDS)
def test_record_that_is_read_back(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`station requirements --record` would crash on a file that is no record."""
    path = tmp_path / "record.json"
    path.write_bytes(RECORDS[name])
    assert main(["requirements", "--record", str(path)]) == 2
    check_refusal(capsys.readouterr().err, says="record.json")


@pytest.mark.parametrize("name", [n for n in RECORDS if n != "empty"])
def test_record_is_not_written_over(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--record` would crash on the file that it finds, or wipe it out."""
    path = tmp_path / "record.json"
    path.write_bytes(RECORDS[name])
    assert run_with("--record", path, tmp_path) == 2
    check_refusal(capsys.readouterr().err, says="record.json")
    assert path.read_bytes() == RECORDS[name]
