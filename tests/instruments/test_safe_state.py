"""make_safe with parts that fail: each step is tried whatever became of the others."""

from __future__ import annotations

import pytest

from instruments.safe_state import SafeReport, make_safe
from tests.instruments.fake_parts import LINES, FakeClock, World, fake_parts


def made_safe(world: World, module_dead: bool = True) -> SafeReport:
    """Run make_safe on a fake bench."""
    return make_safe(fake_parts(world), FakeClock(), 2.6, module_dead)


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


def test_contactor_is_told_to_open_where_the_switchbox_does_not_answer() -> None:
    """A box that obeys but answers badly keeps the contactor until the dead-man."""
    world = World(broken={"switchbox"})
    report = made_safe(world)
    assert not report.contactor_open
    assert not report.dead
    assert not world.contactor_closed


@pytest.mark.parametrize(
    "role",
    ["supply", "load", "shunt_meter", "scan_meter", "ntc_emulator", "led_reader"],
)
def test_silent_part_does_not_keep_the_others_live(role: str) -> None:
    """The first part that does not answer ends make_safe, and the rest stays on."""
    world = World(load_on=True, broken={role}, deaf={role})
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


def test_dead_man_that_never_falls_is_no_quiet_end() -> None:
    """Inputs that stand still, or a stuck relay, go unnoticed to the last."""
    report = made_safe(World(stuck={"dead_man"}))
    assert any("dead-man relay" in error for error in report.errors)


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


def test_watchdog_of_the_bench_file_is_waited_for() -> None:
    """A slower watchdog is not given the time that it needs, and the bench locks."""
    waits = []
    for self_off_s in (2.6, 10.6):
        clock = FakeClock()
        make_safe(fake_parts(World(stuck={"supply"})), clock, self_off_s, False)
        waits.append(clock.now_us())
    assert 2_600_000 <= waits[0] < 10_600_000 <= waits[1]


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


@pytest.mark.parametrize("role", ["supply", "load"])
def test_mute_source_still_hears_its_off(role: str) -> None:
    """A source that no longer answers is never told to go off."""
    world = World(load_on=True, broken={role})
    report = made_safe(world)
    assert world.done.index(f"{role}.send_off") < world.done.index(f"{role}.reopen")
    assert not world.supply_on
    assert not world.load_on
    assert report.errors
    assert not report.dead


def test_mistake_in_a_step_does_not_skip_the_others() -> None:
    """An error of the station's own ends make_safe half way."""
    world = World(load_on=True, wrong={"switchbox.read_inputs"})
    report = made_safe(world)
    assert any("KeyError" in error for error in report.errors)
    assert not world.contactor_closed
    assert not world.module_live
    assert "load.clear_protection" in world.done


def test_every_line_is_opened() -> None:
    """A button, a chain or a DIP line stays closed after make_safe."""
    world = World()
    made_safe(world)
    last = {}
    for act in world.done:
        if act.startswith("switchbox.") and "=" in act:
            line, _, state = act.removeprefix("switchbox.").partition("=")
            last[line] = state
    assert set(last) == set(LINES)
    assert set(last.values()) == {"off"}


def test_dip_lines_move_with_the_module_dead_only() -> None:
    """DIP and chain lines open under a module that still runs."""
    world = World()
    made_safe(world)
    released = len(world.done) - world.done[::-1].index("switchbox.button=off")
    assert "switchbox.dip1=off" in world.done[released:]
    assert world.done.count("switchbox.dip1=off") == 1


def test_one_bad_relay_does_not_hold_the_others_closed() -> None:
    """A refused exchange for all lines leaves all of them closed."""
    world = World(broken={"switchbox.open_lines", "switchbox.peer1_bar=off"})
    report = made_safe(world)
    assert report.errors
    assert "switchbox.peer2_contactor=off" in world.done
    assert "switchbox.dry_in1=off" in world.done


def test_one_silent_channel_does_not_keep_the_other_sensors_away() -> None:
    """A sensor stays substituted because the one before it could not be connected."""
    world = World(broken={"ntc_emulator.set_real1"})
    report = made_safe(world)
    assert report.errors == ["ntc_emulator: does not answer; look after it"]
    assert "ntc_emulator.set_real4" in world.done
