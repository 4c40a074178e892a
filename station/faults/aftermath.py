"""After a case: what the next start does with the store, and with the same world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from instruments.errors import InstrumentError
from station.admission import RunOrder, describe_beginning, find_refusal
from station.faults.evidence import read_store
from station.faults.facts import Stored
from station.faults.parts import StationParts
from station.faults.rig import OPERATOR, SERIAL, FaultRig

if TYPE_CHECKING:
    from instruments.sim.faults.points import FaultPoints


def start_anew(folder: Path, parts: StationParts) -> Stored:
    """Open the store as the next start does, then read it again."""
    store = parts.store_type(folder)
    try:
        store.close_dead_runs()
    finally:
        store.close()
    return read_store(folder)


def try_next_start(rig: FaultRig, folder: Path, parts: StationParts) -> str | None:
    """Ask the station's own admission why the next run may not start, or None."""
    store = parts.store_type(folder)
    try:
        order = RunOrder(SERIAL, OPERATOR, rig.inputs())
        begun = describe_beginning("0" * 32, order, rig, store)
        return find_refusal(begun, rig, store)
    finally:
        store.close()


def start_on_same_world(rig: FaultRig, points: FaultPoints) -> str | None:
    """Open the bench again where the last run left it; say what was not right.

    Opening may fail: what it must not do is energise anything, or succeed on a bench
    whose supply is on or whose contactor is closed.
    """
    if points.world is None or points.truth is None:
        return None
    points.restart()
    begin_us = points.world.t_us
    try:
        bench = rig.open(None)
    except InstrumentError:
        bench = None
    truth = points.truth
    truth.look()
    energised = [w for w in truth.writes_after(begin_us) if w.executed]
    state = truth.states[-1]
    if bench is not None:
        bench.close()
    if energised:
        return (
            f"wrote {energised[0].role} {energised[0].name} while it opened the bench"
        )
    # A load that sticks on and reads off shows nothing behind the open contactor.
    if bench is not None and (state.supply_on or state.fixture_closed):
        return "opened a bench that is not off"
    return None
