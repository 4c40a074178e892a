"""Completeness: a run is never judged by half of the limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from limits import DEFAULT_FILE, LimitFileError, load_limits
from limits.complete import check_complete
from limits.load import shipped_file


def test_shipped_limits_are_complete() -> None:
    """The default limits would be refused."""
    check_complete(load_limits())


def test_overlay_is_complete(tmp_path: Path) -> None:
    """A file that says only what differs would be refused."""
    file = tmp_path / "mine.toml"
    file.write_text('extends = "eol.toml"\n[capacity]\nah = { low = 87 }\n')
    check_complete(load_limits(file))


def test_file_that_forgot_to_extend_is_refused(tmp_path: Path) -> None:
    """A run would pass that judged one limit."""
    file = tmp_path / "mine.toml"
    text = 'low = 87, unit = "Ah", source = "a", status = "derived"'
    file.write_text(f"[capacity]\nah = {{ {text} }}\n")
    with pytest.raises(LimitFileError, match=r"^mine\.toml: .*missing; write extends"):
        check_complete(load_limits(file))


def test_limit_that_nothing_measures_is_refused(tmp_path: Path) -> None:
    """A misspelt limit in a full copy would judge nothing."""
    base = DEFAULT_FILE.with_name("hesu_4k4_pro.toml")
    file = tmp_path / "mine.toml"
    file.write_text(
        base.read_text() + '\n[shiping]\nsoc_pct = { low = 45.0, unit = "%"'
        ', source = "a", status = "derived" }\n'
    )
    with pytest.raises(LimitFileError, match=r"shiping\.soc_pct: nothing measures it"):
        check_complete(load_limits(file))


def test_each_sequence_is_checked_against_its_own_file() -> None:
    """A sequence would ask for another's limits, or for less than its own."""
    whole = load_limits(shipped_file("qualification"))
    check_complete(whole, "qualification")
    check_complete(load_limits(shipped_file("over_voltage")), "over_voltage")
    with pytest.raises(LimitFileError, match=r'missing; .*"qualification\.toml"'):
        check_complete(load_limits(), "qualification")
    with pytest.raises(LimitFileError, match="nothing measures it"):
        check_complete(whole, "eol")
