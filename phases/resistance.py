"""Resistance: DC resistance from a ten-second current step at a stated SOC.

Requirements: none by itself; an early sign of a bad joint or cell.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import CAN_AGE_S, ensure_running
from phases.plan import Plan


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Discharge for ten seconds and divide the voltage step by the current step."""
    del facts
    ensure_running(bench)
    test = plan.resistance
    bench.hold(30.0)
    before = bench.sample()
    bench.discharge(test.current_a)
    bench.hold(test.pulse_s)
    after = bench.sample()
    state = bench.parts.can.state
    soc_pct = state.read_number("soc_pct", CAN_AGE_S)
    temperature_c = state.read_number("temperature_c", CAN_AGE_S)
    bench.disconnect()
    step_a = after.current_a - before.current_a
    step_v = after.module_v - before.module_v
    volts = bench.config.module_meter.uncertainty
    amps = bench.config.shunt_meter.uncertainty
    mohm = step_v / step_a * 1000.0
    share = 2.0 * volts.offset / abs(step_v) + amps.of(step_a) / abs(step_a)
    judge.value(
        "mohm",
        mohm,
        uncertainty=mohm * share,
        witness="terminal meter and shunt meter",
        note=f"{test.pulse_s:g} s step at SOC {soc_pct:.0f} %, {temperature_c:.1f} °C",
    )
