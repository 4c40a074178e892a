"""A station with one rule taken out is caught by the very invariant that it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from instruments.sim.faults.call import SeenCall
from station.faults.bounds import load_bounds
from station.faults.cases import Case
from station.faults.invariants import INVARIANTS, find_violations
from station.faults.parts import StationParts
from station.faults.play import play
from station.faults.rig import Stage
from station.faults.survey import Survey, survey
from tests.station.faults import weakened

SEQUENCE = "over_current"


@dataclass(frozen=True, slots=True)
class Weakening:
    """Weakened parts, the fault that shows it, where it acts, and what catches it."""

    parts: StationParts
    kind: str
    persistence: str
    at: Callable[[SeenCall], bool]
    caught_by: str


def charging(call: SeenCall) -> bool:
    """Look at the module while it is charged."""
    state = call.state
    on = state.supply_on and state.fixture_closed and state.module_closed
    return on and call.site.what == "READ?"


def supply_read(call: SeenCall) -> bool:
    """Look at the supply while it charges."""
    state = call.state
    on = state.supply_on and state.fixture_closed and state.module_closed
    return on and call.site.role == "supply" and call.site.what.startswith("MEAS")


def pushed(call: SeenCall) -> bool:
    """Raise the charging current."""
    return call.site.what.startswith("CURR #") and call.state.supply_on


def ended(call: SeenCall) -> bool:
    """Store the whole record."""
    return call.site.what == "insert ended"


def contactor(call: SeenCall) -> bool:
    """Feed the dead-man while the module is charged."""
    return call.site.role == "switchbox" and call.state.supply_on


WEAKENINGS = {
    "watchdog not armed": Weakening(
        StationParts(bench_type=weakened.WatchdogNotArmed),
        "killed",
        "on",
        charging,
        "(a)",
    ),
    "make_safe stops at its first error": Weakening(
        StationParts(bench_type=weakened.StopsAtFirstError),
        "hang",
        "on",
        supply_read,
        "(e)",
    ),
    "record stored after the verdict": Weakening(
        StationParts(store_type=weakened.StoresLater),
        "disk_full",
        "on",
        ended,
        "(b)",
    ),
    "dead runs never closed": Weakening(
        StationParts(store_type=weakened.ForgetsTheDead),
        "killed",
        "on",
        charging,
        "(c)",
    ),
    "more current at the second try": Weakening(
        StationParts(bench_type=weakened.Pushing), "ignored", "once", pushed, "(d)"
    ),
    "waits for a hung supply first": Weakening(
        StationParts(bench_type=weakened.Patient), "hang", "on", supply_read, "(e)"
    ),
    "protections cleared before output off": Weakening(
        StationParts(bench_type=weakened.ClearsFirst),
        "garbage",
        "once",
        charging,
        "(f)",
    ),
    "bench lock not stored": Weakening(
        StationParts(store_type=weakened.ForgetsLocks),
        "output_sticks_on",
        "on",
        contactor,
        "(g)",
    ),
}


@pytest.mark.parametrize("what", WEAKENINGS)
def test_weakening_is_caught_by_its_invariant(what: str) -> None:
    """The rule could be taken out of the station, and no campaign would notice."""
    weakening = WEAKENINGS[what]
    assert weakening.caught_by in broken_by(weakening, weakening.parts)
    # The shipped station keeps the same promise in the same place.
    assert weakening.caught_by not in broken_by(weakening, StationParts())


def broken_by(weakening: Weakening, parts: StationParts) -> dict[str, str]:
    """Let the fault act in the middle of its calls; list what it broke."""
    seen = surveyed(parts)
    calls = [call for call in seen.calls if weakening.at(call)]
    case = Case(
        SEQUENCE, None, weakening.kind, weakening.persistence, calls[len(calls) // 2].k
    )
    played = play(case, Stage(SEQUENCE, None), seen.clean, parts)
    found = find_violations(played.facts, load_bounds())
    return {name[:3]: text for name, text in found}


@cache
def surveyed(parts: StationParts) -> Survey:
    """Play the sequence without a fault, once for each set of parts."""
    return survey((SEQUENCE, None), parts)


def test_every_promise_has_a_weakening() -> None:
    """An invariant that catches nothing would hold of any station."""
    promised = {name[:3] for name, _ in INVARIANTS} - {"(h)"}
    assert promised == {weakening.caught_by for weakening in WEAKENINGS.values()}
