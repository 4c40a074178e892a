"""Ports: the dry contacts, both ways.

Inputs are driven by the switchbox and read in register 71; outputs are said in register
71 and read by the switchbox. Output 1 closes while the module runs (programming of the
released firmware, provisional). Requirements: IF-01.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running
from phases.plan import Plan

_WITNESS = "switchbox"
_SETTLE_S = 1.2
_INPUT_BITS = {"dry_in1": 0, "dry_in2": 1}
_OUTPUT_BITS = {"dry_out1": 2, "dry_out2": 3}


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Drive both inputs on and off; compare both outputs with what is said."""
    del plan, facts
    ensure_running(bench)
    for line, bit in _INPUT_BITS.items():
        on = _drive(bench, line, True, bit)
        off = _drive(bench, line, False, bit)
        judge.expect(line, on and not off, witness=_WITNESS)
    inputs = bench.parts.switchbox.read_inputs()
    said = int(bench.parts.service.read("io_bits"))
    running = {"dry_out1": True, "dry_out2": False}
    for line, bit in _OUTPUT_BITS.items():
        state = inputs[line]
        judge.expect(
            line,
            state == bool(said >> bit & 1) == running[line],
            witness=_WITNESS,
            note=f"contact {'closed' if state else 'open'}",
        )


def _drive(bench: Bench, line: str, closed: bool, bit: int) -> bool:
    bench.parts.switchbox.set_line(line, closed)
    bench.wait(_SETTLE_S)
    return bool(int(bench.parts.service.read("io_bits")) >> bit & 1)
