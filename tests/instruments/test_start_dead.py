"""A run begins dead, or it does not begin: every part is tried, and meters agree."""

from __future__ import annotations

import pytest

from instruments.errors import BenchNotDead, InstrumentError, NotConnected
from instruments.safe_steps import SafeReport
from instruments.start_dead import leave_dead, send_all_off, start_dead
from tests.instruments.fake_parts import LINES, FakeClock, World, fake_parts
from tests.instruments.test_bench import fault
from tests.phases import rig

SELF_OFF_S = 2.6
OFF = {"soc_pct": 50.0}


def started(world: World) -> SafeReport:
    """Begin a run on a fake bench."""
    return start_dead(fake_parts(world), FakeClock(), SELF_OFF_S)


def test_load_left_on_by_the_run_before_goes_off_at_the_start() -> None:
    """The supply is connected to a load that a killed run left on."""
    world = World(load_on=True)
    assert started(world).dead
    assert not world.supply_on
    assert not world.load_on
    assert {f"switchbox.{line}=off" for line in LINES} <= set(world.done)


@pytest.mark.parametrize("part", ["supply", "load", "contactor"])
def test_bench_that_does_not_go_off_at_the_start_is_not_used(part: str) -> None:
    """A run begins on a bench where something is on and stays on."""
    world = World(load_on=True, stuck={part})
    with pytest.raises(BenchNotDead, match=part):
        started(world)


@pytest.mark.parametrize("role", ["supply", "load", "switchbox"])
def test_part_that_refuses_does_not_keep_the_others_on(role: str) -> None:
    """The first part that does not answer ends the start, and the rest stays on."""
    world = World(load_on=True, broken={role})
    with pytest.raises(BenchNotDead, match=role):
        started(world)
    assert world.supply_on == (role == "supply")
    assert world.load_on == (role == "load")
    assert not world.contactor_closed  # told blindly where the box does not answer


@pytest.mark.parametrize(
    ("role", "doubt"), [("shunt_meter", "current"), ("scan_meter", "bench side")]
)
def test_bench_that_is_not_measured_dead_is_not_used(role: str, doubt: str) -> None:
    """Read-backs alone let a run begin; nobody saw voltage and current gone."""
    with pytest.raises(BenchNotDead, match=doubt):
        started(World(broken={role}))


def test_voltage_on_the_bench_side_keeps_the_run_from_beginning() -> None:
    """A supply that reads off and is on is overlooked at the start."""
    with pytest.raises(BenchNotDead, match="bench side"):
        started(World(stuck={"supply"}, lying={"supply"}))


def test_part_that_refused_once_is_named_although_the_bench_is_dead() -> None:
    """A relay that refuses goes unnoticed because sources and contactor are off."""
    with pytest.raises(InstrumentError, match="does not answer"):
        started(World(broken={"switchbox.open_lines"}))


def test_failed_start_switches_off_what_it_can_and_says_what_is_left() -> None:
    """An instrument that is missing at the start leaves the others on."""
    world = World(load_on=True, broken={"supply"}, deaf={"supply"})
    error = NotConnected("supply", "nothing answers", "check its cable")
    clock = FakeClock()
    found = leave_dead(fake_parts(world), clock, SELF_OFF_S, error)
    assert isinstance(found, BenchNotDead)
    assert "not proved off: supply" in str(found)
    assert not world.load_on
    assert not world.contactor_closed
    assert clock.now_us() < 10_000_000


def test_failed_start_on_a_dead_bench_keeps_its_error() -> None:
    """The reason of a failed start is replaced by another one."""
    error = NotConnected("led_reader", "nothing answers", "check its cable")
    world = World()
    assert leave_dead(fake_parts(world), FakeClock(), SELF_OFF_S, error) is error
    assert not world.supply_on


def test_sources_and_contactor_go_off_without_a_whole_bench() -> None:
    """A missing CAN adapter leaves on what the run before left on."""
    world = World(load_on=True)
    parts = fake_parts(world)
    send_all_off(parts.supply, parts.load, parts.switchbox)
    assert not any((world.supply_on, world.load_on, world.contactor_closed))


@pytest.mark.parametrize("target", ["can", "service"])
def test_missing_adapter_is_refused_in_one_line(target: str) -> None:
    """A missing adapter ends in a traceback while sources are switched off."""
    with (
        pytest.raises(InstrumentError, match="did not open"),
        rig.opened(OFF, fault(target, "absent")),
    ):
        pass


@pytest.mark.parametrize("role", ["load", "switchbox", "scan_meter", "led_reader"])
def test_silent_instrument_ends_the_start_and_is_named(
    role: str,
) -> None:
    """A start with a silent instrument hangs, or ends without naming it."""
    with (
        pytest.raises(InstrumentError, match=role),
        rig.opened(OFF, fault(role, "silent")),
    ):
        pass
