"""Every measurement of the sequence can fail, and fails alone."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from phases.behaviours import BEHAVIOURS
from phases.make_safe import owed as owed_by_make_safe
from phases.results import FAIL, INFO, NOT_RUN, PASS, READ_ONLY
from tests.phases import rig
from tests.phases.failure_table import Failure, load_failures, load_healthy

HEALTHY = load_healthy()
FAILURES = load_failures()
CHAIN = ("full_charge", "capacity", "efficiency", "shipping")
GOOD = (PASS, INFO, READ_ONLY)
ALONE = sorted(set(HEALTHY) - {"efficiency"})


def owed_names() -> set[str]:
    """Name every measurement of the sequence."""
    limits = rig.limits()
    names = {
        limit.name
        for behaviour in BEHAVIOURS.values()
        for limit in behaviour.owed(limits)
    }
    return names | {limit.name for limit in owed_by_make_safe(limits)}


def not_seen(behaviours: tuple[str, ...]) -> frozenset[str]:
    """Name the bands above the SOC from which a short discharge starts."""
    return frozenset(
        HEALTHY["capacity"]["above"] if behaviours == ("capacity",) else ()
    )


@pytest.mark.parametrize("entry", FAILURES, ids=lambda e: f"{e.behaviours[0]}-{e.id}")
def test_defect_fails_what_it_touches_and_nothing_else(entry: Failure) -> None:
    """A defect goes unnoticed, or a sound part of the module is blamed for it."""
    found = rig.run_failure(entry, HEALTHY)
    unseen = not_seen(entry.behaviours)
    judged = {name: m for name, m in found.items() if name not in unseen}
    failed = {name for name, m in judged.items() if m.outcome == FAIL}
    by_chance = {
        name
        for name in failed - entry.fails
        if any(fnmatchcase(name, pattern) for pattern in entry.may)
    }
    assert failed - by_chance == entry.fails
    others = {m.outcome for name, m in judged.items() if name not in failed}
    assert others <= {*GOOD, NOT_RUN}


@pytest.mark.parametrize("behaviour", ALONE)
def test_healthy_module_passes_each_behaviour(behaviour: str) -> None:
    """A healthy module is refused by a behaviour that starts from its own state."""
    entry = Failure("healthy", (behaviour,), frozenset())
    found = rig.run_failure(entry, HEALTHY)
    unseen = not_seen(entry.behaviours)
    wrong = {
        name: m.outcome
        for name, m in found.items()
        if name not in unseen and m.outcome not in GOOD
    }
    assert wrong == {}
    assert found


def test_healthy_module_passes_charge_capacity_efficiency_and_shipping() -> None:
    """A healthy module is refused by the steps that build on each other."""
    state: dict[str, Any] = {"soc_pct": 60.0, "module": "running"}
    found = rig.run_failure(
        Failure("healthy", CHAIN, frozenset(), state=state), HEALTHY
    )
    assert {name for name, m in found.items() if m.outcome not in GOOD} == set()
    assert "efficiency_pct" in found


# What these miss is the bench's fault and an error: test_dead_terminals.py.
OF_THE_BENCH = {"safety_chain_dead_man_drops", "safety_chain_watchdog_trips"}


def test_every_measurement_has_a_defect_that_fails_it() -> None:
    """A measurement cannot fail, so its PASS says nothing."""
    covered = frozenset[str]().union(*(entry.fails for entry in FAILURES))
    assert owed_names() - covered == OF_THE_BENCH
    assert covered - owed_names() == set()


def test_table_has_each_defect_once() -> None:
    """Two entries share a name, and a failing one cannot be told from the other."""
    ids = [(entry.behaviours, entry.id) for entry in FAILURES]
    assert len(ids) == len(set(ids))
