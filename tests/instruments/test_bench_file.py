"""The bench file: the shipped one is read, a wrong one is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.bench_file import load_bench_file
from instruments.errors import BenchFileError

SHIPPED = Path(__file__).parents[2] / "station" / "benches" / "simulated.toml"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """Copy the shipped file with one change."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "bench.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_shipped_file_is_read() -> None:
    """The bench that everybody starts with cannot be opened."""
    config = load_bench_file(SHIPPED)
    assert config.simulated
    assert config.supply.watchdog_s == 2
    assert len(config.resources()) == 7


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("watchdog_s = 2", "watchdgo_s = 2"),
        ("[switchbox]", "[switchbx]"),
        ('kind = "simulated"', 'kind = "pretend"'),
        ("shunt_ohm = 0.0005", 'shunt_ohm = "0.0005"'),
        ("[bench]", "[bench"),
        ("dead_man_s = 2.5", 'dead_man_s = "soon"'),
    ],
)
def test_wrong_file_is_refused_in_one_line(tmp_path: Path, old: str, new: str) -> None:
    """A misspelt key is ignored, or its refusal cannot be read."""
    with pytest.raises(BenchFileError) as caught:
        load_bench_file(changed(tmp_path, old, new))
    assert "\n" not in str(caught.value)
    assert "bench.toml" in str(caught.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A missing bench file ends in a traceback."""
    with pytest.raises(BenchFileError):
        load_bench_file(tmp_path / "nowhere.toml")
