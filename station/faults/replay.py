"""Replay one case and tell what happened, in order."""

from __future__ import annotations

from collections.abc import Iterator

from station.errors import BadOption
from station.faults.bounds import load_bounds
from station.faults.cases import Case
from station.faults.facts import CaseFacts
from station.faults.invariants import find_violations
from station.faults.parts import StationParts
from station.faults.play import plan_of, play
from station.faults.rig import Stage
from station.faults.survey import survey

_MOST_WRITES = 12


def replay(case: Case, parts: StationParts) -> tuple[list[str], bool]:
    """Play a case again; return the story and whether an invariant was broken.

    Raises:
        BadOption: the run ends before this call.
        Unsure: the sequence does not pass without a fault.
        ValueError: no such kind, or it does not come with this persistence.
    """
    plan_of(case)
    key = (case.sequence, case.seed)
    seen = survey(key, parts)
    if case.call > len(seen.calls):
        raise BadOption(f"case {case.name}: the run makes only {len(seen.calls)} calls")
    played = play(case, Stage(*key), seen.clean, parts)
    facts = played.facts
    found = find_violations(facts, load_bounds())
    lines = [*_head(facts), *sorted(_events(facts)), *_tail(facts)]
    lines += [f"BROKEN {name}: {text}" for name, text in found]
    return lines, bool(found)


def _head(facts: CaseFacts) -> Iterator[str]:
    fault = facts.fault
    yield facts.case.name
    yield f"call {facts.case.call}: {fault.seam} {fault.role}: {fault.what}"
    yield f"bench state: {fault.state}"
    yield f"effects: {fault.effects}"


def _events(facts: CaseFacts) -> Iterator[str]:
    """Write what has an instant; sorting the lines puts them in order."""
    fault, world = facts.fault, facts.world
    yield from fault.lines
    for t_us, what in (
        (fault.first_us, "the fault acts for the first time"),
        (fault.detectable_us, "the fault could be noticed"),
        (world.dead_since_us, "bench dead, for good"),
        (world.supply_off_us, "supply off, for good"),
        (world.load_off_us, "load off, for good"),
        (world.contactor_open_us, "fixture contactor open, for good"),
        (world.end_us, "end"),
    ):
        if t_us is not None:
            yield _line(t_us, what)
    for t_us, what in (*_last_writes(facts), *world.ceilings):
        yield _line(t_us, what)
    for opening in world.openings:
        yield _line(
            opening.t_us,
            f"module opened at {opening.terminal_v:.3f} V, {opening.current_a:.2f} A",
        )
    for span in facts.spans:
        yield _line(span.begin_us, "make_safe begins")
        yield _line(
            span.end_us,
            f"make_safe ends: {span.bench_s:.2f} s, and {span.module_s:.2f} s for the"
            " module-dead step",
        )


def _last_writes(facts: CaseFacts) -> Iterator[tuple[int, str]]:
    """List the last energising writes; the first of them says how many came before."""
    writes = facts.world.energising
    before = len(writes) - _MOST_WRITES
    for number, (t_us, what) in enumerate(writes[-_MOST_WRITES:]):
        more = before > 0 and number == 0
        yield t_us, f"{what} (and {before} more before it)" if more else what


def _tail(facts: CaseFacts) -> Iterator[str]:
    said, stored = facts.said, facts.stored
    yield f"said: {said.outcome}, {said.reason or said.refused or said.crashed}"
    yield (
        f"bench proved dead: {said.bench_dead}; module live: {said.module_live};"
        f" incidents: {'; '.join(said.incidents) or 'none'}"
    )
    yield (
        f"store: {stored.runs} begun, {stored.ended} ended, {stored.confirmed}"
        f" confirmed, {stored.closed} closed as INCOMPLETE, locked: {stored.locked}"
    )
    if facts.refusal is not None:
        yield f"next start refused: {facts.refusal}"


def _line(t_us: int, text: str) -> str:
    return f"{t_us / 1e6:10.3f} s  {text}"
