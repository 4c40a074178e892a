"""What every protection owes after its contactor opened.

Contactor really open by meter and current, the flag on CAN and its delay, the LED page,
and recovery by a 5 s press and a 1 s press. The first act is to take the sources away:
within 10 s of every trip the fixture contactor is open (test-plan.md, Trips).
"""

from __future__ import annotations

from instruments.bench import FINE_US, LIVE_V, Bench, Edge
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import (
    DEAD_V,
    protections,
    read_fault_page,
    shut_down,
    start,
)
from phases.plan import Plan

METER = "terminal meter and shunt"
_FLAG_S = 5.0
_FRAME_S = 1.0


def judge_opening(
    bench: Bench, judge: Judge, opened: Edge, flag: str, prefix: str = ""
) -> None:
    """Judge contactor, residual current, flag and LED page after an opening.

    Args:
        opened: the samples between which the current stopped.
        flag: the protection's name on CAN.
        prefix: put before the measurement keys, for instance ``charge_hot_``.
    """
    early = _is_early(bench, flag, opened)
    flag_us = _wait_for_flag(bench, flag)
    residual_a = bench.sample().current_a
    bench.disconnect()
    judge.value(
        f"{prefix}residual_a",
        residual_a,
        uncertainty=bench.config.shunt_meter.uncertainty.of(residual_a),
        witness="shunt meter",
    )
    bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, 5.0, 500_000)
    last = bench.sample()
    judge.expect(
        f"{prefix}contactor_open",
        abs(last.module_v) < DEAD_V and abs(residual_a) < 0.5,
        witness=METER,
        note=f"{last.module_v:.3f} V behind the open fixture contactor",
    )
    if early:
        judge.expect(f"{prefix}flag", False, note=f"{flag} was set before the opening")
    else:
        _judge_flag(judge, opened, flag_us, flag, prefix)
    judge.expect(f"{prefix}led_page", read_fault_page(bench), witness="LED reader")


def judge_no_opening(bench: Bench, judge: Judge, prefix: str = "") -> None:
    """Record that a trip did not come: its consequences were not there to measure."""
    bench.disconnect()
    judge.expect(f"{prefix}contactor_open", False, witness=METER, note="no trip")


def _is_early(bench: Bench, flag: str, opened: Edge) -> bool:
    """Tell whether a frame from before the opening held the flag already."""
    frame_us = bench.parts.can.state.t_us("protections")
    return flag in protections(bench) and frame_us < opened.before.t_a_us


def _wait_for_flag(bench: Bench, flag: str) -> int | None:
    """Wait for the flag; return the bench time [µs] of the frame that first held it."""
    if bench.wait_until(lambda _: flag in protections(bench), _FLAG_S, FINE_US) is None:
        return None
    age_s = bench.parts.can.state.age_s("protections")
    return bench.clock.now_us() - round(age_s * 1e6)


def _judge_flag(
    judge: Judge, opened: Edge, flag_us: int | None, flag: str, prefix: str
) -> None:
    seen = flag_us is not None
    judge.expect(f"{prefix}flag", seen, witness="self_reported", note=f"{flag} on CAN")
    if flag_us is None:
        judge.at_least(f"{prefix}flag_delay_s", _FLAG_S, witness="CAN time stamps")
        return
    high = (flag_us - opened.before.t_a_us) / 1e6
    low = (flag_us - opened.after.t_a_us) / 1e6 - _FRAME_S
    judge.between(
        f"{prefix}flag_delay_s",
        max(0.0, low),
        max(0.0, high),
        witness="CAN time stamps against the shunt meter",
        note="bracketed by the frame period",
    )


def recover(
    bench: Bench, judge: Judge, plan: Plan, facts: RunFacts, key: str = "recovered"
) -> None:
    """Shut a tripped module down, start it again, and judge that it runs.

    After four trips in a row it may ignore RUN for 30 minutes (manual section 11;
    C16: whether normal running clears the count is unknown). Only then is it given
    those 30 minutes.
    """
    shut_down(bench)
    running = start(bench)
    note = ""
    if not running and facts.may_be_locked_out:
        bench.hold(plan.lockout.wait_s, 30_000_000)
        running = start(bench)
        note = "after the 30 minutes of manual section 11"
    judge.expect(
        key,
        running and bench.sample().module_v > LIVE_V,
        witness="terminal meter",
        note=note,
    )
