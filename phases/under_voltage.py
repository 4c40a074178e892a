"""Under-voltage: down to the opening at no more than 10 A, then Shutdown State.

Pack or lowest cell, whichever rule acts first, is judged on both sides; the other one
only from below. Requirements: EL-09, PT-05, AL-05, LD-09, BT-05, BT-07.
"""

from __future__ import annotations

from instruments.bench import FINE_US, Bench, Edge
from instruments.roles import LED_OFF
from phases.cell_history import CellHistory
from phases.creep import CreepTrim
from phases.facts import RunFacts
from phases.judge import BOTH, LOWER, Judge
from phases.operate import ensure_running, read_bar, shut_down
from phases.over_voltage import judge_registers, opened_early
from phases.plan import Plan, UnderVoltagePlan
from phases.staircase import Climb, climb, conducts, levels
from phases.trip import judge_no_opening, judge_opening

_METER = "terminal meter"
_REACH_V = 0.006
_HEADROOM = 0.95
_CELL_STOP_V = 2.34
_PACK_REGISTER = 57
_CELL_REGISTER = 53


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Discharge at falling constant voltage until the module opens."""
    test = plan.under_voltage
    ensure_running(bench)
    judge_registers(bench, judge, _PACK_REGISTER, _CELL_REGISTER)
    history = CellHistory(bench, "cell_min_v")
    found = _approach(bench, test) or _climb_down(bench, test)
    history.stop()
    cell_v = _lowest_cell_v(bench)
    if found.opened is None:
        held_v = found.last.module_v
        judge.at_most("trip_v", held_v, witness=_METER)
        judge.info("lowest_cell_v", cell_v, "V", "when the staircase ended")
        judge_no_opening(bench, judge)
        return
    facts.trips += 1
    cell_acted = _judge_levels(bench, judge, found, cell_v)
    delay_s = history.delay_s(found.opened) if cell_acted else found.delay_s()
    judge.between("delay_s", *delay_s, witness="shunt meter")
    judge_opening(bench, judge, found.opened, "under_voltage")
    _judge_rest(bench, judge, test, found.opened)


def _approach(bench: Bench, test: UnderVoltagePlan) -> Climb | None:
    """Discharge to the first level and let the current fall to where a step has room.

    Returns None when the staircase can begin, or the opening that came too early.
    """
    bench.discharge(test.approach_a)
    found = bench.wait_until(
        lambda s: s.module_v <= test.approach_v or not conducts(s),
        test.approach_timeout_s,
    )
    if found is not None and not conducts(found.after):
        return opened_early(found, test.start_v)
    bench.discharge_to_v(test.start_v, test.current_a)
    found = bench.wait_until(
        lambda s: (
            (s.module_v <= test.start_v + _REACH_V and -s.current_a <= test.step_from_a)
            or not conducts(s)
        ),
        test.approach_timeout_s,
    )
    if found is None or conducts(found.after):
        return None
    return opened_early(found, test.start_v)


def _climb_down(bench: Bench, test: UnderVoltagePlan) -> Climb:
    return climb(
        bench,
        levels(test.start_v - test.step_v, test.stop_v, test.step_v),
        lambda level: bench.discharge_to_v(level, test.current_a),
        test.dwell_s,
        period_us=FINE_US,
        reached=lambda s, _: -s.current_a < _HEADROOM * test.current_a,
        trim=CreepTrim(
            lambda v: bench.trim_discharge_voltage_v(v, test.current_a),
            test.drop_ohm,
            sign=1.0,
        ),
        ready=lambda s: -s.current_a <= test.step_from_a,
        back_off=lambda: _back_off(bench, test),
        give_up=lambda: _lowest_cell_v(bench) <= _CELL_STOP_V,
    )


def _back_off(bench: Bench, test: UnderVoltagePlan) -> Edge | None:
    """Let the pack recover above the step before by taking most of the current away."""
    bench.discharge_to_v(bench.sample().module_v, test.back_off_a)
    return bench.wait_until(lambda s: not conducts(s), test.back_off_s, FINE_US)


def _lowest_cell_v(bench: Bench) -> float:
    return bench.sampler.cells.get("cell_min_v", 9.0)


def _judge_levels(bench: Bench, judge: Judge, found: Climb, cell_v: float) -> bool:
    """Judge pack and lowest cell; return whether the cell rule acted."""
    volts = bench.config.module_meter.uncertainty
    low_v = found.last.module_v
    high_v = found.before.module_v if found.before else low_v + 0.05
    uncertainty = volts.of(low_v)
    pack, cell = judge.limit("trip_v"), judge.limit("cell_trip_v")
    pack_acted = pack.high is not None and high_v + uncertainty <= pack.high
    cell_acted = not pack_acted and cell.high is not None and cell_v <= cell.high
    judge.between(
        "trip_v",
        low_v,
        max(low_v, high_v),
        value=low_v,
        uncertainty=uncertainty,
        witness=_METER,
        side=LOWER if cell_acted else BOTH,
        note="the cell rule acted" if cell_acted else "the pack rule acted",
    )
    judge.value(
        "cell_trip_v",
        cell_v,
        uncertainty=0.002,
        witness="cells by their sum against the terminal meter",
        side=BOTH if cell_acted else LOWER,
        note="acted" if cell_acted else "read, not exercised: hidden by the pack rule",
    )
    return cell_acted


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
