"""A station that cannot end its own energy tests no module."""

from __future__ import annotations

import pytest

from instruments.errors import NotProtected
from phases.behaviours import BEHAVIOURS
from phases.step import run_step
from tests.instruments.test_bench import fault
from tests.phases import rig


@pytest.mark.parametrize(
    ("target", "name", "who"),
    [
        ("fixture", "dead_man_stuck", "dead-man relay"),
        ("supply", "watchdog_dead", "supply"),
    ],
)
def test_safety_chain_that_does_not_act_is_an_error(
    target: str, name: str, who: str
) -> None:
    """A dead-man or watchdog that never acts is found too late."""
    with rig.opened({"soc_pct": 50.0}, fault(target, name)) as bench:
        run = rig.new_state(bench)
        with pytest.raises(NotProtected, match=f"{who}.*falls silent"):
            run_step(run, BEHAVIOURS["dead_terminals"])
        assert not run.failed
