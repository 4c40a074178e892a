"""Every kind acts at every seam that it names."""

from __future__ import annotations

from functools import cache

import pytest

from instruments.sim.faults.kinds import load_kinds
from instruments.sim.faults.points import FaultPoints
from tests.instruments.sim.faults.small_station import (
    TIMEOUT_MS,
    SmallStation,
    calls_for,
    inject,
    points_of,
    record,
)

CASES = [
    (kind.name, persistence, seam)
    for kind in load_kinds().values()
    for persistence in kind.persistence
    for seam in kind.seams
]


@cache
def recording() -> FaultPoints:
    """Keep one recording for all cases of this process."""
    return record()


@cache
def plain_notes() -> list[tuple[int, str]]:
    """Keep the notes of a run without fault points."""
    return SmallStation(None).run().notes


@pytest.mark.parametrize(("kind", "persistence", "seam"), CASES)
def test_kind_has_an_effect(kind: str, persistence: str, seam: str) -> None:
    """A campaign would claim to have tried what never happened."""
    calls = calls_for(recording(), load_kinds()[kind], seam)
    assert calls
    for call in calls:
        station = inject(kind, persistence, call)
        log = points_of(station).log
        assert log.first_us is not None
        assert log.site == recording().calls_seen[call - 1].site
        assert log.state == recording().calls_seen[call - 1].state
        if log.effects:
            assert station.notes != plain_notes() or kind == "output_sticks_on"
            return
    pytest.fail(f"{kind} {persistence} changed nothing at {seam}")


def call_of(role: str, begins: str, nth: int = 0) -> int:
    """Find the k of the nth call of a role whose message begins so."""
    found = [
        call.k
        for call in recording().calls_seen
        if call.site.role == role and call.site.what.startswith(begins)
    ]
    return found[nth]


def spent_us(station: SmallStation, text: str) -> int:
    """Tell how long the first step took that ended with a note [µs]."""
    at = next(i for i, (_, note) in enumerate(station.notes) if note == text)
    return station.notes[at][0] - station.notes[at - 1][0]


def test_timeout_not_executed_costs_the_time_out_and_does_nothing() -> None:
    """The current would rise although the command was lost."""
    call = call_of("supply", "CURR #", 2)
    station = inject("timeout_not_executed", "once", call)
    log = points_of(station).log
    assert spent_us(station, "VisaIOError") == TIMEOUT_MS * 1000
    assert log.first_us is not None
    assert log.detectable_us == log.first_us + TIMEOUT_MS * 1000
    assert "CURR 20" not in str([w.message for w in writes(station)])


def writes(station: SmallStation) -> list[object]:
    """List the setpoints that were really raised, and all that switches on."""
    truth = points_of(station).truth
    assert truth is not None
    return [write for write in truth.writes if write.executed]


def test_timeout_executed_costs_the_time_out_and_takes_effect() -> None:
    """A station that repeats the command would look as good as one that reads back."""
    call = call_of("supply", "OUTP ON")
    station = inject("timeout_executed", "once", call)
    truth = points_of(station).truth
    assert truth is not None
    assert any(state.supply_on for state in truth.states)
    assert spent_us(station, "VisaIOError") > TIMEOUT_MS * 1000


def test_hang_costs_the_time_out_at_exchange_and_at_open() -> None:
    """make_safe would be measured against an instrument that fails quickly."""
    station = inject("hang", "on", call_of("module_meter", "READ?", 1))
    times = [t_us for t_us, _ in station.notes]
    failed = [
        t_us - times[i - 1]
        for i, (t_us, note) in enumerate(station.notes)
        if note == "VisaIOError"
    ]
    assert len(failed) > 2
    assert set(failed) == {TIMEOUT_MS * 1000}


def test_lost_link_fails_at_once() -> None:
    """A cable that is out would cost a time-out each time, and hide slow code."""
    station = inject("link_lost", "on", call_of("module_meter", "READ?", 1))
    assert spent_us(station, "VisaIOError") == 0


def test_ignored_setting_is_answered_and_leaves_an_entry() -> None:
    """The error queue would be empty, and nobody could know."""
    station = inject("ignored", "once", call_of("supply", "OUTP ON"))
    truth = points_of(station).truth
    assert truth is not None
    assert not any(state.supply_on for state in truth.states)
    assert any("-221" in note and note.startswith("1;0;") for _, note in station.notes)


@pytest.mark.parametrize("persistence", ["once", "on"])
def test_stale_reply_is_that_of_the_exchange_before(persistence: str) -> None:
    """A buffer that was not emptied would be played wrongly."""
    call = call_of("module_meter", "READ?", 2)
    log = points_of(inject("stale_reply", persistence, call)).log
    before = points_of(inject("garbage", "once", call_of("module_meter", "READ?", 1)))
    assert log.altered[0].given == before.log.altered[0].true
    for earlier, later in zip(log.altered, log.altered[1:], strict=False):
        assert later.given == earlier.true


def test_frozen_reply_stays_that_of_the_moment() -> None:
    """A meter that stands still would move."""
    log = points_of(inject("frozen", "on", call_of("shunt_meter", "READ?", 1))).log
    assert len({reply.given for reply in log.altered}) == 1
    assert len({reply.true for reply in log.altered}) > 1


def test_frozen_reply_is_detectable_once_it_contradicts() -> None:
    """The bench would have to be dead before anybody could know, or never."""
    points = points_of(inject("frozen", "on", call_of("shunt_meter", "READ?", 1)))
    log = points.log
    assert log.detectable_us is not None
    for reply in log.altered:
        apart_a = abs(float(reply.true) - float(reply.given)) / 0.0005
        if reply.t_us < log.detectable_us:
            assert apart_a <= 1.0 + 0.02 * abs(float(reply.true)) / 0.0005


@pytest.mark.parametrize(
    ("role", "begins", "state"),
    [("supply", "CURR #", "supply_on"), ("switchbox", "ROUT:OPEN", "fixture_closed")],
)
def test_output_sticks_from_then_on(role: str, begins: str, state: str) -> None:
    """The fault would begin with the bench, and nothing could ever be energised."""
    points = points_of(inject("output_sticks_on", "on", call_of(role, begins)))
    truth = points.truth
    assert truth is not None
    assert getattr(truth.states[-1], state)
    assert points.log.detectable_us is not None
    assert points.log.detectable_us > (points.log.first_us or 0)


def test_can_falls_silent_for_good() -> None:
    """Frames would go on, or silence would be noticed before three periods."""
    call = call_of("can", "recv frame", 3)
    points = points_of(inject("can_silence", "on", call, keep_calls=True))
    assert points.log.site is not None
    later = [c for c in points.calls_seen[call:] if c.site.what == "recv frame"]
    assert later == []
    assert points.log.detectable_us is not None
    assert points.log.detectable_us - (points.log.first_us or 0) > 2_400_000


def test_killed_station_does_nothing_more() -> None:
    """Code in a finally block would still switch the supply off."""
    call = call_of("supply", "CURR #", 2)
    station = inject("killed", "on", call, keep_calls=True)
    points = points_of(station)
    assert points.killed
    assert points.calls == len(points.calls_seen) == call
    assert station.bench.world.t_us == points.log.first_us
    truth = points.truth
    assert truth is not None
    assert truth.states[-1].supply_on
    station.bench.world.advance_us(10_000_000)
    assert truth.dead_now  # by watchdog and dead-man


def test_duplicate_counts_when_the_second_frame_is_delivered() -> None:
    """A frame that nobody collected twice would count as an effect."""
    bus_call = next(
        call.k
        for call in recording().calls_seen
        if call.site.seam == "can" and call.site.what == "recv frame"
    )
    station = inject("can_duplicates", "once", bus_call)
    assert points_of(station).log.effects == 1
    frames = " ".join(note for _, note in station.notes if "#" in note).split()
    plain = " ".join(note for _, note in plain_notes() if "#" in note).split()
    assert len(frames) == len(plain) + 1
