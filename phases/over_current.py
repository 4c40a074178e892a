"""Over-current, each way: hold 110 A less the guard, then climb until it opens.

One staircase gives level and delay. The current is imposed by supply or load and
witnessed by the shunt. Requirements: EL-05 to EL-08, AL-01, PT-05, LD-13, BT-07.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench import FINE_US, Bench, Edge
from phases.climb import Climb, stopped
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running
from phases.plan import OverCurrentPlan, Plan
from phases.registers import judge_words
from phases.staircase import Staircase, climb, levels
from phases.trip import judge_no_opening, judge_opening, recover

_SHUNT = "shunt meter"


def run_charge(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Exercise the over-current protection while charging."""
    test = plan.over_current
    ensure_running(bench)
    counts = _read_counts(bench)
    judge_words(bench, judge, "register", 60)
    bench.charge(test.hold_a, test.charge_voltage_v)
    _hold(bench, judge, test)
    found = climb(bench, _stairs(bench, test, bench.set_charge_current_a))
    _judge_climb(bench, judge, found, "charge_over_current")
    if found.opened is not None:
        facts.trips += 1
        _judge_counts(judge, counts, _read_counts(bench))
        recover(bench, judge, plan, facts)


def run_discharge(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Exercise the over-current protection while discharging."""
    test = plan.over_current
    ensure_running(bench)
    counts = _read_counts(bench)[::-1]
    judge_words(bench, judge, "register", 59)
    bench.discharge(test.hold_a)
    _hold(bench, judge, test)
    found = climb(bench, _stairs(bench, test, bench.discharge))
    _judge_climb(bench, judge, found, "discharge_over_current")
    if found.opened is not None:
        facts.trips += 1
        _judge_counts(judge, counts, _read_counts(bench)[::-1])
        recover(bench, judge, plan, facts)


def _hold(bench: Bench, judge: Judge, test: OverCurrentPlan) -> None:
    """Hold a current that must not trip; judge for how long it was carried."""
    start = bench.sample()
    opened = bench.wait_until(stopped, test.hold_s)
    last = opened.before if opened else bench.sample()
    judge.value(
        "hold_110_s",
        (last.t_a_us - start.t_a_us) / 1e6,
        witness=_SHUNT,
        note=f"at {start.current_a:.2f} A",
    )


def _stairs(
    bench: Bench,
    test: OverCurrentPlan,
    set_current_a: Callable[[float], tuple[int, int]],
) -> Staircase:
    return Staircase(
        steps=levels(test.start_a, test.stop_a, test.step_a),
        set_level=set_current_a,
        dwell_s=test.dwell_s,
        period_us=FINE_US,
        back_off=_back_off(bench, set_current_a, test),
    )


def _back_off(
    bench: Bench,
    set_current_a: Callable[[float], tuple[int, int]],
    test: OverCurrentPlan,
) -> Callable[[float], Edge | None]:
    """Make a function that goes back to the current which must not trip."""

    def back_off(level: float) -> Edge | None:
        del level
        set_current_a(test.hold_a)
        return bench.wait_until(stopped, test.back_off_s, FINE_US)

    return back_off


def _judge_climb(bench: Bench, judge: Judge, found: Climb, flag: str) -> None:
    amps = bench.config.shunt_meter.uncertainty
    last_a = abs(found.last.current_a)
    if found.opened is None:
        judge.at_least("trip_a", last_a, uncertainty=amps.of(last_a), witness=_SHUNT)
        judge_no_opening(bench, judge)
        return
    before_a = abs(found.before.current_a) if found.before else last_a - 1.5
    # It may have opened before it could be sampled: then the level is the far edge.
    high_a = last_a if found.seen else max(last_a, found.level)
    judge.between(
        "trip_a",
        min(before_a, last_a),
        high_a,
        value=high_a,
        uncertainty=amps.of(high_a),
        witness=_SHUNT,
    )
    judge.between("delay_s", *found.delay_s(), witness=_SHUNT)
    judge_opening(bench, judge, found.opened, flag)


def _read_counts(bench: Bench) -> tuple[float, float]:
    """Read the counters of over-currents on charge and on discharge."""
    read = bench.parts.service.read_decisive
    return read("charge_over_current_count"), read("discharge_over_current_count")


def _judge_counts(
    judge: Judge, before: tuple[float, float], after: tuple[float, float]
) -> None:
    """Judge the counter of the direction that tripped, then that of the other one."""
    for key, was, now in zip(("counter", "other_counter"), before, after, strict=True):
        judge.expect(key, round(now - was), witness="self_reported")
