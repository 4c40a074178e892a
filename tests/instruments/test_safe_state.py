"""make_safe with parts that fail: each step is tried whatever became of the others."""

from __future__ import annotations

import pytest

from instruments.safe_state import SafeReport, make_safe
from tests.instruments.fake_parts import FakeClock, World, fake_parts


def made_safe(world: World, module_dead: bool = True) -> SafeReport:
    """Run make_safe on a fake bench."""
    return make_safe(fake_parts(world), FakeClock(), module_dead)


def test_live_bench_ends_dead() -> None:
    """A bench with everything on is not proved dead, or the module stays live."""
    world = World()
    report = made_safe(world)
    assert report.dead
    assert report.module_dead
    assert report.errors == []
    assert not world.supply_on
    assert not world.contactor_closed
    assert not world.module_live


def test_sources_go_off_before_the_contactor_opens() -> None:
    """The contactor is opened under current although the source could be switched."""
    world = World(load_on=True)
    made_safe(world)
    order = [
        world.done.index(act)
        for act in (
            "supply.set_output",
            "load.set_input",
            "shunt_meter.measure",
            "switchbox.fixture_contactor=off",
            "scan_meter.measure",
            "switchbox.peer1_contactor=off",
            "switchbox.button=on",
            "supply.clear_protection",
        )
    ]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "role",
    ["supply", "load", "shunt_meter", "scan_meter", "ntc_emulator", "led_reader"],
)
def test_silent_part_does_not_keep_the_others_live(role: str) -> None:
    """The first part that does not answer ends make_safe, and the rest stays on."""
    world = World(load_on=True, broken={role})
    report = made_safe(world)
    assert report.errors
    assert not world.contactor_closed
    assert not world.module_live
    assert world.supply_on == (role == "supply")
    assert world.load_on == (role == "load")


@pytest.mark.parametrize("role", ["supply", "load", "shunt_meter", "scan_meter"])
def test_bench_is_not_proved_dead_by_what_could_not_be_read(role: str) -> None:
    """A reading that failed is taken for zero, and the bench for dead."""
    assert not made_safe(World(broken={role})).dead


def test_stuck_contactor_is_not_dead_and_the_sources_still_go_off() -> None:
    """A welded fixture contactor passes, or keeps the sources on."""
    world = World(stuck={"contactor"})
    report = made_safe(world)
    assert not report.dead
    assert not report.contactor_open
    assert report.supply_off
    assert report.load_off
    assert not world.supply_on


@pytest.mark.parametrize("part", ["supply", "load"])
def test_source_that_stays_on_is_not_dead(part: str) -> None:
    """A source that does not switch off passes because it was told to."""
    world = World(load_on=True, stuck={part})
    report = made_safe(world)
    assert not report.dead
    assert not world.contactor_closed


def test_module_that_does_not_die_is_told_apart_from_the_bench() -> None:
    """A live module makes the bench an error, or passes as dead."""
    report = made_safe(World(stuck={"button"}))
    assert report.dead
    assert not report.module_dead
    assert report.leds_dark is False


def test_unread_light_is_not_called_lit() -> None:
    """A silent LED reader makes a dark module fail as lit."""
    report = made_safe(World(broken={"led_reader"}))
    assert report.leds_dark is None
    assert not report.module_dead


def test_dead_module_is_not_pressed() -> None:
    """A module in Shutdown State is started by the press that should end it."""
    world = World(module_live=False)
    report = made_safe(world)
    assert "switchbox.button=on" not in world.done
    assert report.module_dead


def test_button_is_released_again() -> None:
    """The actuator stays on the button after make_safe."""
    world = World()
    made_safe(world)
    presses = [act for act in world.done if act.startswith("switchbox.button")]
    assert presses[-1] == "switchbox.button=off"


def test_module_is_left_alone_when_only_the_bench_is_asked_for() -> None:
    """The last net presses the button of a module that nobody asked about."""
    world = World()
    report = made_safe(world, module_dead=False)
    assert report.dead
    assert not report.module_asked
    assert world.module_live


def test_protection_stays_latched_on_a_source_that_is_not_off() -> None:
    """A protection that still holds a source back is cleared."""
    world = World(stuck={"supply"})
    made_safe(world)
    assert "supply.clear_protection" not in world.done
    assert "load.clear_protection" in world.done
