"""Under-voltage: down to the opening by pulses of 10 A, then Shutdown State.

Pack or lowest cell, whichever rule acts first, is judged on both sides; the other one
only from below. Requirements: EL-09, PT-05, AL-05, LD-09, BT-05, BT-07.
"""

from __future__ import annotations

from instruments.bench import Bench, Edge
from instruments.roles import LED_OFF
from phases.cell_history import CellHistory
from phases.climb import Climb, Flow
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import CAN_AGE_S, ensure_running, reach, read_bar, shut_down
from phases.plan import Plan, UnderVoltagePlan
from phases.pulses import Pulses, climb_by_pulses
from phases.registers import judge_words
from phases.taper import Taper
from phases.trip import judge_no_opening, judge_opening
from phases.voltage_threshold import (
    Threshold,
    judge_no_trip,
    judge_trip,
    opened_early,
)

_CLEAR_V = 0.05
_RISEN = 0.9
_EMPTY = "under-voltage begins with a nearly empty module"
_PACK_REGISTER = 57
_CELL_REGISTER = 53
_RELEASE_REGISTER = 58
_CELL_RELEASE_REGISTER = 54
_SAID_STEP_V = 0.1


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Discharge by pulses of falling current until the module opens."""
    test = plan.under_voltage
    ensure_running(bench)
    judge_words(bench, judge, "register", _PACK_REGISTER)
    judge_words(bench, judge, "cell_register", _CELL_REGISTER)
    judge_words(bench, judge, "release_register", _RELEASE_REGISTER)
    judge_words(bench, judge, "cell_release_register", _CELL_RELEASE_REGISTER)
    judge.value(
        "said_limit_v",
        bench.parts.can.state.read_number("discharge_voltage_limit_v", CAN_AGE_S),
        uncertainty=_SAID_STEP_V / 2.0,
        witness="self_reported",
        note="low cut-off said on CAN",
    )
    bench.parts.service.read_block("summary")
    history = CellHistory(bench, rising=False)
    threshold = Threshold(False, test.pack_ohm, test.stop_cell_v)
    found = _approach(bench, test, history) or _climb_down(bench, test, history)
    history.stop()
    if found.opened is None:
        judge_no_trip(bench, judge, found, history, threshold)
        judge_no_opening(bench, judge)
        return
    facts.trips += 1
    judge_trip(bench, judge, found, history, threshold)
    judge_opening(bench, judge, found.opened, "under_voltage")
    _judge_rest(bench, judge, test, found.opened)


def _approach(
    bench: Bench, test: UnderVoltagePlan, history: CellHistory
) -> Climb | None:
    """Discharge to the first level of the pack or, where it comes first, of a cell.

    Returns None when the climb can begin, or the opening that came too early.
    """
    bench.discharge(test.approach_a)
    flow = Flow(bench)
    reach(
        bench,
        lambda s: (
            flow.stopped(s)
            or (flow.flowing and s.module_v <= test.approach_v)
            or history.is_beyond(test.start_cell_v)
        ),
        test.approach_timeout_s,
        _EMPTY,
    )
    if flow.edge is not None:
        return opened_early(flow.edge, test.start_v)
    bench.discharge(test.pulse_a)
    taper = Taper(
        test,
        rising=False,
        history=history,
        trim_current_a=bench.trim_discharge_current_a,
    )
    opened = taper.run(bench, test.pulse_a, _EMPTY)
    return None if opened is None else opened_early(opened, test.start_v)


def _climb_down(bench: Bench, test: UnderVoltagePlan, history: CellHistory) -> Climb:
    """Discharge by pulses; a short charge after each one clears the thresholds."""
    return climb_by_pulses(
        bench,
        Pulses(
            test=test,
            rising=False,
            connect=lambda: bench.discharge(test.rest_a),
            pulse=lambda _: bench.discharge(test.pulse_a),
            risen=lambda _, s: -s.current_a >= _RISEN * test.pulse_a,
            trim_current_a=bench.trim_discharge_current_a,
            reverse=lambda: bench.charge(_back_off_a(bench, test), test.limit_v),
            is_back=lambda s, since_us: (
                s.module_v - test.pack_ohm * s.current_a >= test.back_off_to_v
            ),
            history=history,
        ),
    )


def _back_off_a(bench: Bench, test: UnderVoltagePlan) -> float:
    """Choose the charging current that lifts the pack clear at once.

    More would fill what the pulse has emptied, and the climb stood still.
    """
    standing_v = bench.sample().module_v
    wanted_a = (test.back_off_to_v + _CLEAR_V - standing_v) / test.back_off_ohm
    return min(max(wanted_a, test.back_off_least_a), test.back_off_a)


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
