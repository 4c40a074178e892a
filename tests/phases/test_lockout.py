"""Lock-out: rows of trips and the wait in brackets (see failures/lockout.toml)."""

from __future__ import annotations

from phases.behaviours import BEHAVIOURS
from phases.facts import RunFacts
from phases.plan import load_plan
from phases.results import FAIL, PASS
from phases.step import run_step
from tests.phases import rig

PLAN = load_plan()


def test_probes_lie_on_both_sides_of_each_limit() -> None:
    """A wait outside its limits would be bracketed by presses inside them."""
    limit = rig.limits()["lockout_wait_s"]
    assert limit.low is not None
    assert limit.high is not None
    probes_s = PLAN.lockout.probes_s
    assert limit.low < min(p for p in probes_s if p > limit.low) < 1800.0 - 30.0
    assert 1800.0 < max(p for p in probes_s if p < limit.high) < limit.high
    assert probes_s[-1] > limit.high + 0.2 * (limit.high - limit.low) / 2


def test_pauses_lie_within_the_limits_of_what_clears_the_count() -> None:
    """A healthy module would be tried where both answers are allowed."""
    limit = rig.limits()["lockout_clear_s"]
    assert limit.low is not None
    assert limit.high is not None
    assert limit.low < PLAN.lockout.kept_s < PLAN.lockout.cleared_s < limit.high


def test_earlier_trips_are_waited_out() -> None:
    """Trips of another run would be counted as this one's."""
    facts = RunFacts(rig.SERIAL, earlier_trips=3)
    with rig.opened({"soc_pct": 50.0, "trips": 3, "module": "running"}) as bench:
        state = rig.new_state(bench, facts)
        found = run_step(state, BEHAVIOURS["lockout"])
    assert {m.outcome for m in found.measurements} == {PASS}


def test_trips_of_an_unknown_past_are_found() -> None:
    """A module whose count was not zero would pass as if it were."""
    with rig.opened({"soc_pct": 50.0, "trips": 2, "module": "running"}) as bench:
        state = rig.new_state(bench)
        found = run_step(state, BEHAVIOURS["lockout"])
    outcomes = {m.name: m.outcome for m in found.measurements}
    assert outcomes["lockout_trips"] == FAIL
