"""The V/I trace: one line per sample and per event."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from instruments.trace import HEADER, CsvTrace, Sample


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, str]]:
    """Write a trace and read it back."""
    path = tmp_path / "vi.csv"
    trace = CsvTrace(path)
    trace.sample(Sample(1_000_000, 52.1234, 1_020_000, -43.0), None)
    trace.sample(Sample(2_000_000, 52.2, 2_020_000, 43.0), 52.31)
    trace.event(2_500_000, "supply off")
    trace.close()
    trace.close()
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def test_header_names_every_column() -> None:
    """A reader of the file has to guess what a column holds."""
    assert HEADER.strip().split(",") == [
        "t_s",
        "module_v",
        "t_current_s",
        "current_a",
        "bench_v",
        "event",
    ]


def test_sample_keeps_both_instants(rows: list[dict[str, str]]) -> None:
    """Voltage and current are written as if read at one instant."""
    first = rows[0]
    assert (float(first["t_s"]), float(first["t_current_s"])) == (1.0, 1.02)
    assert (float(first["module_v"]), float(first["current_a"])) == (52.1234, -43.0)


def test_bench_side_is_left_empty_when_it_was_not_read(
    rows: list[dict[str, str]],
) -> None:
    """A voltage that was not read is written as zero."""
    assert rows[0]["bench_v"] == ""
    assert float(rows[1]["bench_v"]) == 52.31


def test_event_stands_on_a_line_of_its_own(rows: list[dict[str, str]]) -> None:
    """A switch is lost, or reads as a sample."""
    assert rows[2]["event"] == "supply off"
    assert rows[2]["module_v"] == ""
    assert float(rows[2]["t_s"]) == 2.5
