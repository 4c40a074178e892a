"""Over-voltage: climb until the contactor opens, then watch release and self-restart.

Whichever rule acts first, the pack's or the highest cell's, is judged on both sides;
the other one only from above (test-plan.md). Its threshold is then read from its
register and not exercised.
Requirements: EL-09, PT-01, PT-02, PT-05, AL-04, LD-10, LD-17, BT-07.
"""

from __future__ import annotations

from instruments.bench import LIVE_V, Bench
from instruments.trace import Sample
from phases.cell_history import CellHistory
from phases.climb import Climb
from phases.facts import RunFacts
from phases.fault_page import judge_alternation
from phases.judge import Judge
from phases.operate import ensure_running, is_running
from phases.plan import OverVoltagePlan, Plan
from phases.pulses import Pulses, climb_by_pulses
from phases.registers import judge_words
from phases.taper import Taper
from phases.trip import judge_no_opening, judge_opening, recover
from phases.voltage_threshold import (
    METER,
    Threshold,
    judge_no_trip,
    judge_trip,
    opened_early,
)

_JUMP_V = 0.06
_NEAR_V = 0.08  # the drop over the leads at a pulse's current
_HEADROOM = 0.95
_PACK_REGISTER = 55
_CELL_REGISTER = 51
_RELEASE_REGISTER = 56
_CELL_RELEASE_REGISTER = 52


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Charge past full until the module opens; judge trip, release and restart."""
    test = plan.over_voltage
    ensure_running(bench)
    judge_words(bench, judge, "register", _PACK_REGISTER)
    judge_words(bench, judge, "cell_register", _CELL_REGISTER)
    judge_words(bench, judge, "release_register", _RELEASE_REGISTER)
    judge_words(bench, judge, "cell_release_register", _CELL_RELEASE_REGISTER)
    bench.parts.service.read_block("summary")
    history = CellHistory(bench, rising=True)
    threshold = Threshold(True, test.pack_ohm, test.stop_cell_v)
    found = _approach(bench, test, history) or _climb_up(bench, test, history)
    history.stop()
    if found.opened is None:
        judge_no_trip(bench, judge, found, history, threshold)
        judge_no_opening(bench, judge)
        return
    facts.trips += 1
    trip_s = found.opened.after.t_a_us / 1e6
    judge_trip(bench, judge, found, history, threshold)
    judge_opening(bench, judge, found.opened, "over_voltage")
    judge_alternation(bench, judge)
    _judge_release(bench, judge, trip_s, test)
    _judge_restart(bench, judge, trip_s, test)
    recover(bench, judge, plan, facts)


def _approach(
    bench: Bench, test: OverVoltagePlan, history: CellHistory
) -> Climb | None:
    """Charge to the first level of the pack or, where it comes first, of a cell.

    Returns None when the climb can begin, or the opening that came too early.
    """
    bench.charge(test.approach_a, test.limit_v)
    taper = Taper(
        test,
        rising=True,
        history=history,
        trim_current_a=bench.trim_charge_current_a,
    )
    opened = taper.run(
        bench, test.approach_a, "over-voltage begins with a nearly full module"
    )
    return None if opened is None else opened_early(opened, test.start_v)


def _climb_up(bench: Bench, test: OverVoltagePlan, history: CellHistory) -> Climb:
    """Charge by pulses; a short discharge after each one clears every threshold.

    The source's voltage makes the pulse, and its own current then falls.
    """
    from_v = bench.sample().module_v + _JUMP_V

    def level_v(number: int) -> float:
        return from_v + number * test.step_v

    return climb_by_pulses(
        bench,
        Pulses(
            test=test,
            rising=True,
            connect=lambda: bench.charge(test.rest_a, test.limit_v),
            pulse=lambda n: bench.charge(test.pulse_a, level_v(n)),
            risen=lambda n, s: (
                s.module_v >= level_v(n) - _NEAR_V
                and s.current_a < _HEADROOM * test.pulse_a
            ),
            trim_current_a=bench.trim_charge_current_a,
            reverse=lambda: bench.discharge(test.back_off_a),
            is_back=lambda s, since_us: (
                s.module_v - test.pack_ohm * s.current_a <= test.back_off_to_v
                and (
                    history.at_v(since_us) <= test.back_off_cell_v
                    or history.is_back(test.back_off_to_cell_v, since_us)
                )
            ),
            history=history,
        ),
    )


def _judge_release(
    bench: Bench, judge: Judge, trip_s: float, test: OverVoltagePlan
) -> None:
    """Judge that the pack has relaxed below its release level in time.

    The terminals are dead, so the cells' sum on the service link is read.
    """
    left_s = test.release_s - (bench.now_s() - trip_s)
    if left_s > 0.0:
        bench.hold(left_s, 20_000_000)
    judge.value(
        "released_v",
        bench.parts.service.read_block("main")["pack_voltage_v"],
        uncertainty=0.02,
        witness="self_reported",
        note=f"{test.release_s:g} s after the trip",
    )


def _judge_restart(
    bench: Bench, judge: Judge, trip_s: float, test: OverVoltagePlan
) -> None:
    """Judge the first self-restart: voltage at the open terminals by itself."""
    coming_s = test.restart_s - 15.0 - (bench.now_s() - trip_s)
    if coming_s > 0.0:
        bench.hold(coming_s, 20_000_000)
    if is_running(bench):
        judge.at_most(
            "restart_s", bench.now_s() - trip_s, witness=METER, note="came too early"
        )
        return
    back = bench.wait_until(_is_live, 40.0, 1_000_000)
    if back is None:
        judge.at_least(
            "restart_s", bench.now_s() - trip_s, witness=METER, note="no self-restart"
        )
        return
    judge.between(
        "restart_s",
        back.before.t_v_us / 1e6 - trip_s,
        back.after.t_v_us / 1e6 - trip_s,
        witness=METER,
    )


def _is_live(sample: Sample) -> bool:
    return sample.module_v > LIVE_V
