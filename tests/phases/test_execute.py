"""What the station relies on in OpenHTF, on whole short sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from instruments.bench import Bench
from phases.execute import Execution, execute
from phases.results import FAIL, NOT_RUN, PASS, PhaseResult, Progress
from tests.phases import rig

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def run(
    sequence: str, state: Mapping[str, Any], defect: str = "", stop_at: str = ""
) -> tuple[Execution, Bench, list[Progress]]:
    """Execute a sequence; request a stop when a phase has ended."""
    told: list[Progress] = []
    with rig.opened(state, defect) as bench:

        def on_phase(result: PhaseResult) -> None:
            if result.name == stop_at:
                bench.clock.stop.request("SIGTERM")

        done = execute(
            sequence,
            bench,
            rig.limits(),
            rig.SERIAL,
            on_phase,
            told.append,
        )
    return done, bench, told


def fault(target: str, name: str, when: float | None = None) -> str:
    """Write a defect file with one fault."""
    at = "" if when is None else f"when = {when}\n"
    return (
        f'id = "f"\ntitle = "f"\n[[fault]]\ntarget = "{target}"\nname = "{name}"\n{at}'
    )


@pytest.fixture(scope="module")
def healthy() -> tuple[Execution, Bench, list[Progress]]:
    """Run one short sequence on a healthy module."""
    return run("identity", {})


def test_healthy_sequence_judges_everything_that_it_owes(
    healthy: tuple[Execution, Bench, list[Progress]],
) -> None:
    """A run passes although something owed was never measured."""
    done = healthy[0]
    judged = {m.name: m.outcome for phase in done.phases for m in phase.measurements}
    assert set(done.expected_measurements) <= set(judged)
    assert done.executor_outcome == "PASS"
    assert done.error is None
    assert done.bench_dead
    assert not done.module_live


def test_make_safe_is_always_the_last_phase(
    healthy: tuple[Execution, Bench, list[Progress]],
) -> None:
    """Something is measured, or energised, after the bench was proved dead."""
    done = healthy[0]
    names = tuple(phase.name for phase in done.phases)
    assert names == done.planned_phases
    assert names[-1] == "make_safe"


def test_display_hears_of_every_phase(
    healthy: tuple[Execution, Bench, list[Progress]],
) -> None:
    """The display stands still while phases pass."""
    told = healthy[2]
    assert {one.index for one in told} == set(range(6))
    assert told[-1].phase == "make_safe"


def test_error_in_a_phase_ends_the_run_with_the_bench_dead() -> None:
    """A station that does not know goes on, says FAIL, or leaves the bench live."""
    done, bench, _ = run("identity", {}, fault("module_meter", "silent", 6.0))
    assert done.executor_outcome == "ERROR"
    assert done.error is not None
    assert done.phases[-1].name == "make_safe"
    assert bench.last_safe is not None
    assert bench.last_safe.supply_off
    assert bench.last_safe.contactor_open
    names = [phase.name for phase in done.phases]
    assert "off_state" not in names


def test_failed_measurement_does_not_pass_in_openhtf() -> None:
    """OpenHTF ends with PASS although a measurement failed."""
    defect = 'id="m"\ntitle="m"\n[[change]]\ntarget="module.can.maker"\nset="OTHER"\n'
    done, _, _ = run("identity", {}, defect)
    assert done.executor_outcome == "FAIL"
    assert done.error is None


def test_unset_measurement_does_not_pass_in_openhtf() -> None:
    """A measurement that was not run leaves the executor with PASS."""
    done, _, _ = run("identity", {}, fault("module.contactor", "welded"))
    outcomes = {m.outcome for phase in done.phases for m in phase.measurements}
    assert {FAIL, NOT_RUN, PASS} <= outcomes
    assert done.executor_outcome != "PASS"
    assert done.module_live


def test_stop_request_ends_in_make_safe() -> None:
    """A signal leaves the run going, or ends it without a dead bench."""
    done, bench, _ = run("identity", {}, stop_at="dead_terminals")
    assert done.stop == "SIGTERM"
    assert [phase.name for phase in done.phases][-1] == "make_safe"
    assert bench.last_safe is not None
    assert bench.last_safe.dead
