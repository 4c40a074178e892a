"""Each invariant on made facts: what it lets pass, and what it catches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from station.faults.bounds import load_bounds
from station.faults.facts import CaseFacts, Said
from station.faults.invariants import INVARIANTS, find_violations
from tests.station.faults.made_facts import (
    ALL_IS_WELL,
    SPAN,
    STORED,
    TRIP,
    WORLD,
    facts,
    passed,
)

BOUNDS = load_bounds()
NAMES = [name for name, _ in INVARIANTS]


def broken(found: CaseFacts) -> str:
    """Write the letters of the invariants that a case broke."""
    return "".join(name[1] for name, _ in find_violations(found, BOUNDS))


def test_run_that_a_fault_ended_in_order_breaks_nothing() -> None:
    """Every case of a campaign would be a finding."""
    assert broken(facts()) == ""
    assert broken(passed()) == ""


LATE = replace(WORLD, dead_since_us=44_000_000, stretches=((39_500_000, 44_000_000),))
ALIVE = replace(WORLD, dead_since_us=None, contactor_open_us=None)
FALSE_TRIP = {"over_voltage_trip_v": ("PASS", 58.5, 58.4, 58.6)}
UNLOCKED = replace(ALL_IS_WELL, outcome="ERROR", reason="not dead", bench_dead=False)
FAILED = replace(
    ALL_IS_WELL, outcome="FAIL", reason="outside", failed=("over_voltage_trip_v",)
)
LINKS = replace(FAILED, failed=("links_can_alive",))
KILLED = Said(None)
REPEATED = replace(facts(seam="service").fault, asked_again_us=39_800_000)
NEXT_POLL = replace(REPEATED, asked_again_us=40_300_000)

SPOILT: dict[str, tuple[str, Callable[[], CaseFacts]]] = {
    "dead too late": ("a", lambda: facts(world=LATE)),
    "dead late, CAN the only witness": ("", lambda: facts(seam="can", world=LATE)),
    "never dead": ("a", lambda: facts(world=ALIVE)),
    "said to be dead and is not": ("a", lambda: passed(world=ALIVE)),
    "killed and dead too late": (
        "a",
        lambda: facts(
            "killed",
            detectable_us=40_000_000,
            world=LATE,
            said=KILLED,
            stored=replace(STORED, ended=0, confirmed=0, closed=1),
        ),
    ),
    "PASS without a durable record": (
        "bc",
        lambda: passed(stored=replace(STORED, confirmed=0)),
    ),
    "PASS with a value that is not the world's": (
        "b",
        lambda: passed(
            said=replace(passed().said, measured={"over_voltage_trip_v": TRIP}),
            world=replace(WORLD, openings=()),
        ),
    ),
    "PASS with another value than without the fault": (
        "b",
        lambda: passed(said=replace(passed().said, measured=FALSE_TRIP)),
    ),
    "PASS that keeps silent about the fault": (
        "b",
        lambda: passed(said=ALL_IS_WELL, fault=REPEATED),
    ),
    "PASS after an answer that nobody collected": (
        "",
        lambda: passed(said=ALL_IS_WELL, fault=NEXT_POLL),
    ),
    "PASS with a measurement less": (
        "b",
        lambda: passed(said=replace(passed().said, measured={})),
    ),
    "no record": ("c", lambda: facts(stored=replace(STORED, runs=0, ended=0))),
    "two records": ("c", lambda: facts(stored=replace(STORED, runs=2))),
    "another outcome stored than shown": ("c", lambda: facts(stored=STORED)),
    "no reason": (
        "c",
        lambda: facts(said=replace(facts().said, reason=" ")),
    ),
    "traceback": ("c", lambda: facts(said=Said(None, crashed="KeyError: 'x'"))),
    "killed and never closed": (
        "c",
        lambda: facts(
            "killed",
            detectable_us=40_000_000,
            said=KILLED,
            stored=replace(STORED, ended=0, confirmed=0),
        ),
    ),
    "energised without a record": (
        "c",
        lambda: facts(
            said=Said(None, refused="no record can begin"),
            stored=replace(STORED, runs=0, ended=0, confirmed=0),
        ),
    ),
    "above a ceiling": (
        "d",
        lambda: facts(world=replace(WORLD, ceilings=((1, "module 59.9 V"),))),
    ),
    "make_safe too long": (
        "e",
        lambda: facts(spans=(replace(SPAN, end_us=68_000_000),)),
    ),
    "module-dead step too long": (
        "e",
        lambda: facts(
            spans=(replace(SPAN, module_end_us=67_000_000, end_us=68_000_000),)
        ),
    ),
    "contactor still closed 2 s into make_safe": (
        "e",
        lambda: facts(spans=(replace(SPAN, contactor_open_us=42_500_000),)),
    ),
    "hung supply itself is late": (
        "",
        lambda: facts(spans=(replace(SPAN, supply_off_us=42_500_000),)),
    ),
    "energised after make_safe began": (
        "f",
        lambda: facts(
            world=replace(WORLD, energising=((40_000_001, "supply output_on"),))
        ),
    ),
    "not proved dead and not locked": (
        "g",
        lambda: facts(said=UNLOCKED),
    ),
    "not proved dead and locked": (
        "",
        lambda: facts(
            said=UNLOCKED,
            stored=replace(STORED, outcome="ERROR", locked=True),
            refusal="bench locked since",
        ),
    ),
    "live module not called LIVE": (
        "g",
        lambda: facts(world=replace(WORLD, module_v=52.0)),
    ),
    "energised before a read-back": ("g", lambda: facts(unread=("load",))),
    "next start energises": ("g", lambda: facts(restart="wrote supply output_on")),
    "healthy module called bad": (
        "h",
        lambda: facts(said=FAILED, stored=replace(STORED, outcome="FAIL")),
    ),
    "silent link called bad": (
        "",
        lambda: facts(seam="can", said=LINKS, stored=replace(STORED, outcome="FAIL")),
    ),
    "silent meter called a silent link": (
        "h",
        lambda: facts(said=LINKS, stored=replace(STORED, outcome="FAIL")),
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_invariant_catches(what: str) -> None:
    """A broken promise of the station would go unnoticed, or a kept one not."""
    letters, make = SPOILT[what]
    assert broken(make()) == letters


def test_stuck_output_asks_for_everything_else() -> None:
    """A supply that cannot be switched off would excuse the load and the contactor."""
    stuck = replace(WORLD, dead_since_us=None, supply_off_us=None)
    locked = replace(STORED, outcome="ERROR", locked=True)
    good = facts(
        "output_sticks_on",
        world=replace(stuck, stretches=((1, 2),)),
        said=UNLOCKED,
        stored=locked,
        refusal="locked",
    )
    assert broken(good) == ""
    closed = replace(good, world=replace(stuck, stretches=((1, None),)))
    assert broken(closed) == "a"
    denied = replace(good, said=replace(UNLOCKED, bench_dead=True))
    assert broken(denied) == "a"


def test_every_invariant_is_caught_here() -> None:
    """A new invariant would come without a test."""
    assert {name[1] for name in NAMES} == set("".join(s for s, _ in SPOILT.values()))
