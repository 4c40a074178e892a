"""Dead terminals: no voltage and no light before anything is connected.

While the module is dead, dead-man and watchdog are proved: nobody feeds them, and they
have to act.

Requirements: EL-22, SF-02, FC-01, AL-06, BT-05, BT-07.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import NotProtected
from instruments.roles import LED_OFF
from instruments.standing import SAFETY_INPUTS
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import read_bar
from phases.plan import Plan

OWED_AT_END = ("dead_terminals_end_v", "dead_terminals_end_leds_dark")


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Measure the terminals, look at the LEDs, prove the safety chain."""
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
    if not judge.failed:
        _prove_chain(bench, judge)


def _prove_chain(bench: Bench, judge: Judge) -> None:
    """Prove what ends the energy of a station that hangs, before there is any.

    Raises:
        NotProtected: one of the two does not act; that is the bench's fault.
    """
    for key, who, acts, witness in (
        ("dead_man_drops", "dead-man relay", bench.prove_dead_man, "auxiliary contact"),
        ("watchdog_trips", "supply", bench.prove_watchdog, "bench side meter"),
    ):
        if not acts():
            raise NotProtected(  # the bench's fault, so it is no FAIL of the module
                who,
                "does not switch off when the station falls silent",
                "do not use this bench before it is repaired",
            )
        judge.expect(f"safety_chain_{key}", True, witness=witness)
