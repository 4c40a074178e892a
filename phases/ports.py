"""Ports: the dry contacts, both ways.

Inputs are driven by the switchbox and read in register 71; outputs are said in register
71 and read by the switchbox. Output 1 is closed while the module runs, output 2 while a
fault stands (programming of the released firmware, provisional); the fault is an open
temperature sensor. Requirements: IF-01.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running, shut_down
from phases.plan import Plan

_WITNESS = "switchbox"
_SETTLE_S = 1.2
_INPUT_BITS = {"dry_in1": 0, "dry_in2": 1}
_OUTPUT_BITS = {"dry_out1": 2, "dry_out2": 3}
_FAULT_S = 4.0
# Closed and said while running, closed and said while a fault stands, closed when off.
_EXPECTED = {
    "dry_out1": (True, True, True, True, False),
    "dry_out2": (False, False, True, True, False),
}


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Drive both inputs on and off; see both outputs closed and open."""
    del plan, facts
    ensure_running(bench)
    for line, bit in _INPUT_BITS.items():
        on = _drive(bench, line, True, bit)
        off = _drive(bench, line, False, bit)
        judge.expect(line, on and not off, witness=_WITNESS)
    running = _look(bench)
    bench.parts.ntc_emulator.set_open(1)
    bench.hold(_FAULT_S, 500_000)
    fault = _look(bench)
    bench.parts.ntc_emulator.set_real(1)
    bench.hold(_FAULT_S, 500_000)
    shut_down(bench)
    dark = bench.parts.switchbox.read_inputs()
    ensure_running(bench)
    for line, expected in _EXPECTED.items():
        seen = (*running[line], *fault[line], dark[line])
        judge.expect(
            line,
            seen == expected,
            witness=_WITNESS,
            note=f"closed, said: running {running[line]}, fault {fault[line]}; "
            f"closed when off: {dark[line]}",
        )


def _look(bench: Bench) -> dict[str, tuple[bool, bool]]:
    """Look at both outputs: whether each is closed, and said to be closed."""
    inputs = bench.parts.switchbox.read_inputs()
    said = int(bench.parts.service.read_decisive("io_bits"))
    return {
        line: (inputs[line], bool(said >> bit & 1))
        for line, bit in _OUTPUT_BITS.items()
    }


def _drive(bench: Bench, line: str, closed: bool, bit: int) -> bool:
    bench.parts.switchbox.set_line(line, closed)
    bench.wait(_SETTLE_S)
    return bool(int(bench.parts.service.read_decisive("io_bits")) >> bit & 1)
