"""Over-current, each way: hold 110 A less the guard, then climb until it opens.

One staircase gives level and delay. The current is imposed by supply or load and
witnessed by the shunt. Requirements: EL-05 to EL-08, AL-01, PT-05, LD-13, BT-07.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench import FINE_US, Bench, Edge
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running
from phases.plan import OverCurrentPlan, Plan
from phases.release_image import load_release_image
from phases.staircase import Climb, climb, conducts, levels
from phases.trip import judge_no_opening, judge_opening, recover

_SHUNT = "shunt meter"


def run_charge(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Exercise the over-current protection while charging."""
    test = plan.over_current
    ensure_running(bench)
    count = bench.parts.service.read("charge_over_current_count")
    _judge_register(bench, judge, 60)
    bench.charge(test.hold_a, test.charge_voltage_v)
    _hold(bench, judge, test)
    found = climb(
        bench,
        levels(test.start_a, test.stop_a, test.step_a),
        bench.set_charge_current_a,
        test.dwell_s,
        period_us=FINE_US,
        back_off=_back_off(bench, bench.set_charge_current_a, test),
    )
    _judge_climb(bench, judge, found, "charge_over_current")
    _finish(bench, judge, plan, facts, found, "charge_over_current_count", count)


def run_discharge(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Exercise the over-current protection while discharging."""
    test = plan.over_current
    ensure_running(bench)
    count = bench.parts.service.read("discharge_over_current_count")
    _judge_register(bench, judge, 59)
    bench.discharge(test.hold_a)
    _hold(bench, judge, test)
    found = climb(
        bench,
        levels(test.start_a, test.stop_a, test.step_a),
        bench.discharge,
        test.dwell_s,
        period_us=FINE_US,
        back_off=_back_off(bench, bench.discharge, test),
    )
    _judge_climb(bench, judge, found, "discharge_over_current")
    _finish(bench, judge, plan, facts, found, "discharge_over_current_count", count)


def _judge_register(bench: Bench, judge: Judge, address: int) -> None:
    words = bench.parts.service.read_words(address, 1)
    judge.expect(
        "register",
        load_release_image().matches(address, words),
        witness="self_reported",
        note=f"register {address} = {words[0]}",
    )


def _hold(bench: Bench, judge: Judge, test: OverCurrentPlan) -> None:
    """Hold a current that must not trip; judge for how long it was carried."""
    start = bench.sample()
    opened = bench.wait_until(lambda s: not conducts(s), test.hold_s)
    last = opened.before if opened else bench.sample()
    judge.value(
        "hold_110_s",
        (last.t_a_us - start.t_a_us) / 1e6,
        witness=_SHUNT,
        note=f"at {start.current_a:.2f} A",
    )


def _back_off(
    bench: Bench,
    set_current_a: Callable[[float], tuple[int, int]],
    test: OverCurrentPlan,
) -> Callable[[], Edge | None]:
    """Make a function that goes back to the current which must not trip."""

    def back_off() -> Edge | None:
        set_current_a(test.hold_a)
        return bench.wait_until(lambda s: not conducts(s), test.back_off_s, FINE_US)

    return back_off


def _judge_climb(bench: Bench, judge: Judge, found: Climb, flag: str) -> None:
    amps = bench.config.shunt_meter.uncertainty
    last_a = abs(found.last.current_a)
    if found.opened is None:
        judge.at_least("trip_a", last_a, uncertainty=amps.of(last_a), witness=_SHUNT)
        judge_no_opening(bench, judge)
        return
    before_a = abs(found.before.current_a) if found.before else last_a - 1.5
    judge.between(
        "trip_a",
        min(before_a, last_a),
        last_a,
        value=last_a,
        uncertainty=amps.of(last_a),
        witness=_SHUNT,
    )
    judge.between("delay_s", *found.delay_s(), witness=_SHUNT)
    judge_opening(bench, judge, found.opened, flag)


def _finish(
    bench: Bench,
    judge: Judge,
    plan: Plan,
    facts: RunFacts,
    found: Climb,
    counter: str,
    count: float,
) -> None:
    if found.opened is None:
        return
    facts.trips += 1
    judge.expect(
        "counter",
        round(bench.parts.service.read(counter) - count),
        witness="self_reported",
    )
    recover(bench, judge, plan, facts)
