"""The four temperature cut-offs: climb by half a degree while a small current flows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from instruments.bench import SAMPLE_US, Bench, Edge
from phases.climb import Climb, stopped
from phases.facts import RunFacts
from phases.judge import Judge
from phases.ntc import measure_c, substitute
from phases.operate import ensure_running
from phases.plan import Plan, TemperaturePlan
from phases.registers import judge_words
from phases.staircase import Staircase, climb, levels
from phases.trip import judge_no_opening, judge_opening, recover

_WITNESS = "scanning meter on the sensor's wires"


@dataclass(frozen=True, slots=True)
class _CutOff:
    """One cut-off: direction of current, threshold [°C], its flag and registers."""

    name: str
    charge: bool
    threshold_c: float
    sign: float
    flag: str
    register: int

    def levels_c(self, test: TemperaturePlan) -> tuple[float, ...]:
        """List the emulated temperatures [°C], from before to past the threshold."""
        return levels(
            self.threshold_c - self.sign * test.approach_c,
            self.threshold_c + self.sign * test.past_c,
            test.step_c,
        )


def run_cut_offs(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Exercise all four cut-offs, recovering the module after each."""
    test = plan.temperature
    hot, cold = "over_temperature", "under_temperature"
    for cut_off in (
        _CutOff("charge_hot", True, test.hot_charge_c, 1.0, hot, 61),
        _CutOff("charge_cold", True, test.cold_charge_c, -1.0, cold, 65),
        _CutOff("discharge_hot", False, test.hot_discharge_c, 1.0, hot, 63),
        _CutOff("discharge_cold", False, test.cold_discharge_c, -1.0, cold, 67),
    ):
        _run_one(bench, judge, plan, facts, cut_off)


def _run_one(
    bench: Bench, judge: Judge, plan: Plan, facts: RunFacts, cut_off: _CutOff
) -> None:
    test = plan.temperature
    prefix = f"{cut_off.name}_"
    ensure_running(bench)
    judge_words(bench, judge, f"{prefix}register", cut_off.register, 2)
    steps = cut_off.levels_c(test)
    substitute(bench, steps[0])
    bench.hold(test.settle_s, 500_000)
    if cut_off.charge:
        bench.charge(test.current_a, test.charge_voltage_v)
    else:
        bench.discharge(test.current_a)
    measured_c: dict[float, float] = {}
    found = climb(
        bench,
        Staircase(
            steps=steps,
            set_level=_setter(bench, measured_c),
            dwell_s=test.dwell_s,
            period_us=SAMPLE_US,
            back_off=_back_off(bench, steps[0], test.back_off_s),
        ),
    )
    _judge(bench, judge, found, measured_c, cut_off)
    substitute(bench, test.normal_c)
    bench.hold(test.settle_s, 500_000)
    if found.opened is not None:
        recover(bench, judge, plan, facts, f"{prefix}recovered")


def _back_off(
    bench: Bench, normal_c: float, duration_s: float
) -> Callable[[float], Edge | None]:
    """Make a function that goes back to the temperature where the climb began."""

    def back_off(level: float) -> Edge | None:
        del level
        substitute(bench, normal_c)
        return bench.wait_until(stopped, duration_s, SAMPLE_US)

    return back_off


def _setter(
    bench: Bench, measured_c: dict[float, float]
) -> Callable[[float], tuple[int, int]]:
    """Make a function that substitutes all channels and measures one of them."""

    def set_level(temperature_c: float) -> tuple[int, int]:
        before_us = bench.clock.now_us()
        substitute(bench, temperature_c)
        after_us = bench.clock.now_us()
        bench.note(f"emulated temperature_c={temperature_c:g}")
        measured_c[temperature_c] = measure_c(bench, 1)
        return before_us, after_us

    return set_level


def _judge(
    bench: Bench,
    judge: Judge,
    found: Climb,
    measured_c: dict[float, float],
    cut_off: _CutOff,
) -> None:
    prefix = f"{cut_off.name}_"
    uncertainty = bench.config.ntc_emulator.uncertainty_c
    level_c = measured_c[found.level]
    if found.opened is None:
        record = judge.at_least if cut_off.sign > 0 else judge.at_most
        record(f"{prefix}trip_c", level_c, uncertainty=uncertainty, witness=_WITNESS)
        judge_no_opening(bench, judge, prefix)
        return
    before_c = level_c - cut_off.sign * 0.5
    if found.level_before is not None:
        before_c = measured_c[found.level_before]
    judge.between(
        f"{prefix}trip_c",
        min(before_c, level_c),
        max(before_c, level_c),
        value=level_c,
        uncertainty=uncertainty,
        witness=_WITNESS,
    )
    judge.between(f"{prefix}delay_s", *found.delay_s(), witness="shunt meter")
    judge_opening(bench, judge, found.opened, cut_off.flag, prefix)
