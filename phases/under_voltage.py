"""Under-voltage: down to the opening in small steps, then Shutdown State.

The first level is met at 10 A; a step is met again at a larger current, which fades.

Pack or lowest cell, whichever rule acts first, is judged on both sides; the other one
only from below. Requirements: EL-09, PT-05, AL-05, LD-09, BT-05, BT-07.
"""

from __future__ import annotations

from instruments.bench import FINE_US, Bench, Edge
from instruments.roles import LED_OFF
from phases.cell_history import CellHistory
from phases.climb import Climb, conducts
from phases.creep import CreepTrim
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import (
    ensure_running,
    reach,
    read_bar,
    said,
    shut_down,
)
from phases.plan import Plan, UnderVoltagePlan
from phases.registers import judge_words
from phases.staircase import Staircase, back_off, climb, levels
from phases.trip import judge_no_opening, judge_opening
from phases.voltage_threshold import METER, Threshold, judge_trip, opened_early

_REACH_V = 0.006
_NEAR_V = 0.06  # the drop over the leads at the step's current
_HEADROOM = 0.95
_CELL_STOP_V = 2.34
_PACK_REGISTER = 57
_CELL_REGISTER = 53


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Discharge at falling constant voltage until the module opens."""
    test = plan.under_voltage
    ensure_running(bench)
    judge_words(bench, judge, "register", _PACK_REGISTER)
    judge_words(bench, judge, "cell_register", _CELL_REGISTER)
    bench.parts.service.read_block("summary")
    history = CellHistory(bench, "cell_min_v")
    found = _approach(bench, test) or _climb_down(bench, test)
    history.stop()
    if found.opened is None:
        held_v = found.last.module_v
        judge.at_most(
            "trip_v",
            held_v,
            uncertainty=bench.config.module_meter.uncertainty.of(held_v),
            witness=METER,
        )
        judge.info(
            "lowest_cell_v", history.last_v(None), "V", "when the staircase ended"
        )
        judge_no_opening(bench, judge)
        return
    facts.trips += 1
    threshold = Threshold(rising=False, pack_ohm=test.pack_ohm)
    judge_trip(bench, judge, found, history, threshold)
    judge_opening(bench, judge, found.opened, "under_voltage")
    _judge_rest(bench, judge, test, found.opened)


def _approach(bench: Bench, test: UnderVoltagePlan) -> Climb | None:
    """Discharge to the first level and let the current fall to where a step has room.

    Returns None when the staircase can begin, or the opening that came too early.
    """
    empty = "under-voltage begins with a nearly empty module"
    bench.discharge(test.approach_a)
    found = reach(
        bench,
        lambda s: s.module_v <= test.approach_v or not conducts(s),
        test.approach_timeout_s,
        empty,
    )
    if not conducts(found.after):
        return opened_early(found, test.start_v)
    bench.discharge_to_v(test.start_v, test.current_a)
    found = reach(
        bench,
        lambda s: (
            (s.module_v <= test.start_v + _REACH_V and -s.current_a <= test.step_from_a)
            or not conducts(s)
        ),
        test.approach_timeout_s,
        empty,
    )
    if conducts(found.after):
        return None
    return opened_early(found, test.start_v)


def _climb_down(bench: Bench, test: UnderVoltagePlan) -> Climb:
    return climb(
        bench,
        Staircase(
            steps=levels(test.start_v - test.step_v, test.stop_v, test.step_v),
            set_level=lambda level: bench.discharge_to_v(level, test.step_current_a),
            dwell_s=test.dwell_s,
            period_us=FINE_US,
            reached=lambda s, level: (
                s.module_v <= level + _NEAR_V
                and -s.current_a < _HEADROOM * test.step_current_a
            ),
            beyond=lambda s, held: (
                s.module_v < held.module_v - test.pack_ohm * held.current_a
            ),
            trim=CreepTrim(
                lambda v: bench.trim_discharge_voltage_v(v, test.step_current_a),
                test.drop_ohm,
                sign=1.0,
            ),
            ready=lambda s: -s.current_a <= test.step_from_a,
            patience_s=test.patience_s,
            back_off=lambda level: _back_off(bench, test, level),
            give_up=lambda: _lowest_cell_v(bench) <= _CELL_STOP_V,
        ),
    )


def _back_off(bench: Bench, test: UnderVoltagePlan, level: float) -> Edge | None:
    """Lift the pack well above the level by a short charge."""
    return back_off(
        bench,
        lambda: bench.charge(test.back_off_a, test.back_off_v),
        lambda s: s.module_v >= level + test.back_off_by_v,
        test.back_off_s,
    )


def _lowest_cell_v(bench: Bench) -> float:
    return said(bench, "cell_min_v")


def _judge_rest(
    bench: Bench, judge: Judge, test: UnderVoltagePlan, opened: Edge
) -> None:
    """Record the rested voltage by the service link, then shut the module down."""
    rested_s = bench.now_s() - opened.after.t_a_us / 1e6
    if rested_s < test.rest_s:
        bench.hold(test.rest_s - rested_s, 20_000_000)
    judge.value(
        "rested_v",
        bench.parts.service.read_block("main")["pack_voltage_v"],
        uncertainty=0.02,
        witness="self_reported",
        note=f"{test.rest_s:g} s after the opening, behind the open contactor",
    )
    dead = shut_down(bench)
    bar = read_bar(bench)
    dark = all(led == LED_OFF for led in (*bar.leds, bar.button))
    judge.expect("shutdown", dead and dark, witness="terminal meter and LED reader")
