"""Bench time of each step against what it catches."""

from __future__ import annotations

import pytest

from station.campaigns.report.cost import Cost, CostCollector
from station.campaigns.report.seen import Seen
from tests.station.campaigns.report.made_runs import STEPS, job, played, seen


def costs(*runs: Seen) -> dict[str, Cost]:
    """Collect three healthy modules and set them against bad runs."""
    collector = CostCollector()
    for seed in range(3):
        collector.add(job(seed=seed), played())
    return {cost.step: cost for cost in collector.costs(runs, {"eol": STEPS})}


def test_a_step_has_the_time_of_a_healthy_module() -> None:
    """A step would seem to cost nothing."""
    found = costs()["over_voltage"]
    assert found.bench_s == 600.0
    assert found.share_pct == pytest.approx(100 * 600 / 7610)


def test_a_catch_of_its_own_is_told_from_a_shared_one() -> None:
    """A step that only repeats another would seem worth its time."""
    found = costs(
        seen("a", "over_voltage_trip_v", "capacity_ah"), seen("b", "capacity_ah")
    )
    assert (found["capacity"].caught, found["capacity"].only) == (2, 1)
    assert (found["over_voltage"].caught, found["over_voltage"].only) == (1, 0)
    assert (found["start_up"].caught, found["start_up"].only) == (0, 0)


def test_a_step_that_stopped_the_run_is_not_credited_alone() -> None:
    """A step would seem indispensable because nothing after it was asked."""
    found = costs(seen("a", "over_voltage_trip_v", stop_after="over_voltage"))
    step = found["over_voltage"]
    assert (step.caught, step.only, step.stopped) == (1, 0, 1)


def test_runs_that_did_not_pass_have_no_usual_time() -> None:
    """A run that stopped early would make the steps look cheap."""
    collector = CostCollector()
    collector.add(job(), played(("start_up_green_s",), stop_after="start_up"))
    (first, *_) = collector.costs([], {"eol": STEPS})
    assert first.bench_s == 0.0
