"""Margins of the healthy population."""

from __future__ import annotations

from dataclasses import replace

import pytest

from limits.limit_set import LimitSet
from phases.results import READ_ONLY
from station.campaigns.report.margins import Margin, MarginCollector, cpk
from tests.station.campaigns.report.made_runs import job, limits, played


def collected(*values: float, name: str = "over_voltage_trip_v") -> Margin:
    """Collect healthy modules that differ in one value."""
    collector = MarginCollector({"eol": limits()})
    for seed, value in enumerate(values):
        collector.add(job(seed=seed), played(values={name: value}))
    (found,) = [item for item in collector.margins() if item.name == name]
    return found


def test_worst_margin_is_that_of_the_worst_module() -> None:
    """One module near its limit would vanish in the average."""
    found = collected(58.9, 58.9, 59.06)
    assert found.worst_margin == pytest.approx(0.04)
    assert found.worst_margin_pct == pytest.approx(20.0)
    assert collected(58.9, 58.9, 59.2).worst_margin < 0


def test_cpk_of_both_sides_takes_the_nearer_limit() -> None:
    """A population that leans to one side would look centred."""
    values = (58.8, 58.9, 59.0)  # mean 58.9, standard deviation 0.1
    assert collected(*values).cpk_ratio == pytest.approx(0.2 / 0.3)
    assert cpk(58.8, 59.5, values, values) == pytest.approx(0.1 / 0.3)


def test_cpk_of_one_side_asks_that_side_only() -> None:
    """A limit without a top would be judged against nothing."""
    found = collected(89.0, 90.0, 91.0, name="capacity_ah")
    assert found.cpk_ratio == pytest.approx(4.0 / 3.0)
    assert (found.low, found.high) == (86.0, None)


def test_uncertainty_makes_the_margin_smaller() -> None:
    """The margin would be taken from the middle, but the edge is judged."""
    lows, highs = (58.7, 58.8, 58.9), (58.9, 59.0, 59.1)
    assert cpk(None, 59.2, lows, highs) == pytest.approx(0.2 / 0.3)


def test_what_does_not_spread_has_no_cpk() -> None:
    """A division by zero would end the report."""
    assert collected(58.9, 58.9).cpk_ratio is None
    assert collected(58.9).cpk_ratio is None


def test_a_value_that_was_only_read_is_judged_on_one_side() -> None:
    """A threshold that was not exercised would seem to fail on healthy modules."""
    collector = MarginCollector({"eol": limits()})
    run = played(values={"over_voltage_trip_v": 58.5})
    read = [
        replace(item, outcome=READ_ONLY) if item.name == "over_voltage_trip_v" else item
        for item in run.found
    ]
    collector.add(job(), replace(run, found=read))
    found = {item.name: item for item in collector.margins()}["over_voltage_trip_v"]
    assert (found.low, found.high) == (None, 59.1)
    assert found.worst_margin == pytest.approx(0.6)


def test_a_failed_module_is_counted() -> None:
    """A false fail would not show beside its limit."""
    collector = MarginCollector({"eol": limits()})
    collector.add(job(), played(("over_voltage_flag", "capacity_ah")))
    collector.add(job(seed=2), played())
    found = {item.name: item.failed for item in collector.margins()}
    assert found["capacity_ah"] == 1
    (answer,) = collector.answers()
    assert (answer.name, answer.modules, answer.failed) == ("over_voltage_flag", 2, 1)


def test_only_healthy_modules_count() -> None:
    """A defect would widen the healthy population."""
    collector = MarginCollector({"eol": limits()})
    collector.add(job("a"), played())
    collector.add(job(), played(outcome="ERROR"))
    assert collector.margins() == []


def test_the_tightest_comes_first() -> None:
    """The reader would have to look for the worst among two hundred."""
    collector = MarginCollector({"eol": limits()})
    for seed, step_v in enumerate((-0.1, 0.0, 0.1)):
        values = {"over_voltage_trip_v": 58.9 + step_v, "capacity_ah": 90 + step_v}
        collector.add(job(seed=seed), played(values=values))
    names = [item.name for item in collector.margins()]
    assert names[0] == "over_voltage_trip_v"
    assert names[-1] == "start_up_green_s"  # does not spread


def test_a_limit_set_of_the_sequence_is_needed() -> None:
    """A run would be set against another sequence's limits."""
    nothing: dict[str, LimitSet] = {}
    with pytest.raises(KeyError):
        MarginCollector(nothing).add(job(), played())
