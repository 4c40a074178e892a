"""Forced charge: one refusal at 8 A, one acceptance at 12 A begun at 85 s.

The fixture contactor is closed with the supply off before the press; when the module's
voltage appears, the supply connects in current priority (C09).
Requirements: FC-01 to FC-06.
"""

from __future__ import annotations

from instruments.bench import LIVE_V, Bench
from instruments.errors import PreconditionNotMet
from phases.climb import conducts, stopped
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import (
    CAN_AGE_S,
    DEAD_V,
    SHORT_PRESS_S,
    demand_can,
    press,
    read_bar,
    shut_down,
    wait_for_can,
)
from phases.plan import ForcedChargePlan, Plan

_METER = "terminal meter"
_PAST_S = 12.0
_CONNECT_S = 0.7
_ACCEPT_S = 15.0
_STABLE_V = 49.0
_STABLE_TIMEOUT_S = 1800.0
_FLASH_LOOKS = 25
_LOOK_S = 0.1


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Offer too little current, then enough, each within the window."""
    test = plan.forced_charge
    if abs(bench.sample().module_v) >= DEAD_V:
        raise PreconditionNotMet(
            "module", "terminals are live", "forced charge begins in Shutdown State"
        )
    if facts.may_be_locked_out and not _answers(bench):
        bench.hold(plan.lockout.wait_s, 30_000_000)
    pressed_s = _enter(bench, judge, first=True)
    if pressed_s is None:
        return
    _judge_refusal(bench, judge, test, pressed_s)
    again_s = _enter(bench, judge, first=False)
    accepted = again_s is not None and _judge_acceptance(bench, judge, test, again_s)
    if not accepted:
        accepted = _rescue(bench, test)
    if not accepted:
        return
    _judge_stable(bench, judge, test)
    bench.disconnect()


def _answers(bench: Bench) -> bool:
    """Press once to see whether RUN works, and let forced mode run out again.

    After four trips in a row the module may ignore RUN for 30 minutes (C16).
    """
    press(bench, SHORT_PRESS_S)
    if bench.wait_until(lambda s: s.module_v > LIVE_V, 6.0, 500_000) is None:
        return False
    shut_down(bench)
    return True


def _enter(bench: Bench, judge: Judge, first: bool) -> float | None:
    """Close the fixture contactor and press; return when it was pressed [s]."""
    bench.close_contactor()
    bench_v = bench.parts.scan_meter.measure(("bench_side_v",))["bench_side_v"]
    if first:
        judge.expect(
            "source_ready",
            abs(bench_v) < DEAD_V and not bench.parts.supply.read_output(),
            witness="bench side meter",
        )
    pressed_s = bench.now_s()
    bench.note("button pressed")
    press(bench, SHORT_PRESS_S)
    live = bench.wait_until(lambda s: s.module_v > LIVE_V, 6.0, 200_000)
    if first:
        judge.expect("entered", live is not None, witness=_METER)
        if live is not None:
            _judge_flash(bench, judge)
    if live is None:
        bench.disconnect()
        return None
    return pressed_s


def _judge_flash(bench: Bench, judge: Judge) -> None:
    """Judge that RUN flashes, and what both links say of the mode."""
    said = demand_can(bench) and bench.parts.can.state.read_bool(
        "force_charge", CAN_AGE_S
    )
    judge.expect("can_flag", said, witness=_METER)
    state = bench.parts.service.read("forced_charge_state")
    judge.expect(
        "register", state != 0.0, witness=_METER, note=f"register 74 = {state:g}"
    )
    seen = set()
    for _ in range(_FLASH_LOOKS):
        seen.add(read_bar(bench).button)
        bench.hold(_LOOK_S, 100_000)
    judge.expect("run_flash", {"green", "off"} <= seen, witness="LED reader")


def _judge_refusal(
    bench: Bench, judge: Judge, test: ForcedChargePlan, pressed_s: float
) -> None:
    """Offer 8 A until the module opens; judge the window and the dead terminals."""
    bench.charge(test.refused_a, test.voltage_limit_v)
    early = bench.wait_until(stopped, 3.0)
    offered_a = (early.after if early else bench.sample()).current_a
    judge.value(
        "current_refused_a",
        offered_a,
        uncertainty=bench.config.shunt_meter.uncertainty.of(offered_a),
        witness="shunt meter",
    )
    left_s = test.window_s + _PAST_S - (bench.now_s() - pressed_s)
    opened = early or bench.wait_until(stopped, left_s)
    bench.disconnect()
    if opened is None:
        judge.at_least("window_s", bench.now_s() - pressed_s, witness="shunt meter")
    else:
        judge.between(
            "window_s",
            opened.before.t_a_us / 1e6 - pressed_s,
            opened.after.t_a_us / 1e6 - pressed_s,
            uncertainty=0.05,
            witness="shunt meter",
        )
    dead = bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, 5.0, 500_000)
    judge.expect("refused", dead is not None, witness=_METER)
    if dead is None:
        press(bench, 5.2)


def _judge_acceptance(
    bench: Bench, judge: Judge, test: ForcedChargePlan, pressed_s: float
) -> bool:
    """Begin 12 A at 85 s; judge that the module stays closed past its window."""
    wait_s = test.accepted_at_s - _CONNECT_S - (bench.now_s() - pressed_s)
    lost = bench.wait_until(lambda s: s.module_v < LIVE_V, wait_s)
    if lost is not None:
        bench.disconnect()
        judge.expect(
            "accepted", False, witness=_METER, note="opened before the current began"
        )
        return False
    bench.charge(test.accepted_a, test.voltage_limit_v)
    began_s = bench.now_s() - pressed_s
    bench.hold(2.0)
    current_a = bench.sample().current_a
    judge.value(
        "current_accepted_a",
        current_a,
        uncertainty=bench.config.shunt_meter.uncertainty.of(current_a),
        witness="shunt meter",
        note=f"from {began_s:.2f} s after the press",
    )
    opened = bench.wait_until(stopped, _ACCEPT_S)
    judge.expect("accepted", opened is None, witness="shunt meter")
    if opened is not None:
        bench.disconnect()
    return opened is None


def _rescue(bench: Bench, test: ForcedChargePlan) -> bool:
    """Bring the module back with enough current at once, for the steps that follow."""
    bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, 100.0, 1_000_000)
    bench.close_contactor()
    press(bench, SHORT_PRESS_S)
    if bench.wait_until(lambda s: s.module_v > LIVE_V, 6.0, 200_000) is None:
        bench.disconnect()
        return False
    wait_for_can(bench)
    bench.charge(test.accepted_a, test.voltage_limit_v)
    opened = bench.wait_until(stopped, test.window_s + _PAST_S)
    if opened is not None:
        bench.disconnect()
    return opened is None


def _judge_stable(bench: Bench, judge: Judge, test: ForcedChargePlan) -> None:
    """Go on charging until the pack stands above its release level."""
    start_s = bench.now_s()
    found = bench.wait_until(
        lambda s: (
            not conducts(s)
            or (s.module_v >= _STABLE_V and s.t_v_us / 1e6 - start_s >= test.stable_s)
        ),
        _STABLE_TIMEOUT_S,
    )
    judge.expect(
        "stable",
        found is not None and conducts(found.after),
        witness=_METER,
        note=f"contactor closed at {bench.sample().module_v:.2f} V",
    )
