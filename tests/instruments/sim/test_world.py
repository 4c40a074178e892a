"""The simulated clock: order of events, guards, stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.clock import StopSwitch
from instruments.errors import StopRequested
from instruments.sim.world import (
    MAX_CALLS_AT_ONE_INSTANT,
    PRIORITY_BMS,
    PRIORITY_PLANT,
    FrozenWorldError,
    World,
)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3)), max_size=30))
def test_events_run_in_total_order(events: list[tuple[int, int]]) -> None:
    """Broken: events of one instant run by chance instead of priority and order."""
    world, seen = World(), []
    for number, (t_us, priority) in enumerate(events):
        entry = (t_us, priority, number)
        world.at_us(t_us, priority, lambda entry=entry: seen.append(entry))
    world.wait_us(100)
    assert seen == sorted(seen)
    assert len(seen) == len(events)


def test_an_event_sees_its_own_time() -> None:
    """Broken: a callback reads the time of the end of the wait."""
    world, seen = World(), []
    world.at_us(30, PRIORITY_PLANT, lambda: seen.append(world.now_us()))
    world.wait_us(100)
    assert (seen, world.now_us()) == ([30], 100)


def test_an_event_may_plan_another_at_the_same_instant() -> None:
    """Broken: what an event plans for now is lost or comes late."""
    world, seen = World(), []
    world.at_us(
        30,
        PRIORITY_PLANT,
        lambda: world.at_us(30, PRIORITY_BMS, lambda: seen.append(world.now_us())),
    )
    world.wait_us(30)
    assert seen == [30]


def test_a_cancelled_event_does_not_run() -> None:
    """Broken: a watchdog that was fed still fires."""
    world, seen = World(), []
    event = world.at_us(30, PRIORITY_PLANT, lambda: seen.append(1))
    world.cancel(event)
    world.cancel(event)
    world.wait_us(100)
    assert seen == []


def test_waiting_notices_a_stop_and_advancing_does_not() -> None:
    """Broken: a signal does not end the run, or stops make_safe."""
    world = World(StopSwitch())
    world.stop.request("SIGINT")
    with pytest.raises(StopRequested):
        world.wait_us(1)
    world.advance_us(5)
    assert world.now_us() == 5


def test_time_cannot_go_back() -> None:
    """Broken: a negative wait or an event in the past is accepted."""
    world = World()
    world.advance_us(10)
    with pytest.raises(ValueError, match="go back"):
        world.advance_us(-1)
    with pytest.raises(ValueError, match="has passed"):
        world.at_us(9, PRIORITY_PLANT, lambda: None)


def test_an_event_cannot_move_time() -> None:
    """Broken: a callback re-enters the heap."""
    world = World()
    world.at_us(1, PRIORITY_PLANT, lambda: world.advance_us(5))
    world.at_us(2, PRIORITY_PLANT, lambda: None)
    with pytest.raises(RuntimeError, match="cannot move"):
        world.advance_us(10)


def test_a_program_that_never_waits_is_stopped() -> None:
    """Broken: a polling loop without a wait hangs the simulation."""
    world = World()
    for _ in range(MAX_CALLS_AT_ONE_INSTANT):
        world.spend_exchange_us(0)
    with pytest.raises(FrozenWorldError):
        world.spend_exchange_us(0)
    world.advance_us(1)
    world.spend_exchange_us(0)
