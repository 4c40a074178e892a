"""Off state: shut down by a long press, dark, zero volts, and what it still draws.

Requirements: EL-22, BT-05, SF-02.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.roles import LED_OFF
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import DEAD_V, LONG_PRESS_S, demand_can, is_running, read_bar
from phases.plan import Plan

_METER = "terminal meter"
_WATCH_S = 8.0
_LISTEN_S = 2.0
_LOOK_S = 0.1


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Press for five seconds and watch light, voltage and current go."""
    del plan, facts
    bench.disconnect()
    bench.prove_sources_off()
    if is_running(bench):
        bench.hold(_LISTEN_S, 250_000)  # the last frame may be from before
        demand_can(bench)
    pressed_s = bench.now_s()
    box = bench.parts.switchbox
    box.set_line("button", True)
    before_s = dark_s = 0.0
    released = False
    try:
        while bench.now_s() - pressed_s < _WATCH_S:
            elapsed_s = bench.now_s() - pressed_s
            if elapsed_s >= LONG_PRESS_S and not released:
                box.set_line("button", False)
                released = True
            if read_bar(bench).button != LED_OFF:
                before_s, dark_s = bench.now_s() - pressed_s, 0.0
            elif not dark_s:
                dark_s = bench.now_s() - pressed_s
            if dark_s and released:
                break
            bench.wait(_LOOK_S)
    finally:
        if not released:
            box.set_line("button", False)
    judge.expect("run_dark", dark_s > 0.0, witness="LED reader")
    if dark_s > 0.0:
        judge.between(
            "shutdown_s", before_s, max(before_s, dark_s), witness="LED reader"
        )
    else:
        judge.at_least("shutdown_s", _WATCH_S, witness="LED reader")
    bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, 5.0, 500_000)
    module_v = bench.sample().module_v
    judge.value(
        "v",
        module_v,
        uncertainty=bench.config.module_meter.uncertainty.of(module_v),
        witness=_METER,
    )
    current_ma = bench.parts.scan_meter.measure(("off_current_ma",))["off_current_ma"]
    judge.value("current_ma", current_ma, uncertainty=0.05, witness="scanning meter")
