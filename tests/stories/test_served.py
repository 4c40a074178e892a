"""A whole run over sockets: the served bench, driven as a bench of real instruments."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.kills.bench_process import BenchProcess
from station.kills.truth import read_truth
from tests.stories.command_line import EXIT_PASS, Station, is_one_line

pytestmark = pytest.mark.xdist_group("served_run")
SPEED_FACTOR = 4.0


def test_sequence_passes_over_sockets_and_is_called_simulated(
    station: Station, tmp_path: Path
) -> None:
    """The configuration for real instruments does not drive a bench."""
    with BenchProcess(tmp_path, SPEED_FACTOR) as bench:
        finished = station.run("agreement", "--bench", str(bench.file))
    record = finished.evidence
    assert finished.code == EXIT_PASS, finished.out + finished.err
    assert (record["outcome"], record["grade"]) == ("PASS", "simulated")
    assert record["simulated"] is True
    assert record["station"] == "served"
    truth = read_truth(bench.truth)
    assert truth[-1].dead
    assert not truth[-1].module_closed
    assert max(line.current_a for line in truth) > 42.0
    assert min(line.current_a for line in truth) < -42.0
    assert station.strays() == []


def test_bench_that_is_not_there_costs_one_line(
    station: Station, tmp_path: Path
) -> None:
    """A server that was not started would end in a traceback, or in a long wait."""
    with BenchProcess(tmp_path, SPEED_FACTOR) as bench:
        pass
    finished = station.run("agreement", "--bench", str(bench.file))
    assert finished.evidence["outcome"] == "ERROR"
    assert is_one_line(finished.err)
