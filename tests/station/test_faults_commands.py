"""`station faults`: its options, its table, and the command that replays a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.__main__ import main
from station.errors import EXIT_REFUSED


def test_kinds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody could choose a kind for --kinds."""
    assert main(["faults", "kinds"]) == 0
    out = capsys.readouterr().out
    assert "stop_signal" in out
    assert "short_reply\tonce, on\t" in out
    assert "\nonce: at one call" in out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--points", "none"], "points none: write all"),
        (["--points", "0"], "points 0: write all"),
        (["--kinds", "tiemout"], "kind tiemout: not known"),
        (["--sequence", "eoll"], "sequence eoll: not known"),
        (["--resume", "/"], "--resume"),
    ],
)
def test_wrong_option_is_refused(
    options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A campaign of nothing would end without a violation."""
    given = ["faults", "run", "over_current", "--points", "1", "--jobs", "0"]
    assert main([*given, *options]) == EXIT_REFUSED
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    "case",
    [
        "over_current",
        "over_current:nominal:hang:once:12",
        "over_current:nominal:hangs:on:12",
        "eoll:nominal:hang:on:12",
    ],
)
def test_wrong_case_is_refused(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt case would be replayed as another, or end in a traceback."""
    assert main(["faults", "replay", case]) == EXIT_REFUSED
    assert capsys.readouterr().err.startswith("station: ")


def test_case_past_the_end_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty story would read as a fault that was overcome."""
    case = "over_current:nominal:hang:on:999999999"
    assert main(["faults", "replay", case]) == EXIT_REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert "the run makes only " in said.err
    assert said.err.count("\n") == 1


def test_campaign_and_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The printed command would not lead back to the case."""
    kept = tmp_path / "kept"
    given = ["faults", "run", "over_current", "--kinds", "link_lost", "--points", "1"]
    assert main([*given, "--jobs", "0", "--resume", str(kept)]) == 0
    out = capsys.readouterr().out
    assert "over_current\t" in out
    assert "(a) bench dead in time: 0 violations in 1 cases" in out
    name = kept.read_text().split('"name":"')[1].split('"')[0]
    assert main(["faults", "replay", name]) == 0
    story = capsys.readouterr().out
    assert story.startswith(name)
    assert "the fault acts for the first time" in story
    assert "make_safe begins" in story
