"""The verdict: every way in which a run is not a PASS, and which word wins."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phases.results import ERROR, FAIL, NOT_RUN, PASS, READ_ONLY
from station.verdict import ABORTED, RunFacts, decide
from tests.station.fakes import failing_phase, measured, phase

GOOD = RunFacts(
    phases=(phase(),),
    expected_measurements=("over_voltage_trip_v",),
    planned_phases=("over_voltage",),
    executor_outcome=PASS,
    error=None,
    stop=None,
    bench_dead=True,
    module_live=False,
)
BAD = replace(GOOD, phases=(failing_phase(),), executor_outcome=FAIL)


def test_all_judged_and_dead_is_pass() -> None:
    """A good run would not pass."""
    assert decide(GOOD).outcome == PASS
    assert decide(GOOD).reason == ""


CASES: list[tuple[str, RunFacts, dict[str, Any], str]] = [
    ("executor error", GOOD, {"error": "supply: silent"}, ERROR),
    ("executor says FAIL alone", GOOD, {"executor_outcome": FAIL}, ERROR),
    ("executor gives no outcome", GOOD, {"executor_outcome": ""}, ERROR),
    ("no phase ran", GOOD, {"phases": ()}, ERROR),
    ("a planned phase is absent", GOOD, {"planned_phases": ("x",)}, ERROR),
    ("nothing planned", GOOD, {"planned_phases": ()}, ERROR),
    ("nothing expected", GOOD, {"expected_measurements": ()}, ERROR),
    ("a limit was not judged", GOOD, {"expected_measurements": ("x",)}, ERROR),
    ("bench never opened", GOOD, {"bench_dead": None}, ERROR),
    ("bench not dead", GOOD, {"bench_dead": False}, ERROR),
    ("module live", GOOD, {"module_live": True}, FAIL),
    ("stopped", GOOD, {"stop": "SIGTERM"}, ABORTED),
    ("phase ERROR", GOOD, {"phases": (phase(outcome=ERROR),)}, ERROR),
    ("phase NOT_RUN", GOOD, {"phases": (phase(outcome=NOT_RUN),)}, ERROR),
    ("phase FAIL, no value", GOOD, {"phases": (phase(outcome=FAIL),)}, ERROR),
    ("a phase that nobody planned", GOOD, {"phases": (phase(), phase("x"))}, ERROR),
    ("a phase twice", GOOD, {"phases": (phase(), phase())}, ERROR),
    ("failed", BAD, {}, FAIL),
    ("failed, then error", BAD, {"error": "load: silent"}, FAIL),
    ("failed, then stopped", BAD, {"stop": "SIGINT"}, ABORTED),
    ("failed, bench not dead", BAD, {"bench_dead": False}, ERROR),
    ("failed, module live", BAD, {"module_live": True}, FAIL),
    ("stopped, bench not dead", GOOD, {"stop": "X", "bench_dead": False}, ERROR),
    ("stopped, module live", GOOD, {"stop": "X", "module_live": True}, FAIL),
    (
        "live, but an instrument is silent",
        GOOD,
        {"module_live": True, "error": "e"},
        ERROR,
    ),
    ("live, failed, then error", BAD, {"module_live": True, "error": "e"}, FAIL),
    ("both live", GOOD, {"bench_dead": False, "module_live": True}, ERROR),
    ("error, then stopped", GOOD, {"error": "e", "stop": "SIGINT"}, ABORTED),
]


@pytest.mark.parametrize(("name", "base", "change", "outcome"), CASES)
def test_rule(name: str, base: RunFacts, change: dict[str, Any], outcome: str) -> None:
    """A rule of the verdict, or the order of two rules, would be lost."""
    verdict = decide(replace(base, **change))
    assert verdict.outcome == outcome, name
    assert verdict.reason, name


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("outcome", [PASS, FAIL])
def test_value_must_be_finite(value: float | None, outcome: str) -> None:
    """A judgement without a value would count for or against the module."""
    ran = phase(measurements=[measured(value=value, outcome=outcome)])
    verdict = decide(replace(GOOD, phases=(ran,)))
    assert verdict.outcome == ERROR
    assert "over_voltage_trip_v" in verdict.reason


CONTRARY: dict[str, dict[str, Any]] = {
    "above": {"value": 59.2},
    "upper edge above": {"value_high": 59.11},
    "lower edge below": {"value_low": 58.69},
    "edge that is no number": {"value_high": math.nan},
    "another word": {"expect": "blue", "value": "red"},
    "another count": {"expect": 3, "value": 2},
}


@pytest.mark.parametrize("outcome", [PASS, READ_ONLY])
@pytest.mark.parametrize("name", CONTRARY)
def test_outcome_that_its_own_numbers_contradict_is_an_error(
    name: str, outcome: str
) -> None:
    """A fault in the judge would ship a module whose own record condemns it."""
    ran = phase(measurements=[replace(measured(outcome=outcome), **CONTRARY[name])])
    verdict = decide(replace(GOOD, phases=(ran,)))
    assert verdict.outcome == ERROR
    assert "against its own limits" in verdict.reason


def test_word_that_never_came_is_a_failure() -> None:
    """A module that never says what is due would be called an unclear run."""
    silent = replace(measured(value=None, outcome=FAIL), expect="blue")
    ran = phase(outcome=FAIL, measurements=[silent])
    assert decide(replace(GOOD, phases=(ran,))).outcome == FAIL


def test_value_read_but_not_exercised_counts() -> None:
    """A threshold that another one hides would turn every run into ERROR."""
    ran = phase(measurements=[measured(outcome=READ_ONLY)])
    assert decide(replace(GOOD, phases=(ran,))).outcome == PASS


def test_pass_within_a_phase_that_did_not_pass_does_not_count() -> None:
    """A value judged by a phase that broke off would still be believed."""
    verdict = decide(replace(GOOD, phases=(phase(outcome=ERROR),)))
    assert "not judged" in verdict.reason


def test_live_module_is_named_whatever_wins() -> None:
    """Somebody would be told to disconnect a module that may close by itself."""
    for change in ({}, {"bench_dead": False}, {"error": "e"}, {"stop": "SIGINT"}):
        facts = replace(GOOD, **{"module_live": True, **change})
        assert "LIVE, may close its contactor by itself" in decide(facts).reason


def test_module_that_a_silent_meter_leaves_open_is_an_error() -> None:
    """A silent meter would fail the module, and a NaN would be judged."""
    lost = measured("dead_terminals_end_v", math.nan, FAIL)
    end = phase("make_safe", FAIL, [lost])
    verdict = decide(replace(GOOD, phases=(phase(), end), module_live=True))
    assert verdict.outcome == ERROR
    assert "LIVE" in verdict.reason


DEAD_END = phase("make_safe", FAIL, [measured("dead_terminals_end_v", 52.0, FAIL)])


def test_instrument_fault_that_leaves_the_module_live_is_an_error() -> None:
    """A supply that fell silent would fail the module, and its name would be lost."""
    facts = replace(
        GOOD, phases=(phase(), DEAD_END), module_live=True, error="supply: silent"
    )
    verdict = decide(facts)
    assert verdict.outcome == ERROR
    assert "supply: silent" in verdict.reason
    assert "LIVE" in verdict.reason


def test_live_module_alone_still_fails() -> None:
    """A welded contactor that make_safe alone finds would be no failure."""
    facts = replace(GOOD, phases=(phase(), DEAD_END), module_live=True)
    assert decide(facts).outcome == FAIL


@pytest.mark.parametrize(
    "change", [{}, {"module_live": True}, {"stop": "SIGINT"}, {"bench_dead": False}]
)
def test_error_is_named_whatever_wins(change: dict[str, Any]) -> None:
    """What broke the run off would stand nowhere on the screen."""
    facts = replace(BAD, error="load: silent", **change)
    assert "load: silent" in decide(facts).reason


@given(
    dead=st.sampled_from([True, False, None]),
    live=st.booleans(),
    error=st.sampled_from([None, "supply: silent"]),
    stop=st.sampled_from([None, "SIGINT"]),
    executor=st.sampled_from([PASS, FAIL, ERROR, ""]),
    failing=st.booleans(),
)
def test_pass_only_if_nothing_speaks_against_it(
    dead: bool | None,
    live: bool,
    error: str | None,
    stop: str | None,
    executor: str,
    failing: bool,
) -> None:
    """Some combination of facts would be a false PASS."""
    base = BAD if failing else GOOD
    facts = replace(
        base,
        bench_dead=dead,
        module_live=live,
        error=error,
        stop=stop,
        executor_outcome=executor,
    )
    clean = dead is True and not (live or error or stop or failing)
    assert (decide(facts).outcome == PASS) == (clean and executor == PASS)
