"""The power reserve: a bench that is too small is refused before phase 1."""

from __future__ import annotations

from typing import Any, cast

import pytest

from instruments.errors import NotProtected
from instruments.parts import BenchParts
from instruments.roles import Ratings
from phases.behaviours import BEHAVIOURS
from phases.power_reserve import (
    charge_demands,
    check_power_reserve,
    discharge_demands,
)
from tests.phases import rig

LARGE = Ratings(150.0, 1000.0, 10_000.0)
UNPOWERED = {
    "intake",
    "dead_terminals",
    "polarity",
    "start_up",
    "identity",
    "ports",
    "efficiency",
    "derating_edges",
    "off_state",
}


class Source:
    """A supply or a load of which only the ratings are read."""

    def __init__(self, ratings: Ratings) -> None:
        self.ratings = ratings


class Sources:
    """The two sources of a bench."""

    def __init__(self, supply: Ratings, load: Ratings) -> None:
        self.supply = Source(supply)
        self.load = Source(load)


def check(sequence: str, supply: Ratings = LARGE, load: Ratings = LARGE) -> None:
    """Check one behaviour against two ratings."""
    parts = cast("BenchParts", cast("Any", Sources(supply, load)))
    check_power_reserve((sequence,), rig.plan(), parts)


def test_every_behaviour_is_accounted_for() -> None:
    """A behaviour that energises is forgotten and finds out under way."""
    powered = set(charge_demands(rig.plan())) | set(discharge_demands(rig.plan()))
    assert powered | UNPOWERED == set(BEHAVIOURS)
    assert not powered & UNPOWERED


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_reference_bench_carries_everything(name: str) -> None:
    """The bench that the plan was written for is refused."""
    check(name, Ratings(80.0, 250.0, 10_000.0), LARGE)


@pytest.mark.parametrize(
    ("ratings", "unit"),
    [
        (Ratings(150.0, 1000.0, 7500.0), " W"),
        (Ratings(150.0, 139.0, 10_000.0), " A"),
        (Ratings(60.0, 1000.0, 10_000.0), " V"),
    ],
)
def test_each_rating_counts(ratings: Ratings, unit: str) -> None:
    """A source within two of its ratings is trusted with the third."""
    for name, supply, load in (
        ("over_current_discharge", LARGE, ratings),
        ("over_current_charge", ratings, LARGE),
    ):
        with pytest.raises(NotProtected, match=f"{name} needs .*{unit}"):
            check(name, supply, load)


def test_only_what_the_sequence_needs_counts() -> None:
    """A small load keeps a sequence out that never loads it so far."""
    check("agreement", LARGE, Ratings(150.0, 600.0, 6000.0))


def test_a_load_too_small_ends_the_run_before_phase_1() -> None:
    """A 6 kW load is found out in the middle of the over-current staircase."""
    from phases.execute import execute

    model = "Chroma,63206A-150-600,SIM-6K,1.0"
    defect = f'id="l"\ntitle="l"\n[[change]]\ntarget="load.identity"\nset="{model}"\n'
    phases: list[Any] = []
    with rig.opened({}, defect) as bench:
        with pytest.raises(NotProtected, match="over_current_discharge needs"):
            execute(
                "over_current",
                bench,
                rig.limits(),
                rig.SERIAL,
                phases.append,
                phases.append,
            )
        assert not bench.parts.supply.read_output()
        assert not bench.parts.load.read_input()
    assert phases == []
