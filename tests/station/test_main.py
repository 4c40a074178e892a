"""The command line itself: exit codes and one line, whatever is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.__main__ import main
from station.bench_lock import lock_row
from station.results.store import Store

HEAVY = ("openhtf", "sqlalchemy", "typer", "rich", "pyvisa", "can", "cantools")


def test_version_imports_nothing_heavy() -> None:
    """`station --version` would keep people waiting."""
    program = (
        "import sys; from station.__main__ import main; code = main(['--version']);"
        f"print([name for name in {HEAVY} if name in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    version, heavy = done.stdout.splitlines()
    assert version.startswith("station 0.")
    assert heavy == "[]"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "run",
        "run eol",
        "run eol --serial",
        "run eol --serial ../x",
        "run eol --serial a;b",
        "run eol --serial WE-4K4P-26-47-0001 --seed -1",
        "run eol --serial WE-4K4P-26-47-0001 --seed x",
        "run eol --serial WE-4K4P-26-47-0001 --nonsense",
        "show nothing",
        "bench unlock nobench --operator X --reason Y",
        "bench unlock nobench --operator X",
    ],
)
def test_wrong_line_is_refused_in_one_line(
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A typing error would be a traceback, or would look like an error of the bench."""
    monkeypatch.setenv("STATION_STORE", str(tmp_path / "store"))
    assert main(line.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("serial", ["x" * 10_000, "\x1b[2J", "\n", "\udcff"])
def test_odd_serial_is_refused_in_one_line(
    serial: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters would reach the terminal, or ten thousand characters."""
    assert main(["run", "eol", "--serial", serial]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert len(line) < 200


@pytest.mark.parametrize("line", [["--help"], ["run", "--help"], ["bench", "--help"]])
def test_help_is_not_an_error(
    line: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A newcomer's first command would fail."""
    assert main(line) == 0
    assert "Usage: station" in capsys.readouterr().out


def test_bench_is_unlocked_by_name(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """A locked bench could never be used again."""
    store.add(lock_row("line1", "A. Nother", "not proved dead", "run1"))
    line = ["bench", "unlock", "line1", "--operator", "B. Other", "--reason", "checked"]
    assert main([*line, "--store", str(store.folder)]) == 0
    assert "unlocked by B. Other" in capsys.readouterr().out
    assert main([*line, "--store", str(store.folder)]) == 2
