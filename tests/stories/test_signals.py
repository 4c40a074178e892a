"""Signals end a run in order: made safe, ABORTED, exit code 4, also when repeated."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.stories.command_line import (
    EXIT_ABORTED,
    LONGEST_S,
    STATES,
    Finished,
    Station,
    is_one_line,
)

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def stop_after_start_up(station: Station, name: str, times: int) -> Finished:
    """Start a long run, wait for the line of its start-up, and send a signal."""
    process = station.start("capacity", "--state", str(STATES / "capacity.toml"))
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.split()[1:2] == ["start_up"]:
            break
    for _ in range(times):
        process.send_signal(getattr(signal, name))
    return finish(station, process, "".join(lines))


def finish(station: Station, process: subprocess.Popen[str], head: str) -> Finished:
    """Wait for the end of a process and gather what it left."""
    out, err = process.communicate(timeout=LONGEST_S)
    return station.gather(process.returncode, head + out, err)


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("name", NAMES)
def test_a_signal_ends_the_run_in_order(
    station: Station, name: str, times: int
) -> None:
    """A signal kills the station and leaves a live module behind."""
    finished = stop_after_start_up(station, name, times)
    record = finished.evidence
    assert finished.code == EXIT_ABORTED, finished.err
    assert record["outcome"] == "ABORTED"
    assert name in record["reason"]
    assert record["bench_dead"] is True
    assert record["module_live"] is False
    assert record["phases"][-1]["name"] == "make_safe"
    assert is_one_line(finished.err)
