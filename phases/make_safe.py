"""The last phase of every sequence: measure that bench and module are dead.

A bench that is not proved dead is an ERROR and locks; a module that will not die is a
FAIL that nobody may touch (test-plan.md, Definitions).
"""

from __future__ import annotations

import math

from instruments.bench import Bench
from instruments.errors import BenchNotDead, InstrumentError
from instruments.safe_state import SafeReport
from limits.limit import Limit
from limits.limit_set import LimitSet
from phases.dead_terminals import OWED_AT_END
from phases.judge import Judge

NAME = "make_safe"


def owed(limits: LimitSet) -> tuple[Limit, ...]:
    """List the limits that make_safe judges."""
    at_end = [limits[name] for name in OWED_AT_END]
    return (*limits.for_behaviour("bench_dead"), *at_end)


def run(bench: Bench, judge: Judge) -> SafeReport:
    """Make the bench safe and judge what was measured on the way."""
    report = bench.make_safe()
    volts = bench.config.scan_meter.uncertainty
    amps = bench.config.shunt_meter.uncertainty
    if math.isfinite(report.bench_v):
        judge.value(
            "bench_dead_v",
            report.bench_v,
            uncertainty=volts.of(report.bench_v),
            witness="bench side meter",
        )
    if math.isfinite(report.current_a):
        judge.value(
            "bench_dead_a",
            report.current_a,
            uncertainty=amps.of(report.current_a),
            witness="shunt meter",
        )
    for key, state in (
        ("bench_dead_contactor_open", report.contactor_open),
        ("bench_dead_supply_off", report.supply_off),
        ("bench_dead_load_off", report.load_off),
    ):
        judge.expect(key, state, witness="read back")
    if math.isfinite(report.module_v):
        judge.value(
            "dead_terminals_end_v",
            report.module_v,
            uncertainty=bench.config.module_meter.uncertainty.of(report.module_v),
            witness="terminal meter",
        )
    if report.leds_dark is not None:
        judge.expect(
            "dead_terminals_end_leds_dark", report.leds_dark, witness="LED reader"
        )
    _demand_all(judge, report)
    return report


def _demand_all(judge: Judge, report: SafeReport) -> None:
    """Refuse to end quietly when something could not be measured or did not work.

    Raises:
        BenchNotDead: names what is missing and what the instruments said.
        InstrumentError: all is measured, but a step failed on the way.
    """
    judged = {found.name for found in judge.measurements}
    missing = [name for name in judge.names if name not in judged]
    if missing:
        raise BenchNotDead(
            "make_safe",
            f"could not measure {', '.join(missing)} ({'; '.join(report.errors)})",
            "prove the bench dead by hand before touching it",
        )
    if report.errors:
        raise InstrumentError(
            "make_safe",
            "; ".join(report.errors),
            "look after the instrument before the next run",
        )
