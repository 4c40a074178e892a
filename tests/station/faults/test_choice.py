"""Which passes stand for all, and which cases a sample holds."""

from __future__ import annotations

import pytest

from instruments.sim.faults.call import BenchState, SeenCall, Site
from instruments.sim.faults.kinds import load_kinds
from station.errors import BadOption
from station.faults.cases import Case, parse_case
from station.faults.choice import (
    Place,
    choose_kinds,
    choose_points,
    list_cases,
    sample_cases,
)

READ = Site("scpi", "module_meter", "READ?")
DRAIN = Site("can", "can", "recv frame")


def loop(
    site: Site, first: int, count: int, phase: str = "over_voltage"
) -> list[SeenCall]:
    """Make the calls of a loop, one every ten."""
    state = BenchState(phase, True, False, True, True)
    return [
        SeenCall(k, k * 1000, site, state) for k in range(first, first + count * 10, 10)
    ]


def test_six_passes_stand_for_a_loop() -> None:
    """A loop of a thousand looks would cost a thousand runs a kind."""
    calls = loop(READ, 1, 1000)
    chosen = [point.k for point in choose_points(calls, seed=1)]
    assert len(chosen) == 6
    assert chosen[:2] == [1, 11]
    assert chosen[-1] == 9991
    assert chosen == [point.k for point in choose_points(calls, seed=1)]
    assert chosen != [point.k for point in choose_points(calls, seed=2)]


def test_a_site_counts_anew_in_another_state() -> None:
    """A fault would be tried in the first phase only."""
    calls = [*loop(READ, 1, 3), *loop(READ, 101, 3, phase="off_state")]
    assert len(choose_points(calls, seed=1)) == 6


def test_a_point_of_two_sequences_is_played_once() -> None:
    """Start-up would be tried four times, and the campaign take twice as long."""
    played: set[Place] = set()
    first = [*loop(READ, 1, 3, phase="start_up"), *loop(READ, 101, 2)]
    second = [*loop(READ, 1, 3, phase="start_up"), *loop(READ, 201, 1, phase="other")]
    assert len(choose_points(first, 1, played)) == 5
    assert [point.k for point in choose_points(second, 1, played)] == [201]


def test_cases_are_the_kinds_that_make_sense() -> None:
    """A CAN fault at a meter would be counted and test nothing."""
    kinds = load_kinds()
    cases = list_cases("over_voltage", None, loop(DRAIN, 5, 1), kinds)
    assert {case.kind for case in cases} >= {"can_silence", "killed", "stop_signal"}
    assert "garbage" not in {case.kind for case in cases}
    assert all(case.call == 5 for case in cases)


def test_sample_holds_every_kind() -> None:
    """A kind with few seams would hardly ever be drawn."""
    points = [*loop(READ, 1, 50), *loop(DRAIN, 2, 1)]
    cases = list_cases("over_voltage", None, points, load_kinds())
    drawn = sample_cases(cases, 40, seed=3)
    assert len(drawn) == len(set(drawn)) == 40
    assert {case.kind for case in drawn} == {case.kind for case in cases}
    assert drawn == sample_cases(cases, 40, seed=3)
    assert sample_cases(cases, 10_000, seed=3) == sorted(cases)


def test_unknown_kind_is_refused() -> None:
    """A misspelt kind would leave a campaign of nothing, without violations."""
    with pytest.raises(BadOption, match="known are"):
        choose_kinds(["tiemout"], load_kinds())


@pytest.mark.parametrize("seed", [None, 0, 12])
def test_name_of_a_case_leads_back_to_it(seed: int | None) -> None:
    """The printed command would replay another case."""
    case = Case("over_voltage", seed, "hang", "on", 1234)
    assert parse_case(case.name) == case


@pytest.mark.parametrize(
    "name", ["", "eol", "eol:nominal:hang:once", "eol:-1:hang:on:1", "a b:1:x:on:1"]
)
def test_other_names_are_refused(name: str) -> None:
    """A wrong name would end in a traceback."""
    with pytest.raises(BadOption):
        parse_case(name)
