"""A reading that stands still under current is the station's error, never a PASS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.command_line import EXIT_ERROR, STATES, Station

CHARGING_S = 25.0
"""A bench second at which the over-current staircase is under way."""
FROZEN = """
id = "{role}_frozen"
title = "the instrument repeats its last reading"

[[fault]]
target = "{role}"
name = "frozen"
when = {when}
"""


@pytest.mark.parametrize("role", ["supply", "shunt_meter", "module_meter"])
def test_meter_that_stands_still_ends_the_run_as_error(
    station: Station, write_toml: Callable[[str, str], Path], role: str
) -> None:
    """A module passes or fails by a reading that was taken long before."""
    defect = write_toml("frozen.toml", FROZEN.format(role=role, when=CHARGING_S))
    state = STATES / "over_current.toml"
    finished = station.run(
        "over_current", "--defect", str(defect), "--state", str(state)
    )
    assert finished.code == EXIT_ERROR, finished.out
    assert finished.evidence["outcome"] == "ERROR"
