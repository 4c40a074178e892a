"""One step of a run: stop table, preconditions, what is owed, what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from instruments.bench import Bench
from instruments.errors import PreconditionNotMet
from phases.behaviours import Behaviour
from phases.facts import RunFacts
from phases.judge import Judge
from phases.plan import Plan
from phases.results import ERROR, FAIL, NOT_RUN, PASS, Measurement, PhaseResult
from phases.step import MeasurementMissing, RunState, outcome_of, run_step
from tests.phases import rig

Run = Callable[[Bench, Judge, Plan, RunFacts], None]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Open one bench for steps that do not energise it."""
    with rig.opened({}) as opened:
        yield opened


def behaviour(run: Run, table: str = "polarity") -> Behaviour:
    """Make a behaviour that owes a real table."""
    return Behaviour(table, run, 1.0)


def judging(ok: bool, *, leave_out: str = "") -> Run:
    """Make a run that judges `polarity`: its first measurement as told."""

    def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
        del bench, plan, facts
        for name in judge.names:
            if name == leave_out:
                continue
            if name == "polarity_contact_mohm":
                judge.value(name, 1.0)
            else:
                judge.expect(name, ok or name != "polarity_ok")

    return run


def refusing(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Find a precondition that is not met."""
    del bench, judge, plan, facts
    raise PreconditionNotMet("module", "is not there", "bring it")


def outcomes(result: PhaseResult) -> dict[str, str]:
    """Name what became of each measurement."""
    return {found.name: found.outcome for found in result.measurements}


def test_phase_with_everything_passed_passes(bench: Bench) -> None:
    """A good phase is not PASS, or its result is not kept and told."""
    state = rig.new_state(bench)
    told: list[PhaseResult] = []
    state.on_phase = told.append
    result = run_step(state, behaviour(judging(ok=True)))
    assert result.outcome == PASS
    assert state.results == told == [result]
    assert "EL-28" in result.requirements


def test_failure_of_the_stop_table_energises_nothing_again(bench: Bench) -> None:
    """A module with reversed leads is energised by the next step."""
    state = rig.new_state(bench)
    assert run_step(state, behaviour(judging(ok=False))).outcome == FAIL
    ran: list[str] = []

    def later(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
        del bench, judge, plan, facts
        ran.append("later")

    result = run_step(state, behaviour(later, "resistance"))
    assert ran == []
    assert result.outcome == NOT_RUN
    assert outcomes(result) == {
        "resistance_mohm": NOT_RUN,
        "resistance_cell_mohm": NOT_RUN,
        "resistance_path_mohm": NOT_RUN,
    }
    assert "polarity_ok" in result.note


def test_precondition_without_an_earlier_failure_is_an_error(bench: Bench) -> None:
    """A station that cannot begin says FAIL of a module that it never tested."""
    state = rig.new_state(bench)
    with pytest.raises(PreconditionNotMet):
        run_step(state, behaviour(refusing))
    assert state.results[0].outcome == ERROR
    assert "is not there" in state.results[0].note


def test_precondition_after_a_failure_is_not_run(bench: Bench) -> None:
    """A defect ends as ERROR because a later step finds the module changed by it."""
    state = rig.new_state(bench)
    failed = PhaseResult("earlier", 0.0, outcome=FAIL)
    state.results.append(failed)
    result = run_step(state, behaviour(refusing))
    assert set(outcomes(result).values()) == {NOT_RUN}
    assert "is not there" in result.note


def test_phase_that_forgets_a_measurement_is_an_error(bench: Bench) -> None:
    """A measurement is left out and its phase passes."""
    state = rig.new_state(bench)
    forgetful = judging(ok=True, leave_out="polarity_contact_mohm")
    with pytest.raises(MeasurementMissing, match="contact_mohm"):
        run_step(state, behaviour(forgetful))
    assert state.results[0].outcome == ERROR


def test_what_a_failure_left_out_is_not_run(bench: Bench) -> None:
    """A failed phase that had nothing left to measure ends as ERROR."""
    state = rig.new_state(bench)
    forgetful = judging(ok=False, leave_out="polarity_contact_mohm")
    result = run_step(state, behaviour(forgetful))
    assert result.outcome == FAIL
    assert outcomes(result)["polarity_contact_mohm"] == NOT_RUN


def test_step_leaves_the_sources_off() -> None:
    """A phase that forgets to disconnect hands a live bench to the next one."""
    with rig.opened({"soc_pct": 50.0, "module": "running"}) as bench:

        def careless(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
            del plan, facts
            bench.hold(1.5, 250_000)
            bench.charge(20.0, 56.0)
            judge.value("mohm", 11.0)
            judge.value("cell_mohm", 0.6)
            judge.value("path_mohm", 2.0)

        run_step(rig.new_state(bench), behaviour(careless, "resistance"))
        assert not bench.parts.supply.read_output()
        assert abs(bench.sample().current_a) < 0.5


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ([PASS], PASS),
        ([PASS, FAIL, NOT_RUN], FAIL),
        ([PASS, NOT_RUN], NOT_RUN),
        ([], ERROR),
    ],
)
def test_phase_outcome_is_the_worst_of_its_measurements(
    found: list[str], outcome: str
) -> None:
    """A phase with a failed, or with no measurement, counts as passed."""
    assert outcome_of([Measurement("m", 1, one) for one in found]) == outcome


def test_run_state_knows_of_an_earlier_failure(bench: Bench) -> None:
    """A later step cannot tell that an earlier one failed."""
    state: RunState = rig.new_state(bench)
    assert not state.failed
    state.results.append(PhaseResult("earlier", 0.0, outcome=FAIL))
    assert state.failed
