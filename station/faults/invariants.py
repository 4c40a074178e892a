"""What has to hold of every case, whatever went wrong in it.

Each invariant is a pure function over the facts of a case: it returns None, or one line
that says what was broken. (a) to (g) are the promises of the station; (h) counts the
healthy module that was called bad. A fault that the run overcame and ended as it does
without it owes no dead bench in between; its record has to say that something happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from instruments.sim.faults.call import CAN, SERVICE
from instruments.sim.faults.kinds import FROZEN, OUTPUT_STICKS_ON, STALL
from phases.results import ERROR, FAIL, PASS
from station.faults.agreement import disagreements
from station.faults.bounds import Bounds
from station.faults.facts import CaseFacts, SafeSpan

Invariant = Callable[[CaseFacts, Bounds], str | None]

LINKS = (CAN, SERVICE)
_DEAD_V = 1.0
_LINK_WORDS = ("links_", "identity_can_", "identity_service_", "identity_checksum_")
"""What measures the links: a miss there is the module's (test-plan.md, Definitions)."""


def bench_dead(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(a) The bench is dead in time, and stays dead."""
    if facts.case.kind == OUTPUT_STICKS_ON and facts.fault.effects:
        return _dead_but_for_the_stuck(facts, bounds)
    alive_s = facts.alive_s
    if facts.world.dead_since_us is None:
        return "the bench is not dead at the end"
    if alive_s is None or (facts.overcome and not facts.killed):
        return None
    if said_of_the_module(facts, bounds):
        return None
    allowed_s = _allowed_s(facts, bounds)
    if alive_s > allowed_s:
        return f"alive for {alive_s:.2f} s with a detectable fault, not {allowed_s:g} s"
    return None


def no_false_pass(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(b) No PASS on values that are not true, nor without a durable record."""
    said, stored = facts.said, facts.stored
    if said.outcome != PASS:
        return None
    if not (stored.confirmed == 1 and stored.whole and stored.outcome == PASS):
        return "PASS without a durable record"
    wrong = disagreements(facts, bounds)
    if wrong:
        return f"PASS although {wrong[0]}" + _and_more(wrong)
    if _had_to_repeat(facts, bounds) and said.incidents == facts.clean.said.incidents:
        return "PASS with a fault overcome, and the record does not say so"
    return None


def one_record(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(c) Exactly one record per run, with the reason; INCOMPLETE after a kill."""
    del bounds
    said, stored = facts.said, facts.stored
    if said.crashed is not None:
        return f"the run left no verdict: {said.crashed}"
    if said.outcome is None or said.refused is not None:
        return _record_of_no_verdict(facts)
    if stored.runs != 1:
        return f"{stored.runs} records of one run"
    if "not stored: " in said.reason:
        return None if _is_incomplete(facts) else "a lost record reads as whole"
    if stored.ended != 1 or stored.confirmed != 1 or not stored.whole:
        return f"{said.outcome} shown, but its record is not whole and confirmed"
    if stored.outcome != said.outcome:
        return f"{said.outcome} shown, {stored.outcome} stored"
    if said.outcome != PASS and not said.reason.strip():
        return f"{said.outcome} without a reason"
    return None


def within_ceilings(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(d) Never above a ceiling, at any instant of the simulated world."""
    del bounds
    found = facts.world.ceilings
    if not found:
        return None
    t_us, what = found[0]
    return f"{what} at {t_us / 1e6:.3f} s" + _and_more(found)


def make_safe_bounded(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(e) make_safe ends in time, and what is not hung is off at once."""
    if facts.killed:
        return None
    for span in facts.spans:
        more_s = bounds.stall_s if _stalled_within(facts, span) else 0.0
        if span.bench_s > bounds.bench_s + more_s:
            return f"make_safe took {span.bench_s:.2f} s without its module-dead step"
        if span.module_s > bounds.module_s + more_s:
            return f"the module-dead step took {span.module_s:.2f} s"
        slow = [
            what
            for what, t_us in _others(facts, span)
            if t_us is None or t_us - span.begin_us > (bounds.others_s + more_s) * 1e6
        ]
        if slow:
            return f"{', '.join(slow)} not off {bounds.others_s:g} s into make_safe"
    return None


def nothing_energised_after(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(f) No write that could energise after make_safe began."""
    del bounds
    if not facts.spans:
        return None
    begin_us = facts.spans[0].begin_us
    late = [(t_us, what) for t_us, what in facts.world.energising if t_us > begin_us]
    if not late:
        return None
    t_us, what = late[0]
    return f"{what} {(t_us - begin_us) / 1e6:.3f} s after make_safe began"


def next_run_guarded(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(g) No next run before a de-energised read-back; a live module is called LIVE."""
    del bounds
    said = facts.said
    if facts.unread:
        return f"energised before reading back {', '.join(facts.unread)}"
    if said.bench_dead is False:
        if facts.refusal is None or "locked" not in facts.refusal:
            return "not proved dead, and the next run may start"
        if not facts.stored.locked:
            return "not proved dead, and the store holds no lock"
    if facts.restart is not None:
        return f"the next start {facts.restart}"
    measured = bool(facts.spans) and said.outcome is not None
    live = abs(facts.world.module_v) >= _DEAD_V
    if measured and live and not said.module_live and said.bench_dead is not False:
        return f"module at {facts.world.module_v:.1f} V and not reported LIVE"
    return None


def no_false_fail(facts: CaseFacts, bounds: Bounds) -> str | None:
    """(h) A healthy module does not FAIL for a fault of the station."""
    said = facts.said
    if said.outcome != FAIL or facts.clean.said.outcome == FAIL:
        return None
    others = [n for n in said.failed if not n.startswith(_LINK_WORDS)]
    if facts.fault.seam in LINKS and said.failed and not others:
        return None  # a link silent for good is the module's (test-plan.md)
    if said_of_the_module(facts, bounds):
        return None
    return f"FAIL of a healthy module: {', '.join(others[:3])}" + _and_more(others[2:])


INVARIANTS: tuple[tuple[str, Invariant], ...] = (
    ("(a) bench dead in time", bench_dead),
    ("(b) no false PASS", no_false_pass),
    ("(c) one record", one_record),
    ("(d) ceilings", within_ceilings),
    ("(e) make_safe bounded", make_safe_bounded),
    ("(f) nothing energised after make_safe began", nothing_energised_after),
    ("(g) next run guarded", next_run_guarded),
    ("(h) no false FAIL", no_false_fail),
)


def find_violations(facts: CaseFacts, bounds: Bounds) -> list[tuple[str, str]]:
    """List the invariants that a case broke, each with what was broken."""
    return [
        (name, text)
        for name, holds in INVARIANTS
        if (text := holds(facts, bounds)) is not None
    ]


def said_of_the_module(facts: CaseFacts, bounds: Bounds) -> bool:
    """Tell whether the run ended FAIL for what nobody can tell from a bad module."""
    case, seam = facts.case, facts.fault.seam
    imitated = bounds.imitates(seam, case.kind, case.persistence)
    return imitated and facts.said.outcome == FAIL


def _had_to_repeat(facts: CaseFacts, bounds: Bounds) -> bool:
    """Tell whether a question to the service port was repeated for the fault.

    It is the one link whose questions may be. A repeated one comes at once; a poll
    whose answer nobody collects is followed by the next one, later.
    """
    fault = facts.fault
    if facts.case.kind == FROZEN:
        return False  # a valid answer: nobody asks again for it
    again_us, noticed_us = fault.asked_again_us, fault.detectable_us
    if fault.seam != SERVICE or again_us is None or noticed_us is None:
        return False
    return again_us - noticed_us <= bounds.repeat_s * 1e6


def _allowed_s(facts: CaseFacts, bounds: Bounds) -> float:
    if facts.killed or facts.case.kind == STALL:  # watchdog and dead-man end it
        return bounds.killed_s
    return bounds.dead_can_s if facts.fault.seam == CAN else bounds.dead_s


def _dead_but_for_the_stuck(facts: CaseFacts, bounds: Bounds) -> str | None:
    """Demand that all else is off, that the run says so, and that the bench locks.

    A run may close the contactor once more to prove its sources off; that is how an
    output is found that reads off and is not. It must not last.
    """
    said, role = facts.said, facts.fault.role
    if facts.fault.detectable_us is None:
        return None
    stretches, alive_s = facts.world.stretches, facts.alive_s or 0.0
    if stretches and stretches[-1][1] is None:
        return f"{role} stuck on, and the rest is not off at the end"
    if alive_s > bounds.dead_s:
        return f"{role} stuck on, and the rest on for {alive_s:.2f} s"
    if said.outcome != ERROR or said.bench_dead is not False:
        dead = "dead" if said.bench_dead else "not dead"
        return f"{role} stuck on, and the run ended {said.outcome}, bench {dead}"
    return None


def _record_of_no_verdict(facts: CaseFacts) -> str | None:
    """Judge the store after a kill, or after a run that was refused."""
    stored = facts.stored
    if stored.runs == 0:
        if facts.world.energising:
            return "energised, and no record was begun"
        return None
    if stored.runs > 1:
        return f"{stored.runs} records of one run"
    if stored.confirmed == 1 and stored.whole:
        return None
    return None if _is_incomplete(facts) else "a run without an end was not closed"


def _is_incomplete(facts: CaseFacts) -> bool:
    """Tell whether the one run reads as INCOMPLETE everywhere."""
    stored = facts.stored
    if stored.ended:
        return stored.confirmed == 0
    return stored.closed == 1


def _stalled_within(facts: CaseFacts, span: SafeSpan) -> bool:
    first_us = facts.fault.first_us
    if facts.case.kind != STALL or first_us is None:
        return False
    return span.begin_us <= first_us <= span.end_us


def _others(facts: CaseFacts, span: SafeSpan) -> Iterator[tuple[str, int | None]]:
    """List the devices that the fault does not sit in, each with when it was off."""
    for role, what, t_us in (
        ("supply", "supply", span.supply_off_us),
        ("load", "load", span.load_off_us),
        ("switchbox", "fixture contactor", span.contactor_open_us),
    ):
        if facts.fault.role != role:
            yield what, t_us


def _and_more(found: object) -> str:
    more = len(found) - 1 if isinstance(found, list | tuple) else 0
    return f" (and {more} more)" if more > 0 else ""
