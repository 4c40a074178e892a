"""Counting calls, and letting a fault act on one of them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from instruments.sim.faults.plan import FaultPlan
from instruments.sim.faults.points import FaultPoints, StationKilled
from tests.instruments.sim.faults.small_station import (
    SmallStation,
    inject,
    points_of,
    record,
)

ROOT = Path(__file__).parents[4]
KINDS_AT_A_METER = ["hang", "garbage", "stale_reply", "timeout_executed"]


def digest() -> str:
    """Run with some faults and hash everything that was seen."""
    found = hashlib.sha256()
    for kind, persistence, call in (
        ("garbage", "once", 40),
        ("killed", "on", 70),
    ):
        station = inject(kind, persistence, call, keep_calls=True)
        points = points_of(station)
        truth = points.truth
        assert truth is not None
        seen = (station.notes, points.calls_seen, points.log, truth.states, truth.trace)
        found.update(repr(seen).encode())
    return found.hexdigest()


def test_points_without_a_plan_change_nothing() -> None:
    """A recording would list the calls of another run."""
    plain = SmallStation(None).run()
    watched = SmallStation(FaultPoints(keep_calls=True)).run()
    assert watched.notes == plain.notes
    assert watched.bench.plant.ledger() == plain.bench.plant.ledger()


def test_recording_lists_every_seam_with_its_state() -> None:
    """A seam would never be tried."""
    points = record()
    assert [call.k for call in points.calls_seen] == list(range(1, points.calls + 1))
    seams = {call.site.seam for call in points.calls_seen}
    assert seams == {"scpi", "led", "service", "can", "record", "clock"}
    assert {call.state.supply_on for call in points.calls_seen} == {False, True}
    assert (
        len({call.site for call in points.calls_seen if "CURR" in str(call.site)}) < 4
    )


@pytest.mark.parametrize("kind", KINDS_AT_A_METER)
def test_injected_run_is_the_recorded_run_up_to_the_call(kind: str) -> None:
    """The number k would name another call than the one of the recording."""
    recorded = record()
    call = next(
        seen.k
        for seen in recorded.calls_seen
        if seen.site.what == "READ?" and seen.k > recorded.calls // 2
    )
    persistence = "on" if kind == "hang" else "once"
    points = points_of(inject(kind, persistence, call, keep_calls=True))
    assert points.calls_seen[:call] == recorded.calls_seen[:call]
    truth, true_before = points.truth, recorded.truth
    assert truth is not None
    assert true_before is not None
    at_us = points.calls_seen[call - 1].t_us
    assert [p for p in truth.trace if p.t_us <= at_us] == [
        p for p in true_before.trace if p.t_us <= at_us
    ]


def test_same_plan_gives_the_same_run_in_another_process() -> None:
    """A failing case could not be replayed."""
    code = f"from {__name__} import digest; print(digest())"
    done = subprocess.run(  # noqa: S603  our own interpreter, our own code
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest()


def test_disk_full_is_an_error_of_the_operating_system() -> None:
    """The store would meet an error that it never sees in life."""
    points = FaultPoints(FaultPlan("disk_full", "on", 2))
    points.reach("record", "store", "begin")
    for what in ("phase", "end"):
        with pytest.raises(OSError, match="No space left"):
            points.reach("record", "store", what)
    assert points.log.effects == 2


def test_killed_station_stays_killed() -> None:
    """A `finally` would be able to write the record's end."""
    points = FaultPoints(FaultPlan("killed", "on", 2))
    points.reach("record", "store", "begin")
    for _ in range(3):
        with pytest.raises(StationKilled):
            points.reach("record", "store", "end")
    assert points.calls == 2
    points.restart()
    points.reach("record", "store", "begin")


def test_stop_before_there_is_a_bench_is_kept() -> None:
    """A signal during the first write would be lost."""
    points = FaultPoints(FaultPlan("stop_signal", "once", 1))
    points.reach("record", "store", "begin")
    station = SmallStation(points)
    assert station.bench.world.stop.reason is not None
    station.bench.close()


def test_second_stop_signal_and_stall_without_time_are_no_effects() -> None:
    """A case that changes nothing would count as one that was tried."""
    points = FaultPoints(FaultPlan("stop_signal", "once", 1))
    station = SmallStation(points)
    station.bench.world.stop.request("Ctrl-C")
    points.reach("clock", "clock", "wait 1")
    assert (points.log.effects, points.log.detectable_us) == (0, None)
    station.bench.close()
    stalled = FaultPoints(FaultPlan("stall", "once", 1))
    stalled.reach("clock", "clock", "wait 1")
    assert stalled.log.effects == 0


def test_stop_signal_and_stall_that_do_something_are_effects() -> None:
    """A fault that acted would be reported as idle."""
    for kind in ("stop_signal", "stall"):
        points = FaultPoints(FaultPlan(kind, "once", 1))
        station = SmallStation(points)
        before_us = station.bench.world.t_us
        points.reach("clock", "clock", "wait 1")
        assert (points.log.effects, points.log.detectable_us) == (1, before_us)
        station.bench.close()
