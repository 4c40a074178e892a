"""What is kept of a case: one line, for the table, the resume file and the replay."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from station.faults.bounds import Bounds
from station.faults.facts import CaseFacts
from station.faults.invariants import find_violations, said_of_the_module

INCOMPLETE = "INCOMPLETE"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Outcome and violations of one case.

    `alive_s` is how long the bench stayed alive with a detectable fault; None where
    nothing had to end: the run overcame the fault, or nobody could tell it from a bad
    module. `word` is what came of it.
    """

    name: str
    sequence: str
    kind: str
    seam: str
    word: str
    effects: int
    detectable: bool
    alive_s: float | None
    violations: tuple[tuple[str, str], ...]
    reason: str = ""

    def line(self) -> str:
        """Write it as one JSON line."""
        return json.dumps(asdict(self), separators=(",", ":"))


def parse_result(line: str) -> CaseResult:
    """Parse a line of a resume file.

    Raises:
        ValueError, TypeError, KeyError: the line is no result.
    """
    data = json.loads(line)
    data["violations"] = tuple((name, text) for name, text in data["violations"])
    return CaseResult(**data)


def result_of(facts: CaseFacts, bounds: Bounds) -> CaseResult:
    """Sum a case up."""
    excused = facts.overcome or said_of_the_module(facts, bounds)
    return CaseResult(
        name=facts.case.name,
        sequence=facts.case.sequence,
        kind=facts.case.kind,
        seam=facts.fault.seam,
        word=_word(facts),
        effects=facts.fault.effects,
        detectable=facts.fault.detectable_us is not None,
        alive_s=facts.alive_s if facts.killed or not excused else None,
        violations=tuple(find_violations(facts, bounds)),
        reason=facts.said.reason or facts.said.refused or facts.said.crashed or "",
    )


def died(name: str, sequence: str, kind: str, text: str) -> CaseResult:
    """Make the result of a case whose worker ended without an answer."""
    broken = (("(c) one record", f"the worker process ended: {text}"),)
    return CaseResult(name, sequence, kind, "", "crashed", 0, False, None, broken)


def _word(facts: CaseFacts) -> str:
    said = facts.said
    if said.crashed is not None:
        return "crashed"
    if said.refused is not None:
        return REFUSED
    return said.outcome or INCOMPLETE
