"""Decide what a run is worth. A pure function: facts in, one verdict out.

The executor's own outcome is only one of the facts: OpenHTF can say PASS when a phase
never ran (`openhtf.md` section 0). The order of the rules, strongest first:

1. bench not proved dead -> ERROR. Whatever else was found was found with a bench that
   does not obey or cannot be measured, and a person has to come: nothing may hide it.
2. module measured live after make_safe -> FAIL, "LIVE, may close its contactor by
   itself". It is a measured fact about the module, also in a run that was stopped. A
   module that could not be measured (a silent meter) is no such fact: the warning
   stands in the reason, but the word is ABORTED or ERROR.
3. a signal -> ABORTED. The operator ended it; failures so far stand in the reason.
4. a measurement outside its limit -> FAIL, also if the station failed later: a
   value once judged on good readings is not taken back by what comes after it.
   What only make_safe found after the station had failed is no such value: the
   instrument that failed is the cause, and a live module is its warning.
5. anything missing, unset, unplanned or contradictory -> ERROR.
6. otherwise PASS. `not stored` is the runner's to say, after this one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from phases.make_safe import NAME as MAKE_SAFE
from phases.results import (
    ERROR,
    FAIL,
    PASS,
    READ_ONLY,
    Measurement,
    PhaseResult,
    Value,
)

ABORTED = "ABORTED"
INCOMPLETE = "INCOMPLETE"

LIVE = "LIVE, may close its contactor by itself; do not touch or disconnect it"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class RunFacts:
    """All that a verdict rests on.

    `bench_dead` is None if no bench was opened, and what answered was proved dead.
    `error` says why the station does not know; `stop` names the signal.
    """

    phases: Sequence[PhaseResult]
    expected_measurements: Sequence[str]
    planned_phases: Sequence[str]
    executor_outcome: str
    error: str | None
    stop: str | None
    bench_dead: bool | None
    module_live: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of PASS, FAIL, ERROR, ABORTED, and why."""

    outcome: str
    reason: str


def decide(facts: RunFacts) -> Verdict:
    """Decide the outcome by the rules in this module's docstring."""
    failed = failed_measurements(facts.phases)
    doubts = list(_doubts(facts))
    found = [_failures(failed)] if failed else []
    live = [f"module {LIVE}"] if facts.module_live else []
    later = [f"then: {facts.error}"] if facts.error else []
    if facts.bench_dead is False:
        reasons = ["the bench could not be proved dead", *live, *found, *doubts]
        return _verdict(ERROR, reasons)
    counts = bool(_before_the_error(facts, failed))
    if facts.module_live and (counts or not doubts):
        return _verdict(FAIL, [*live, *found, *later])
    if facts.stop is not None:
        return _verdict(ABORTED, [f"stopped by {facts.stop}", *live, *found, *later])
    if counts:
        return _verdict(FAIL, [*found, *later])
    if doubts:
        return _verdict(ERROR, [*doubts, *live, *found])
    return _verdict(PASS, [])


def failed_measurements(phases: Sequence[PhaseResult]) -> list[Measurement]:
    """List the measurements that were judged and failed, in their order."""
    return [
        m
        for phase in phases
        for m in phase.measurements
        if m.outcome == FAIL and _has_finding(m)
    ]


def _before_the_error(
    facts: RunFacts, failed: Sequence[Measurement]
) -> Sequence[Measurement]:
    """List what failed by the module's doing; after an error make_safe's do not."""
    if facts.error is None:
        return failed
    ran = [phase for phase in facts.phases if phase.name != MAKE_SAFE]
    return failed_measurements(ran)


def is_finite(value: Value) -> bool:
    """Tell whether there is a value: not None, not NaN, not infinite."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is not None


def _has_finding(m: Measurement) -> bool:
    """Tell whether something was found: a value, or nothing where a word was due."""
    if m.outcome == FAIL and m.value is None:
        return m.expect is not None
    return is_finite(m.value)


def _doubts(facts: RunFacts) -> Iterator[str]:
    """Say, one by one, why this run cannot be a PASS."""
    if facts.error is not None:
        yield facts.error  # what else is missing follows from it
        return
    if facts.bench_dead is None:
        yield "the bench was never opened"
    yield from _phase_doubts(facts)
    yield from _measurement_doubts(facts)
    if facts.executor_outcome != PASS:
        yield f"the executor ended with {facts.executor_outcome or 'no outcome'}"
    if not facts.expected_measurements:
        yield "the sequence names no measurement to judge"


def _phase_doubts(facts: RunFacts) -> Iterator[str]:
    ran = {phase.name: phase for phase in facts.phases}
    absent = [name for name in facts.planned_phases if name not in ran]
    if absent:
        yield f"did not run: {_names(absent)}"
    names = Counter(phase.name for phase in facts.phases)
    unplanned = list((names - Counter(facts.planned_phases)).elements())
    if unplanned and facts.planned_phases:
        yield f"ran unplanned, or twice: {_names(unplanned)}"
    for phase in facts.phases:
        if phase.outcome != PASS:
            note = f" ({phase.note})" if phase.note else ""
            yield f"phase {phase.name} ended {phase.outcome}{note}"
    if not facts.planned_phases:
        yield "the sequence plans no phase"


def _measurement_doubts(facts: RunFacts) -> Iterator[str]:
    judged = _judged(facts.phases)
    missing = [n for n in facts.expected_measurements if not judged.get(n, False)]
    if missing:
        yield f"not judged with a finite value: {_names(missing)}"
    empty = [
        m.name
        for phase in facts.phases
        for m in phase.measurements
        if m.outcome in (PASS, FAIL) and not _has_finding(m)
    ]
    if empty:
        yield f"an outcome without a value: {_names(empty)}"
    every = [m for phase in facts.phases for m in phase.measurements]
    contrary = [m.name for m in every if contradicts_itself(m)]
    if contrary:
        yield f"passed against its own limits: {_names(contrary)}"


def contradicts_itself(m: Measurement) -> bool:
    """Tell whether a value that passed lies outside the limits that stand beside it.

    The judge compared them once; this comparison shares nothing with it but the record.
    """
    if m.outcome not in (PASS, READ_ONLY):
        return False
    if m.expect is not None:
        return m.value != m.expect
    for edge, low, high in (
        (m.value_low, m.low, None),
        (m.value_high, None, m.high),
        (m.value, m.low, m.high),
    ):
        if isinstance(edge, bool) or not isinstance(edge, int | float):
            continue
        if not (low is None or edge >= low) or not (high is None or edge <= high):
            return True
    return False


def _judged(phases: Sequence[PhaseResult]) -> Mapping[str, bool]:
    """Tell for each measurement whether it passed, by a phase that passed.

    A value judged from its register (READ_ONLY) counts: a wrong one would be FAIL.
    """
    judged: dict[str, bool] = {}
    for phase in phases:
        for m in phase.measurements:
            good = m.outcome in (PASS, READ_ONLY) and is_finite(m.value)
            judged[m.name] = judged.get(m.name, True) and good and phase.outcome == PASS
    return judged


def _failures(failed: Sequence[Measurement]) -> str:
    return f"outside its limit: {_names([m.name for m in failed])}"


def _names(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _verdict(outcome: str, reasons: Sequence[str]) -> Verdict:
    return Verdict(outcome, "; ".join(reasons))
