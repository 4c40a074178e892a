"""Over-voltage: climb until the contactor opens, then watch release and self-restart.

Whichever rule acts first, the pack's or the highest cell's, is judged on both sides;
the other one only from above (test-plan.md). Its threshold is then read from its
register and not exercised.
Requirements: EL-09, PT-01, PT-02, PT-05, AL-04, LD-10, LD-17, BT-07.
"""

from __future__ import annotations

from instruments.bench import FINE_US, LIVE_V, Bench, Edge
from instruments.trace import Sample
from phases.cell_history import CellHistory
from phases.climb import Climb, conducts
from phases.creep import CreepTrim
from phases.facts import RunFacts
from phases.fault_page import judge_alternation
from phases.judge import Judge
from phases.operate import ensure_running, is_running, reach, said
from phases.plan import OverVoltagePlan, Plan
from phases.registers import judge_words
from phases.staircase import Staircase, back_off, climb, levels
from phases.trip import judge_no_opening, judge_opening, recover
from phases.voltage_threshold import (
    CELL_UNCERTAINTY_V,
    CELL_WITNESS,
    METER,
    Threshold,
    judge_trip,
    opened_early,
)

_REACH_V = 0.006
_NEAR_V = 0.08  # the drop over the leads at the step's current
_HEADROOM = 0.95
_CELL_STOP_V = 3.785
_PACK_REGISTER = 55
_CELL_REGISTER = 51


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Charge past full until the module opens; judge trip, release and restart."""
    test = plan.over_voltage
    ensure_running(bench)
    judge_words(bench, judge, "register", _PACK_REGISTER)
    judge_words(bench, judge, "cell_register", _CELL_REGISTER)
    bench.parts.service.read_block("summary")
    history = CellHistory(bench, "cell_max_v")
    found = _approach(bench, test) or _climb_up(bench, test)
    history.stop()
    if found.opened is None:
        _judge_no_trip(bench, judge, found, history.last_v(None))
        return
    facts.trips += 1
    trip_s = found.opened.after.t_a_us / 1e6
    threshold = Threshold(rising=True, pack_ohm=test.pack_ohm)
    judge_trip(bench, judge, found, history, threshold)
    judge_opening(bench, judge, found.opened, "over_voltage")
    judge_alternation(bench, judge)
    _judge_release(bench, judge, trip_s, test)
    _judge_restart(bench, judge, trip_s, test)
    recover(bench, judge, plan, facts)


def _approach(bench: Bench, test: OverVoltagePlan) -> Climb | None:
    """Charge to the first level.

    The first level is met by the pack or, where the cells are spread, by the highest
    cell. Returns None when the staircase can begin, or the opening that came too early.
    """
    bench.charge(test.approach_a, test.start_v)
    found = reach(
        bench,
        lambda s: (
            s.module_v >= test.start_v - _REACH_V
            or _highest_cell_v(bench) >= test.start_cell_v
            or not conducts(s)
        ),
        test.approach_timeout_s,
        "over-voltage begins with a nearly full module",
    )
    if not conducts(found.after):
        return opened_early(found, test.start_v)
    bench.set_charge_current_a(test.step_current_a)
    return None


def _climb_up(bench: Bench, test: OverVoltagePlan) -> Climb:
    """Climb from where the approach ended, a whole number of steps below the top."""
    short_v = max(0.0, test.start_v - bench.sample().module_v)
    start_v = test.start_v - test.step_v * int(short_v / test.step_v)
    return climb(
        bench,
        Staircase(
            steps=levels(start_v + test.step_v, test.stop_v, test.step_v),
            set_level=lambda level: bench.charge(test.step_current_a, level),
            dwell_s=test.dwell_s,
            period_us=FINE_US,
            reached=lambda s, level: (
                s.module_v >= level - _NEAR_V
                and s.current_a < _HEADROOM * test.step_current_a
            ),
            beyond=lambda s, held: (
                s.module_v > held.module_v - test.pack_ohm * held.current_a
            ),
            trim=CreepTrim(bench.trim_charge_voltage_v, test.drop_ohm, sign=-1.0),
            patience_s=test.patience_s,
            back_off=lambda level: _back_off(bench, test, level),
            give_up=lambda: _highest_cell_v(bench) >= _CELL_STOP_V,
        ),
    )


def _back_off(bench: Bench, test: OverVoltagePlan, level: float) -> Edge | None:
    """Take the pack well below the level by a short discharge.

    A delay longer than a step begins anew in the next one, and is seen there at its
    full length. What opens meanwhile belongs to the step before.
    """
    return back_off(
        bench,
        lambda: bench.discharge(test.back_off_a),
        lambda s: s.module_v <= level - test.back_off_by_v,
        test.back_off_s,
    )


def _highest_cell_v(bench: Bench) -> float:
    return said(bench, "cell_max_v")


def _judge_no_trip(bench: Bench, judge: Judge, found: Climb, cell_v: float) -> None:
    held_v = found.last.module_v
    if cell_v >= _CELL_STOP_V:
        judge.at_least(
            "cell_trip_v",
            cell_v,
            uncertainty=CELL_UNCERTAINTY_V,
            witness=CELL_WITNESS,
            note="did not come; the cell is spared, the pack not exercised",
        )
    else:
        judge.at_least(
            "trip_v",
            held_v,
            uncertainty=bench.config.module_meter.uncertainty.of(held_v),
            witness=METER,
        )
    judge.info("highest_cell_v", cell_v, "V", "when the staircase ended")
    judge_no_opening(bench, judge)


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
