"""make_safe: the way to a dead bench, whatever is broken.

Order (test-plan.md, Definitions): supply off, load off, measure the current, contactor
open, measure the bench side, peers' contactors and buttons open, button 5 s, measure
the module side, open every other line, and only then clear protections. Each step is
tried whatever became of the others. Without the module-dead step it returns within
10 s with any one instrument hung; that step takes 25 s at most.
"""

from __future__ import annotations

from instruments.clock import Clock
from instruments.parts import BenchParts
from instruments.safe_steps import PEER_LINES, SafeReport, SafeSteps

__all__ = ["PEER_LINES", "SafeReport", "make_safe"]


def make_safe(
    parts: BenchParts,
    clock: Clock,
    self_off_s: float,
    module_dead: bool,
    steps_type: type[SafeSteps] = SafeSteps,
) -> SafeReport:
    """Bring the bench to a dead state and measure it.

    The two that can energise are told to go off before anything is asked of them.
    Then sessions are reopened, so that a reply that was cut off cannot answer the next
    query; each only when it is needed, because one that hangs costs its time-out and
    the others shall be safe within 2 s. DIP lines and chain open last: they are moved
    with the module dead only.

    Args:
        parts: the instruments of the bench.
        clock: bench time.
        self_off_s: how long watchdog and dead-man take to act [s].
        module_dead: also press the button for 5 s and watch the module for 10 s.
        steps_type: what the steps do.
    """
    steps = steps_type(parts, clock, self_off_s)
    steps.attempt(parts.supply.send_off)
    steps.attempt(parts.load.send_off)
    steps.reopen(parts.supply)
    steps.attempt(steps.supply_off)
    steps.reopen(parts.load)
    steps.attempt(steps.load_off)
    steps.reopen(parts.switchbox, parts.shunt_meter)
    steps.attempt(steps.measure_current)
    steps.attempt(steps.open_contactor)
    steps.reopen(parts.scan_meter)
    steps.attempt(steps.measure_bench)
    steps.attempt(steps.open_joints)
    steps.attempt(steps.wait_for_bleeder)
    if steps.current_flows:
        steps.attempt(steps.measure_current)
    steps.reopen(parts.module_meter, parts.ntc_emulator, parts.led_reader)
    steps.attempt(steps.restore_sensors)
    if not steps.report.dead:
        steps.look_again()
    if module_dead:
        steps.attempt(steps.press_if_live)
        steps.attempt(steps.watch_for_dark)
        steps.attempt(steps.see_dead_man_fallen)
    steps.attempt(steps.open_signals)
    steps.attempt(steps.clear_protections)
    return steps.report
