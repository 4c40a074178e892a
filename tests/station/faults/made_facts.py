"""Facts of a case that went well; a test spoils one of them."""

from __future__ import annotations

from dataclasses import replace

from station.faults.cases import Case
from station.faults.facts import (
    Bracket,
    CaseFacts,
    Clean,
    Fault,
    Opening,
    SafeSpan,
    Said,
    Stored,
    World,
)

TRIP: Bracket = ("PASS", 58.95, 58.8, 59.0)
ALL_IS_WELL = Said(
    "PASS", bench_dead=True, measured={"over_voltage_trip_v": TRIP}, failed=()
)
STORED = Stored(
    runs=1, ended=1, confirmed=1, closed=0, outcome="PASS", whole=True, locked=False
)
WORLD = World(
    end_us=60_000_000,
    dead_since_us=41_000_000,
    supply_off_us=40_100_000,
    load_off_us=0,
    contactor_open_us=40_300_000,
    module_v=0.1,
    energising=((20_000_000, "supply output_on"),),
    openings=(Opening(30_000_000, 58.93, 8.0),),
)
SPAN = SafeSpan(
    begin_us=40_000_000,
    end_us=58_000_000,
    module_begin_us=41_000_000,
    module_end_us=57_500_000,
    supply_off_us=40_100_000,
    load_off_us=0,
    contactor_open_us=40_300_000,
)


def facts(
    kind: str = "timeout_executed",
    *,
    role: str = "supply",
    seam: str = "scpi",
    effects: int = 1,
    detectable_us: int | None = 39_500_000,
    **changes: object,
) -> CaseFacts:
    """Make the facts of a run that a fault ended as ERROR, as it should."""
    ended = replace(ALL_IS_WELL, outcome="ERROR", reason="supply: silent")
    good = CaseFacts(
        case=Case("over_voltage", None, kind, "once", 7),
        fault=Fault(
            effects,
            first_us=39_000_000,
            detectable_us=detectable_us,
            seam=seam,
            role=role,
        ),
        world=WORLD,
        said=ended,
        stored=replace(STORED, outcome="ERROR"),
        clean=Clean(ALL_IS_WELL, 50_000_000),
        spans=(SPAN,),
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def passed(**changes: object) -> CaseFacts:
    """Make the facts of a run that passed although a fault acted and was overcome."""
    said = replace(ALL_IS_WELL, incidents=("service port: questions repeated 1",))
    good = facts(said=said, stored=STORED)
    return replace(good, **changes)  # type: ignore[arg-type]
