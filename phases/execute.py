"""Run a sequence under OpenHTF and hand back what was found.

OpenHTF gives phases, groups and teardown; its outcome is one witness among others and
never the verdict (reference/openhtf.md 0). Energy is switched on only in a group's
`main`, and the group's teardown phase measures that the bench is dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import openhtf as htf
from openhtf.util import console_output

from instruments.bench import Bench
from instruments.trace import Sample
from limits.limit_set import LimitSet
from limits.requirement_plan import Plan as RequirementPlan
from limits.requirement_plan import load_plan as load_requirement_plan
from limits.requirements import load_requirements
from phases import make_safe
from phases.behaviours import BEHAVIOURS, Behaviour
from phases.facts import RunFacts
from phases.judge import Judge
from phases.plan import load_plan
from phases.plug import BenchPlug
from phases.power_reserve import check_power_reserve
from phases.release_image import ReleaseImage
from phases.results import FAIL, PASS, READ_ONLY, Measurement, PhaseResult, Progress
from phases.sequences import behaviours_of, load_stop_table
from phases.step import RunState, note_error, outcome_of, run_step

_WALL_RESERVE_S = 900.0
_PROGRESS_SAMPLES = 200


@dataclass(slots=True)
class Execution:
    """What a sequence found, and everything that the verdict has to weigh."""

    phases: list[PhaseResult]
    executor_outcome: str
    error: BaseException | None
    expected_measurements: tuple[str, ...]
    planned_phases: tuple[str, ...]
    bench_dead: bool
    module_live: bool
    stop: str | None
    trips: int
    firmware: Mapping[str, str] = field(default_factory=dict)
    not_judged: Mapping[str, str] = field(default_factory=dict)


def execute(
    sequence: str,
    bench: Bench,
    limits: LimitSet,
    serial: str,
    on_phase: Callable[[PhaseResult], None],
    on_progress: Callable[[Progress], None],
    image: ReleaseImage | None = None,
) -> Execution:
    """Run a sequence to its end; never raises for what happens in it.

    `image` is what the released firmware's registers hold; None is the shipped one.

    Raises:
        NotProtected: supply or load cannot carry it; nothing was energised.
    """
    behaviours = [BEHAVIOURS[name] for name in behaviours_of(sequence)]
    facts = RunFacts(
        serial,
        judges_capacity=any(b.name == "capacity" for b in behaviours),
        earlier_trips=bench.earlier_trips,
    )
    state = RunState(
        bench, limits, load_plan(), facts, load_stop_table(), on_phase, image=image
    )
    check_power_reserve((b.name for b in behaviours), state.plan, bench.parts)
    requirements = load_requirement_plan(load_requirements())
    outcome = _run_under_openhtf(sequence, state, behaviours, on_progress)
    report = bench.last_safe
    if report is None or not report.dead:
        report = bench.make_safe()
    expected = [
        limit.name for behaviour in behaviours for limit in behaviour.owed(limits)
    ]
    expected += [limit.name for limit in make_safe.owed(limits)]
    return Execution(
        phases=state.results,
        executor_outcome=outcome,
        error=state.error,
        expected_measurements=tuple(expected),
        planned_phases=(*(b.name for b in behaviours), make_safe.NAME),
        bench_dead=report.dead,
        module_live=not report.module_dead,
        stop=state.signal,
        trips=facts.trips,
        firmware=facts.firmware,
        not_judged=_not_judged(state.results, requirements),
    )


def _not_judged(
    results: list[PhaseResult], plans: Mapping[str, RequirementPlan]
) -> dict[str, str]:
    """List the requirements that this run did not judge, each with its reason."""
    judged = {
        name
        for result in results
        for found in result.measurements
        if found.outcome in (PASS, FAIL)
        for name in found.requirements
    }
    return {n: _why_not(plan) for n, plan in plans.items() if n not in judged}


def _why_not(plan: RequirementPlan) -> str:
    if plan.kind == "judged":
        return f"not in this sequence, or not reached: {plan.reason}"
    return f"{plan.kind}: {plan.reason}"


def _run_under_openhtf(
    sequence: str,
    state: RunState,
    behaviours: list[Behaviour],
    on_progress: Callable[[Progress], None],
) -> str:
    """Build and execute the OpenHTF test; return its outcome's name."""
    plug = BenchPlug.bound_to(state.bench)
    progress = _ProgressTeller(state.bench, behaviours, on_progress)
    main = [_phase(state, behaviour, plug, progress) for behaviour in behaviours]
    group = htf.PhaseGroup(
        main=main, teardown=[_make_safe_phase(state, plug, progress)]
    )
    console_output.CLI_QUIET = True
    htf.conf.load(plug_teardown_timeout_s=60, cancel_timeout_s=3)
    records: list[Any] = []
    test = htf.Test(group, test_name=sequence)
    test.add_output_callbacks(records.append)
    test.execute(test_start=lambda: state.facts.serial)
    return str(records[0].outcome.name) if records else "NO_RECORD"


def _phase(
    state: RunState,
    behaviour: Behaviour,
    plug: type[BenchPlug],
    progress: _ProgressTeller,
) -> Any:  # noqa: ANN401  OpenHTF has no types
    """Make the OpenHTF phase of one behaviour."""

    def phase(test: Any, bench_plug: BenchPlug) -> None:  # noqa: ANN401
        del bench_plug
        progress.begin(behaviour.name)
        try:
            result = run_step(state, behaviour)
        except Exception as error:
            note_error(state, error)
            raise
        _hand_over(test, result.measurements, behaviour.owed(state.limits))

    phase.__name__ = behaviour.name
    phase.__doc__ = behaviour.run.__doc__
    options = htf.PhaseOptions(
        name=behaviour.name,
        timeout_s=4.0 * behaviour.expected_s + _WALL_RESERVE_S,
    )
    measured = htf.measures(*_declared(behaviour.owed(state.limits)))(phase)
    return htf.plug(bench_plug=plug)(options(measured))


def _make_safe_phase(
    state: RunState, plug: type[BenchPlug], progress: _ProgressTeller
) -> Any:  # noqa: ANN401
    owed = make_safe.owed(state.limits)

    def phase(test: Any, bench_plug: BenchPlug) -> None:  # noqa: ANN401
        del bench_plug
        judge = Judge(make_safe.NAME, owed)
        result = PhaseResult(make_safe.NAME, state.bench.now_s())
        result.measurements = judge.measurements
        try:
            progress.begin(make_safe.NAME)
            report = make_safe.run(state.bench, judge)
            result.outcome = outcome_of(judge.measurements)
            result.note = "; ".join(report.errors)
        except Exception as error:
            note_error(state, error)
            raise
        finally:
            result.end_s = state.bench.now_s()
            state.results.append(result)
            state.on_phase(result)
        _hand_over(test, judge.measurements, owed)

    phase.__name__ = make_safe.NAME
    phase.__doc__ = make_safe.run.__doc__
    options = htf.PhaseOptions(name=make_safe.NAME, timeout_s=_WALL_RESERVE_S)
    return htf.plug(bench_plug=plug)(options(htf.measures(*_declared(owed))(phase)))


def _declared(owed: Any) -> list[Any]:  # noqa: ANN401
    """Declare to OpenHTF what is owed: it carries outcomes, the record the numbers."""
    return [htf.Measurement(limit.name).equals(PASS) for limit in owed]


def _hand_over(test: Any, found: list[Measurement], owed: Any) -> None:  # noqa: ANN401
    names = {limit.name for limit in owed}
    for measurement in found:
        if measurement.name in names:
            judged = measurement.outcome
            test.measurements[measurement.name] = (
                PASS if judged == READ_ONLY else judged
            )


class _ProgressTeller:
    """Tells the display where the run stands; costs next to nothing in between."""

    def __init__(
        self,
        bench: Bench,
        behaviours: list[Behaviour],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._bench = bench
        self._names = [*(behaviour.name for behaviour in behaviours), make_safe.NAME]
        self._expected_s = sum(behaviour.expected_s for behaviour in behaviours)
        self._tell = on_progress
        self._index = 0
        self._samples = 0
        bench.sampler.on_progress = self.sampled

    def begin(self, name: str) -> None:
        """Tell that a phase begins."""
        self._index = self._names.index(name)
        self._send(None)

    def sampled(self, sample: Sample) -> None:
        """Count samples; tell every now and then."""
        self._samples += 1
        if self._samples % _PROGRESS_SAMPLES == 0:
            self._send(sample)

    def _send(self, sample: Sample | None) -> None:
        values: dict[str, float | str] = {}
        if sample is not None:
            values = {
                "module_v": round(sample.module_v, 3),
                "current_a": round(sample.current_a, 2),
            }
        self._tell(
            Progress(
                phase=self._names[self._index],
                index=self._index,
                phases=len(self._names),
                bench_s=self._bench.now_s(),
                expected_s=self._expected_s,
                values=values,
            )
        )
