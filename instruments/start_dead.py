"""Begin dead: whatever the run before left behind goes off before anything else.

A run that was killed may have left the load on behind the open contactor, or a line
closed. Nothing is energised before sources and lines read back off and the meters have
seen the bench without voltage and current (test-plan.md, Proved dead).
"""

from __future__ import annotations

from contextlib import suppress

from instruments.clock import Clock
from instruments.errors import BenchNotDead, InstrumentError
from instruments.parts import BenchParts
from instruments.roles import Load, Supply, Switchbox
from instruments.safe_state import make_safe
from instruments.safe_steps import SafeReport, SafeSteps


def start_dead(parts: BenchParts, clock: Clock, self_off_s: float) -> SafeReport:
    """Switch everything off that can be, read it back and measure it.

    Each part is tried whatever became of the others; what left doubt is asked once
    more after watchdog and dead-man had their time.

    Raises:
        BenchNotDead: something is not proved off.
        InstrumentError: all is off, but a part refused or fell silent on the way.
    """
    steps = SafeSteps(parts, clock, self_off_s)
    for step in (
        steps.supply_off,
        steps.load_off,
        steps.open_all,
        steps.open_contactor,
        steps.measure_current,
        steps.wait_for_bleeder,
    ):
        steps.attempt(step)
    if not steps.report.dead:
        steps.look_again()
    report = steps.report
    said = "; ".join(report.errors) or "it was told to go off"
    if not report.dead:
        raise BenchNotDead(
            " and ".join(report.doubts),
            f"not proved off at the start ({said})",
            "press the emergency stop and look after it before the next run",
        )
    if report.errors:
        raise InstrumentError(
            "start", said, "look after the instrument, then start again"
        )
    return report


def leave_dead(
    parts: BenchParts, clock: Clock, self_off_s: float, error: BaseException
) -> BaseException:
    """Switch off what can be after a start that failed; bounded as make_safe is.

    Returns the error to raise: the one given, or `BenchNotDead` with it, where not all
    is proved dead.
    """
    with clock.stop.shielded():
        report = make_safe(parts, clock, self_off_s, module_dead=False)
    if report.dead or not isinstance(error, Exception):
        return error
    who, what, do = "bench", str(error), "prove it dead by hand before touching it"
    if isinstance(error, InstrumentError):
        who, what, do = error.who, error.what, error.do
    return BenchNotDead(who, f"{what}; not proved off: {', '.join(report.doubts)}", do)


def send_all_off(supply: Supply, load: Load, switchbox: Switchbox) -> None:
    """Switch off without a whole bench: sources blind, then the contactor.

    For a start that ends before there are links to open; never raises.
    """
    supply.send_off()
    load.send_off()
    with suppress(InstrumentError):
        switchbox.open()
        switchbox.set_line("fixture_contactor", False)
    switchbox.close()
