"""Resistance: DC resistance from a ten-second current step at a stated SOC.

The module says its cells' voltages before and at the end of the step: each cell with
its busbars has a resistance of its own, and what is left of the whole is the way
through contactor, fuse and terminals.
Requirements: none by itself; an early sign of a bad joint or cell.
"""

from __future__ import annotations

from math import fsum

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import CAN_AGE_S, ensure_running
from phases.plan import Plan

_CELLS = 16
_CARRIED = 0.5
"""Less of the current than this, and the module does not conduct any more."""
_CELL_MV = 1.0
"""Two readings of a register of 1 mV."""
_SUM_MV = 3.3
"""Thirty-two such readings added up, k = 2."""


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Discharge for ten seconds and divide the voltage step by the current step."""
    del facts
    ensure_running(bench)
    test = plan.resistance
    bench.hold(30.0)
    before, cells_before_v = bench.sample(), _cell_v(bench)
    bench.discharge(test.current_a)
    bench.hold(test.pulse_s)
    after, cells_after_v = bench.sample(), _cell_v(bench)
    state = bench.parts.can.state
    soc_pct = state.read_number("soc_pct", CAN_AGE_S)
    temperature_c = state.read_number("temperature_c", CAN_AGE_S)
    bench.disconnect()
    step_a = after.current_a - before.current_a
    step_v = after.module_v - before.module_v
    volts = bench.config.module_meter.uncertainty
    amps = bench.config.shunt_meter.uncertainty
    if abs(step_a) < test.current_a * _CARRIED:
        _judge_open(judge, step_v, abs(step_a) + amps.of(step_a))
        return
    mohm = step_v / step_a * 1000.0
    share = 2.0 * volts.offset / abs(step_v) + amps.of(step_a) / abs(step_a)
    judge.value(
        "mohm",
        mohm,
        uncertainty=mohm * share,
        witness="terminal meter and shunt meter",
        note=f"{test.pulse_s:g} s step at SOC {soc_pct:.0f} %, {temperature_c:.1f} °C",
    )
    cells_mohm = [
        (after_v - before_v) / step_a * 1000.0
        for before_v, after_v in zip(cells_before_v, cells_after_v, strict=True)
    ]
    judge.between(
        "cell_mohm",
        min(cells_mohm),
        max(cells_mohm),
        uncertainty=_CELL_MV / abs(step_a),
        witness="cells by their sum against the terminal meter",
        note="lowest and highest of sixteen, each with its busbars",
    )
    judge.value(
        "path_mohm",
        mohm - fsum(cells_mohm),
        uncertainty=mohm * share + _SUM_MV / abs(step_a),
        witness="terminal meter and shunt meter",
        note="contactor, fuse, bars and terminals: the whole less its cells",
    )


def _judge_open(judge: Judge, step_v: float, carried_a: float) -> None:
    """Judge a module that let go of the current: no resistance is that large."""
    for key in ("mohm", "path_mohm", "cell_mohm"):
        judge.at_least(
            key,
            abs(step_v) / carried_a * 1000.0,
            witness="terminal meter and shunt meter",
            note="it stopped conducting: the way through it is open",
        )


def _cell_v(bench: Bench) -> list[float]:
    """Read the sixteen cell voltages that the module says [V]."""
    said = bench.parts.service.read_block("main")
    return [said[f"cell_{number:02d}_v"] for number in range(1, _CELLS + 1)]
