"""Software version and git state: always an answer, never an exception."""

from __future__ import annotations

from pathlib import Path

from station.version import read_git_state, read_version


def test_version_is_a_number() -> None:
    """The record would not say which software judged."""
    assert read_version()[0].isdigit()


def test_no_checkout_is_no_error(tmp_path: Path) -> None:
    """A station installed from a wheel could not run."""
    assert read_git_state(tmp_path) == {"describe": None, "dirty": None}


def test_broken_checkout_is_no_error(tmp_path: Path) -> None:
    """A damaged checkout would stop the factory."""
    (tmp_path / ".git").write_text("not a repository")
    assert read_git_state(tmp_path) == {"describe": None, "dirty": None}
