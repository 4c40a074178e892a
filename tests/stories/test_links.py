"""A link of the module that dies while current flows is the module's failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.command_line import EXIT_FAIL, STATES, Station

CHARGING_S = 25.0
"""A bench second at which the over-current staircase is under way."""
MUTE = """
id = "{link}_mute"
title = "the module falls silent on this link"

[[fault]]
target = "module.{link}"
name = "mute"
when = {when}
"""


@pytest.mark.parametrize("link", ["can", "service"])
def test_link_that_dies_under_current_fails_the_module(
    station: Station, write_toml: Callable[[str, str], Path], link: str
) -> None:
    """A module that falls silent passes, or is taken for a fault of the station."""
    defect = write_toml("mute.toml", MUTE.format(link=link, when=CHARGING_S))
    state = STATES / "over_current.toml"
    finished = station.run(
        "over_current", "--defect", str(defect), "--state", str(state)
    )
    assert finished.code == EXIT_FAIL, finished.err
    assert finished.evidence["outcome"] == "FAIL"
    assert finished.failed()[0] == f"links_{link}_alive"
    assert finished.evidence["bench_dead"] is True
    assert station.last_current_s() < CHARGING_S + 10.0
