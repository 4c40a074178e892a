"""`station bench serve` as a process: its one line, its commands, its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.__main__ import main
from station.errors import EXIT_REFUSED, Unsure
from station.kills.bench_process import SERVED_BENCH, BenchProcess


def test_unknown_command_is_refused_in_one_line_and_the_bench_goes_on(
    tmp_path: Path,
) -> None:
    """A typing error in a test would cut nothing, and the test would pass."""
    with BenchProcess(tmp_path, 1.0) as bench:
        bench.command("pull supply")
        bench.command("cut supply")
    lines = (tmp_path / "bench.txt").read_text(encoding="utf-8").splitlines()
    assert " listens on loopback at 1 bench s a second: supply " in lines[0]
    assert "'pull supply' is no command" in lines[1]
    assert lines[2:] == ["cut supply"]


def test_port_that_is_taken_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two benches would answer in turns."""
    with BenchProcess(tmp_path, 1.0) as bench:
        assert main(["bench", "serve", str(bench.file)]) == EXIT_REFUSED
    assert "cannot listen" in capsys.readouterr().err


def test_truth_log_that_cannot_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kill test would have nothing to judge."""
    truth = tmp_path / "missing" / "truth.csv"
    arguments = ["bench", "serve", str(SERVED_BENCH), "--truth", str(truth)]
    assert main(arguments) == EXIT_REFUSED
    assert "cannot be written" in capsys.readouterr().err


def test_bench_that_does_not_start_says_why(tmp_path: Path) -> None:
    """A kill test would wait for a bench that is not there."""
    options = ("--state", str(tmp_path / "missing.toml"))
    with (
        pytest.raises(Unsure, match=r"missing\.toml"),
        BenchProcess(tmp_path, 1.0, *options),
    ):
        pass
