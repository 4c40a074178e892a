"""Dead terminals: no voltage and no light before anything is connected.

Requirements: EL-22, SF-02, FC-01, AL-06, BT-05, BT-07.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.roles import LED_OFF
from instruments.sampler import SAFETY_INPUTS
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import read_bar
from phases.plan import Plan

OWED_AT_END = ("dead_terminals_end_v", "dead_terminals_end_leds_dark")


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Measure the terminals, look at the LEDs and read the safety chain."""
    del plan, facts
    inputs = bench.parts.switchbox.read_inputs()
    judge.expect(
        "safety_chain_healthy",
        all(inputs[name] for name in SAFETY_INPUTS),
        witness="switchbox inputs",
    )
    module_v = bench.sample().module_v
    judge.value(
        "v",
        module_v,
        uncertainty=bench.config.module_meter.uncertainty.of(module_v),
        witness="terminal meter",
    )
    bar = read_bar(bench)
    judge.expect(
        "leds_dark",
        all(led == LED_OFF for led in (*bar.leds, bar.button)),
        witness="LED reader",
    )
