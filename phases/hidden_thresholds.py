"""Hidden thresholds: releases, counted voltage trips, and what the cells say at rest.

In a balanced module the pack's rules act first and hide those of the cells; no stimulus
at the terminals sets one cell apart, so their trip levels are read from registers (in
`eol`) and not exercised. What can be exercised without opening the module is: all
releases and their hysteresis, that voltage trips count for the lock-out, and that the
alarm of the cell spread agrees with the cells at three rests
(../station/decisions/0011-what-stays-hidden.md).
Requirements: PT-04, PT-05, PT-06, AL-02, AL-03, AL-04, AL-05, AL-08.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench import LIVE_V, Bench
from instruments.trace import Sample
from phases.cell_rests import CellRests
from phases.climb import stopped
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import (
    SHORT_PRESS_S,
    ensure_running,
    press,
    shut_down,
    start,
)
from phases.plan import Plan
from phases.provoke import CHARGE, DISCHARGE, is_dead, restart_by_hand, trip_by_current
from phases.registers import judge_words
from phases.release_levels import (
    judge_over_voltage_release,
    judge_temperature_release,
    judge_under_voltage_release,
)

_REGISTERS = {
    "cell_over_voltage_release_register": 52,
    "cell_under_voltage_release_register": 54,
    "over_voltage_release_register": 56,
    "under_voltage_release_register": 58,
}
_STOP_LOW_CELL_V = 2.36
_LIVE_S = 6.0
_COUNTED = 3
_REST_US = 30_000_000


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Release after every kind of trip: temperatures, then full, then empty."""
    ensure_running(bench)
    for key, register in _REGISTERS.items():
        judge_words(bench, judge, key, register)
    rests = CellRests(bench, plan.hidden_thresholds.rest_s)
    rests.look()
    stages: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("temperatures", lambda: _temperatures(bench, judge, plan)),
        ("full", lambda: _full(bench, judge, plan, facts, rests)),
        ("empty", lambda: _empty(bench, judge, plan, facts, rests)),
    )
    stays_closed = ""
    for stage, opens in stages:
        if not opens():
            stays_closed = f"stayed closed at a trip of the stage: {stage}"
            break
    judge.expect(
        "contactor_open",
        not stays_closed,
        witness="terminal meter and shunt meter",
        note=stays_closed,
    )
    rests.judge(judge)
    if not judge.failed:
        _leave(bench, judge, plan)


def _temperatures(bench: Bench, judge: Judge, plan: Plan) -> bool:
    """Release after each temperature cut-off; return whether all of them opened."""
    for name in plan.hidden_thresholds.releases_c:
        ensure_running(bench)
        if not judge_temperature_release(bench, judge, plan, name):
            return False
    for channel in range(1, bench.parts.ntc_emulator.channels + 1):
        bench.parts.ntc_emulator.set_real(channel)
    bench.hold(plan.temperature.settle_s, 500_000)
    ensure_running(bench)
    return True


def _full(
    bench: Bench, judge: Judge, plan: Plan, facts: RunFacts, rests: CellRests
) -> bool:
    """Charge to over-voltage; judge its release and that it counts."""
    test = plan.hidden_thresholds

    def too_far(sample: Sample) -> bool:
        cell_v = bench.sampler.cells.get("cell_max_v", 0.0)
        return stopped(sample) or cell_v >= test.stop_cell_v

    bench.charge(test.up_a, test.top_v)
    bench.wait_until(
        lambda s: too_far(s) or s.module_v >= test.up_to_v, test.end_timeout_s
    )
    bench.charge(test.top_a, test.top_v)
    if not _opens(bench, facts, too_far, test.end_timeout_s):
        return False
    if not judge_over_voltage_release(bench, judge, test):
        return True
    rests.look()
    return _counts(bench, judge, plan, facts, "over_voltage_counted", DISCHARGE)


def _empty(
    bench: Bench, judge: Judge, plan: Plan, facts: RunFacts, rests: CellRests
) -> bool:
    """Discharge to under-voltage twice: judge that it counts, then its release."""
    test = plan.hidden_thresholds
    if judge.failed and not _runs(bench):
        return True

    def too_far(sample: Sample) -> bool:
        cell_v = bench.sampler.cells.get("cell_min_v", 9.0)
        return stopped(sample) or cell_v <= _STOP_LOW_CELL_V

    bench.discharge(test.down_a)
    bench.wait_until(
        lambda s: too_far(s) or s.module_v <= test.down_to_v, test.end_timeout_s
    )
    bench.discharge(test.bottom_a)
    if not _opens(bench, facts, too_far, test.end_timeout_s):
        return False
    if not _accept_forced_charge(bench, plan):
        judge.expect("under_voltage_counted", False, note="forced charge refused")
        return True
    if not _counts(bench, judge, plan, facts, "under_voltage_counted", CHARGE):
        return False
    if not _runs(bench):
        return True
    rests.look()
    bench.discharge(test.bottom_a)
    if not _opens(bench, facts, too_far, test.end_timeout_s):
        return False
    judge_under_voltage_release(bench, judge, test)
    return True


def _opens(
    bench: Bench,
    facts: RunFacts,
    too_far: Callable[[Sample], bool],
    timeout_s: float,
) -> bool:
    """Wait for the opening; return whether the module's contactor opened."""
    bench.wait_until(too_far, timeout_s)
    bench.disconnect()
    if not is_dead(bench):
        return False
    facts.trips += 1
    return True


def _accept_forced_charge(bench: Bench, plan: Plan) -> bool:
    """Bring an empty module back with enough current; return whether it runs."""
    test = plan.hidden_thresholds
    shut_down(bench)
    bench.close_contactor()
    press(bench, SHORT_PRESS_S)
    if bench.wait_until(lambda s: s.module_v > LIVE_V, _LIVE_S, 200_000) is None:
        bench.disconnect()
        return False
    bench.charge(test.accept_a, test.leave_v)
    opened = bench.wait_until(stopped, test.lift_s)
    bench.disconnect()
    return opened is None


def _counts(
    bench: Bench, judge: Judge, plan: Plan, facts: RunFacts, key: str, way: str
) -> bool:
    """Add three over-currents to a voltage trip; judge that RUN is ignored then.

    Waits the lock out. Returns whether every over-current opened the contactor.
    """
    accepted = 0
    last_s = bench.now_s()
    for _ in range(_COUNTED):
        opened_s = trip_by_current(bench, plan, facts, way)
        if opened_s is None:
            return False
        last_s = opened_s
        if not restart_by_hand(bench):
            break
        accepted += 1
    judge.expect(
        key,
        accepted == _COUNTED - 1,
        witness="terminal meter",
        note=f"RUN accepted after {accepted} of {_COUNTED} over-currents",
    )
    if accepted < _COUNTED:
        left_s = last_s + plan.lockout.wait_s - bench.now_s()
        bench.hold(max(0.0, left_s), _REST_US)
        start(bench)
    return True


def _runs(bench: Bench) -> bool:
    """Tell whether the module runs, after one more press if it does not."""
    return bench.sample().module_v > LIVE_V or restart_by_hand(bench)


def _leave(bench: Bench, judge: Judge, plan: Plan) -> None:
    """Charge to where the module may wait on a shelf; what it says is recorded."""
    test = plan.hidden_thresholds
    begin_ah = bench.tally().net_ah
    bench.charge(test.leave_a, test.leave_v)
    bench.wait_until(
        lambda s: stopped(s) or bench.tally().net_ah - begin_ah >= test.leave_ah,
        test.end_timeout_s,
    )
    bench.disconnect()
    bench.hold(2.0, 500_000)
    said_pct = bench.parts.service.read_block("summary")["soc_pct"]
    judge.info("left_soc_pct", said_pct, "%", "by the module's own count")
