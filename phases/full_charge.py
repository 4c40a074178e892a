"""Full charge: at the CAN limit to 54.5 V, constant voltage down to 10 A, then rest.

54.5 V is 98 % at the standard current of 65 A, so the CAN limit's 86 A gives way to it
when 54.5 V is met for the first time. Below 54.2 V the current follows the limit said
on CAN; above, the module tapers its limit while the station holds 54.5 V.
"10 A from 90 to 100 %" (EL-14) is read as the tail at which charging ends (C31); the
record says so. The first 20 Ah are charged at 43 A and serve the efficiency window.
Requirements: EL-07, EL-13, EL-14, EL-19, EL-25.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.trace import Sample
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import (
    CAN_AGE_S,
    ensure_running,
    protections,
    read_charge_limit_a,
)
from phases.plan import FullChargePlan, Plan

_METER = "terminal meter"
_LEAD_V = 0.35
_TAPER_V = 0.3
_LEAST_A = 0.3
_SAID_S = 3.0
_SETTLED = 0.85
_BEFORE_TAIL = 1.2


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Charge the module full, judge what it says there, and let it relax."""
    test = plan.full_charge
    ensure_running(bench)
    limit_a = read_charge_limit_a(bench)
    judge.expect(
        "flags",
        ", ".join(sorted(protections(bench))) or "none",
        witness="self_reported",
        note="on CAN, running and after every trip so far",
    )
    bench.charge(min(limit_a, test.window_a), test.full_v + _LEAD_V)
    _charge_window(bench, test, facts)
    for current_a in (read_charge_limit_a(bench), test.standard_a):
        _reach_full_voltage(bench, test, current_a)
    bench.set_charge_voltage_v(test.full_v + 0.03)
    bench.wait_until(
        lambda s: s.current_a <= test.standard_a * _SETTLED, test.timeout_s
    )
    bench.hold(_SAID_S)
    _judge_soc(bench, judge, "anchor_98_soc_pct", "at 54.5 V, just below 65 A")
    _judge_before_tail(bench, judge, test)
    tail = bench.wait_until(lambda s: s.current_a <= test.tail_a, test.timeout_s)
    bench.hold(_SAID_S)
    facts.full = bench.tally()
    last = bench.sample()
    volts, amps = bench.config.module_meter, bench.config.shunt_meter
    judge.value(
        "cv_v",
        last.module_v,
        uncertainty=volts.uncertainty.of(last.module_v),
        witness=_METER,
    )
    if tail is None:
        judge.at_least("tail_a", last.current_a, witness="shunt meter")
    else:
        judge.value(
            "tail_a",
            tail.after.current_a,
            uncertainty=amps.uncertainty.of(tail.after.current_a),
            witness="shunt meter",
            note="10 A from 90 to 100 % read as the tail that ends the charge (C31)",
        )
    _judge_soc(bench, judge, "soc_pct", "at 54.5 V / 10 A")
    judge.value(
        "end_limit_a",
        bench.parts.can.state.read_number("charge_current_limit_a", CAN_AGE_S),
        witness="terminal meter and shunt meter",
        note="said at 54.5 V / 10 A",
    )
    bench.disconnect()
    bench.hold(test.rest_s, 10_000_000)
    rested_v = bench.sample().module_v
    judge.value(
        "relaxed_v",
        rested_v,
        uncertainty=volts.uncertainty.of(rested_v),
        witness=_METER,
        note=f"after {test.rest_s:g} s",
    )


def _charge_window(bench: Bench, test: FullChargePlan, facts: RunFacts) -> None:
    """Charge the efficiency window; leave it out when the module is too full."""
    start_ah = bench.tally().net_ah
    for goal_ah, keep in (
        (test.margin_ah, False),
        (test.margin_ah + test.window_ah, True),
    ):
        found = bench.wait_until(
            lambda s, goal=goal_ah: (  # type: ignore[misc]
                bench.tally().net_ah - start_ah >= goal or s.module_v >= test.full_v
            ),
            test.timeout_s,
        )
        if found is None or found.after.module_v >= test.full_v:
            facts.window_start = None
            return
        if keep and facts.window_start is not None:
            facts.window_charge = bench.tally().since(facts.window_start)
        else:
            facts.window_start = bench.tally()


def _reach_full_voltage(bench: Bench, test: FullChargePlan, current_a: float) -> None:
    """Charge until 54.5 V is met, never above the limit said on CAN on the way."""
    state = bench.parts.can.state
    set_a = min(current_a, state.read_number("charge_current_limit_a", CAN_AGE_S))
    bench.set_charge_current_a(set_a)

    def met(sample: Sample) -> bool:
        nonlocal set_a
        if sample.module_v >= test.full_v - _TAPER_V:
            return sample.module_v >= test.full_v
        limit_a = state.read_number("charge_current_limit_a", CAN_AGE_S)
        if limit_a < set_a - _LEAST_A:
            set_a = limit_a
            bench.set_charge_current_a(set_a)
        return False

    bench.wait_until(met, test.timeout_s)


def _judge_before_tail(bench: Bench, judge: Judge, test: FullChargePlan) -> None:
    """Judge limit and SOC said a little above the tail: no module is full yet."""
    bench.wait_until(
        lambda s: s.current_a <= _BEFORE_TAIL * test.tail_a, test.timeout_s
    )
    judge.value(
        "tail_limit_a",
        bench.parts.can.state.read_number("charge_current_limit_a", CAN_AGE_S),
        witness="self_reported",
        note="said on CAN at the end of the taper",
    )
    _judge_soc(bench, judge, "before_tail_soc_pct", "at 54.5 V, just above the tail")


def _judge_soc(bench: Bench, judge: Judge, key: str, where: str) -> None:
    soc_pct = bench.parts.can.state.read_number("soc_pct", CAN_AGE_S)
    judge.value(
        key,
        soc_pct,
        witness="terminal meter and shunt meter",
        note=f"said {where}",
    )
