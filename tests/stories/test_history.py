"""What a module brings along: trips already counted, and a body too warm to judge."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.command_line import (
    EXIT_ERROR,
    EXIT_PASS,
    STATES,
    Station,
    is_one_line,
)
from tests.stories.conftest import WholeRun

# The other reading of manual section 11: normal running never clears the count (C16).
NEVER_CLEARED = """
id = "never_cleared"
title = "Nothing but a lock-out clears the count of trips"

[[change]]
target = "module.bms.lockout.cleared_after_s"
set = 0
"""
HALF_HOUR_S = 1800.0
WARM_C = 35.0
# The case loses 0.03 °C before it is measured, with a noise of 0.02 °C.
THERMOMETER_C = 0.3


def test_a_module_with_three_trips_counted_gets_its_half_hour(
    station: Station,
) -> None:
    """The fourth trip in a row locks a healthy module, and the station fails it."""
    finished = station.run(
        "over_current", "--state", str(STATES / "trips_counted.toml")
    )
    assert finished.code == EXIT_PASS, finished.out
    assert finished.evidence["bench_s"] > HALF_HOUR_S


@pytest.mark.xdist_group("whole_run")
def test_a_module_that_never_forgets_a_trip_gets_its_half_hour_too(
    station: Station, whole_run: WholeRun, write_toml: Callable[[str, str], Path]
) -> None:
    """The four trips of one run lock a module whose running does not clear them."""
    change = write_toml("never_cleared.toml", NEVER_CLEARED)
    finished = station.run("eol", "--defect", str(change))
    assert finished.code == EXIT_PASS, finished.out
    extra_s = finished.evidence["bench_s"] - whole_run.finished.evidence["bench_s"]
    assert extra_s > 0.8 * HALF_HOUR_S


@pytest.mark.parametrize("sequence", ["capacity", "eol"])
def test_a_module_too_warm_is_refused_before_anything_is_energised(
    station: Station, sequence: str
) -> None:
    """Capacity is judged at a temperature at which it means nothing (20-30 °C)."""
    finished = station.run(sequence, "--state", str(STATES / "too_warm.toml"))
    assert finished.code == EXIT_ERROR
    assert is_one_line(finished.err)
    said = re.search(r"case at (-?[0-9.]+) °C", finished.err)
    assert said is not None
    assert float(said[1]) == pytest.approx(WARM_C, abs=THERMOMETER_C)
    assert finished.evidence["outcome"] == "ERROR"
    assert station.energising_events() == []
