"""Run one behaviour and say what became of it.

A bad module is a measurement outside its limit. An exception means that the station
does not know; it ends the run as ERROR. What a failure before made impossible is
`not run`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.bench import Bench
from instruments.errors import (
    InstrumentError,
    PreconditionNotMet,
    RepeatedReading,
    ServiceLinkError,
    StaleReading,
    StopRequested,
)
from limits.limit_set import LimitSet
from phases.behaviours import Behaviour
from phases.facts import RunFacts
from phases.judge import Judge
from phases.links import judge_following, judge_links
from phases.plan import Plan
from phases.results import ERROR, FAIL, NOT_RUN, PASS, Measurement, PhaseResult
from phases.sequences import StopTable


class MeasurementMissing(Exception):
    """A behaviour ended without judging everything that it owes."""


@dataclass(slots=True)
class RunState:
    """One run in progress."""

    bench: Bench
    limits: LimitSet
    plan: Plan
    facts: RunFacts
    stop_table: StopTable
    on_phase: Callable[[PhaseResult], None]
    results: list[PhaseResult] = field(default_factory=list)
    stopped_by: str | None = None
    error: BaseException | None = None
    signal: str | None = None

    @property
    def failed(self) -> bool:
        """Tell whether any phase failed so far."""
        return any(result.outcome == FAIL for result in self.results)


def run_step(state: RunState, behaviour: Behaviour) -> PhaseResult:
    """Run one behaviour, keep its result, and return it.

    Raises:
        Exception: whatever kept the station from knowing, after the result was kept.
    """
    judge = Judge(behaviour.name, behaviour.owed(state.limits), _stopper(state))
    result = PhaseResult(behaviour.name, state.bench.now_s())
    result.measurements = judge.measurements
    try:
        if state.stopped_by is not None:
            judge.not_run(f"nothing is energised after {state.stopped_by} failed")
            result.note = f"stopped by {state.stopped_by}"
        else:
            _run(state, behaviour, judge, result)
        result.outcome = outcome_of(judge.measurements)
    except BaseException as error:
        foreseen = isinstance(error, (InstrumentError, StopRequested))
        result.note = str(error) if foreseen else f"{type(error).__name__}: {error}"
        raise
    finally:
        result.end_s = state.bench.now_s()
        result.requirements = tuple(
            sorted({r for m in result.measurements for r in m.requirements})
        )
        state.results.append(result)
        state.on_phase(result)
    return result


def _run(
    state: RunState, behaviour: Behaviour, judge: Judge, result: PhaseResult
) -> None:
    try:
        behaviour.run(state.bench, judge, state.plan, state.facts)
    except PreconditionNotMet as error:
        if not (state.failed or judge.failed):
            raise
        result.note = str(error)
    except (StaleReading, ServiceLinkError) as error:
        state.bench.disconnect()
        if not (
            _links_are_silent(state, result) or _link_repeats(state, result, error)
        ):
            raise
        result.note = str(error)
    state.bench.disconnect()
    _note_stop(state, judge)
    owed = set(judge.names) - {found.name for found in judge.measurements}
    # A link found silent above stands among the measurements as a FAIL.
    if not owed:
        return
    if not (judge.failed or state.failed):
        raise MeasurementMissing(
            f"{behaviour.name} did not judge {', '.join(sorted(owed))}"
        )
    judge.not_run(result.note or "a failure before left nothing to measure")


def _links_are_silent(state: RunState, result: PhaseResult) -> bool:
    """Measure both links once more with the bench dead; keep it as measurements."""
    links = Judge("links", state.limits.for_behaviour("links"))
    silent = not judge_links(state.bench, links)
    if silent:
        result.measurements.extend(links.measurements)
    return silent


def _link_repeats(state: RunState, result: PhaseResult, error: InstrumentError) -> bool:
    """Hold links that were found repeating themselves against a current once more."""
    if not isinstance(error, RepeatedReading):
        return False
    links = Judge("links", state.limits.for_behaviour("links"))
    repeats = not judge_following(state.bench, links)
    if repeats:
        result.measurements.extend(links.measurements)
    return repeats


def _stopper(state: RunState) -> Callable[[str], None]:
    """Make what stops all energy within a behaviour, as soon as a measurement fails."""

    def stop(name: str) -> None:
        if state.stop_table.stops_at_once(name):
            state.bench.energise_no_more(name)

    return stop


def _note_stop(state: RunState, judge: Judge) -> None:
    for found in judge.measurements:
        if found.outcome == FAIL and state.stop_table.stops(found.name):
            state.stopped_by = found.name
            return


def note_error(state: RunState, error: BaseException) -> None:
    """Keep why the station does not know, traceback and all; the first counts."""
    if isinstance(error, StopRequested):
        state.signal = state.signal or str(error)
    elif state.error is None:
        state.error = error


def outcome_of(measurements: list[Measurement]) -> str:
    """Sum a phase's measurements up: FAIL if any failed, NOT_RUN if any is missing."""
    outcomes = {found.outcome for found in measurements}
    if FAIL in outcomes:
        return FAIL
    if NOT_RUN in outcomes:
        return NOT_RUN
    return PASS if outcomes else ERROR
