"""A link that repeats itself while the meters move is dead: the module fails."""

from __future__ import annotations

import pytest

from phases.behaviours import BEHAVIOURS
from phases.results import FAIL
from phases.step import run_step
from tests.phases import rig

STATE = {"soc_pct": 50.0, "module": "running"}


def defect(target: str, name: str) -> str:
    """Write a defect file with one fault."""
    return (
        f'id = "{name}"\ntitle = "{name}"\n'
        f'[[fault]]\ntarget = "{target}"\nname = "{name}"\n'
    )


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("module.can", "frozen"),
        ("module.can", "frozen_356"),
        ("module.service", "frozen"),
    ],
)
def test_a_link_that_stands_still_fails(target: str, name: str) -> None:
    """A module whose link repeats old values ends as the station's error."""
    with rig.opened(STATE, defect(target, name)) as bench:
        state = rig.new_state(bench)
        result = run_step(state, BEHAVIOURS["agreement"])
        failed = [m.name for m in result.measurements if m.outcome == FAIL]
        assert failed == ["links_follow"]
        assert state.stopped_by == "links_follow"
        assert abs(bench.sample().current_a) < 0.5
