"""The sampled campaign of the test command, and one that is killed in the middle."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from instruments.clock import WallClock
from tests.stories.command_line import (
    EXIT_FAIL,
    EXIT_PASS,
    Finished,
    Station,
)

SLOW_S = 300
"""Some 40 s on two idle cores; other tests run beside it."""

LOOK_US = 50_000
TINY = """
name = "tiny"
title = "Healthy modules, one short behaviour"
seed = 1

[[healthy]]
sequence = "over_current"
count = 24
first_seed = 1
"""
UNFIT = TINY.replace('"over_current"', '"forced_charge"').replace("24", "2")


def command(station: Station, *arguments: str) -> list[str]:
    """Write a campaign's command line into this station's store."""
    start = [sys.executable, "-m", "station", "campaign", *arguments]
    return [*start, "--store", str(station.store)]


def stored(station: Station) -> list[tuple[str, str]]:
    """List key and evidence of the runs that are in the store."""
    file = station.store / "station.sqlite3"
    if not file.exists():
        return []
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        try:
            found = database.execute("SELECT key, evidence_sha256 FROM campaign_runs")
            rows: list[tuple[str, str]] = found.fetchall()
        except sqlite3.OperationalError:  # it is just being made
            rows = []
    database.close()
    return rows


def table(finished: Finished) -> dict[str, list[str]]:
    """Read the table of counts by kind of run."""
    rows = [line.split("\t") for line in finished.out.splitlines() if "\t" in line]
    return {row[0]: row[1:] for row in rows[1:]}


@pytest.mark.story
@pytest.mark.timeout(SLOW_S)
def test_sampled_campaign_has_no_escape_and_no_false_fail(station: Station) -> None:
    """A change of plan, limits or model would let bad modules through unseen."""
    line = command(station, "run", "sample", "--workers", "2")
    done = station.execute(line, longest_s=SLOW_S)
    assert done.code == EXIT_PASS, done.out + done.err
    counts = table(done)
    runs, _detected, escaped, passed, false_fails, errors = counts["all"]
    assert (escaped, false_fails, errors) == ("0", "0", "0")
    assert counts["catalogue"][1] == counts["catalogue"][0] > "0"
    assert int(runs) == len(stored(station)) > int(passed) > 0
    shown = station.execute(command(station, "show"))
    assert shown.code == EXIT_PASS
    assert table(shown) == counts
    assert table(station.execute(line)) == counts
    assert station.strays() == []


@pytest.mark.story
@pytest.mark.timeout(SLOW_S)
def test_killed_campaign_goes_on_where_it_was(station: Station, tmp_path: Path) -> None:
    """A crash in the night would cost all runs before it, or count some twice."""
    plan = tmp_path / "tiny.toml"
    plan.write_text(TINY, encoding="utf-8")
    line = command(station, "run", str(plan), "--workers", "1")
    process = subprocess.Popen(  # noqa: S603  our own command line
        line, cwd=station.folder, env=station.environment(), stderr=subprocess.DEVNULL
    )
    clock = WallClock()
    while len(before := stored(station)) < 3:
        assert process.poll() is None
        clock.wait_us(LOOK_US)
    process.kill()
    process.wait()
    done = station.execute(line)
    assert done.code == EXIT_PASS, done.err
    after = stored(station)
    assert len({key for key, _ in after}) == len(after) == 24
    assert after[: len(before)] == before


@pytest.mark.story
@pytest.mark.timeout(SLOW_S)
def test_false_fail_is_named_and_counts(station: Station, tmp_path: Path) -> None:
    """A campaign that fails good modules would end like one that does not."""
    plan = tmp_path / "unfit.toml"
    plan.write_text(UNFIT, encoding="utf-8")
    done = station.execute(command(station, "run", str(plan), "--workers", "1"))
    assert done.code == EXIT_FAIL
    assert "false failed: forced_charge/healthy/healthy/-/1: " in done.out
