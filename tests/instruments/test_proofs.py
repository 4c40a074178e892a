"""Supply and load are never on together, and what ends the energy is proved to act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from instruments.bench import Bench
from instruments.errors import BenchNotDead, NotProtected, PreconditionNotMet
from instruments.sampler import Energy
from tests.instruments.test_bench import RUNNING, fault, running
from tests.phases import rig

OFF = {"soc_pct": 50.0}
SOON_S = 8.0


class StandingInputs:
    """A switchbox whose answers about its inputs stand still."""

    def __init__(self, box: Any, inputs: Mapping[str, bool]) -> None:
        self._box = box
        self._inputs = inputs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._box, name)

    def read_inputs(self) -> Mapping[str, bool]:
        """Repeat them."""
        return self._inputs


def contactor_is_closed(bench: Bench) -> bool:
    """Read the fixture contactor's auxiliary contact."""
    return bench.parts.switchbox.read_inputs()["contactor_closed"]


def test_welded_fixture_contactor_is_found_when_the_bench_is_opened() -> None:
    """A bench that cannot be isolated from the module is opened."""
    with (
        pytest.raises(BenchNotDead, match="fixture contactor"),
        rig.opened(OFF, fault("fixture", "contactor_welded")),
    ):
        pass


def test_load_that_stays_on_keeps_the_supply_off() -> None:
    """The supply feeds a load that reads off and is on."""
    with running(fault("load", "input_stuck_on", SOON_S)) as bench:
        bench.discharge(20.0)
        bench.hold(SOON_S)
        with pytest.raises(BenchNotDead, match="load"):
            bench.charge(20.0, 56.0)
        assert not bench.parts.supply.read_output()


def test_supply_that_stays_on_keeps_the_load_off() -> None:
    """The load draws from a supply that reads off and is on."""
    with running(fault("supply", "output_stuck_on", SOON_S)) as bench:
        bench.charge(20.0, 56.0)
        bench.hold(SOON_S)
        with pytest.raises(BenchNotDead, match="supply"):
            bench.discharge(20.0)
        assert not bench.parts.load.read_input()


def test_load_that_is_on_unnoticed_is_found_by_the_shunt_in_standby() -> None:
    """A load that reads off draws from the module as soon as the contactor closes."""
    with running(fault("load", "input_stuck_on", SOON_S)) as bench:
        bench.discharge(20.0)
        bench.hold(SOON_S)
        bench.open_contactor()
        bench.parts.load.set_input(False)
        bench.sampler.energy = Energy.NONE
        with pytest.raises(BenchNotDead, match="both sources off"):
            bench.prove_sources_off()


def test_sources_of_a_healthy_bench_are_proved_off() -> None:
    """A healthy bench fails the proof, or the proof leaves the contactor closed."""
    with running() as bench:
        bench.prove_sources_off()
        assert not contactor_is_closed(bench)
        assert bench.sampler.energy is Energy.NONE


@pytest.mark.parametrize(
    ("target", "name", "drops", "trips"),
    [
        ("supply", "watchdog_dead", True, False),
        ("fixture", "dead_man_stuck", False, True),
        ("load", "off_ignored", True, True),
    ],
)
def test_dead_man_and_watchdog_are_proved(
    target: str, name: str, drops: bool, trips: bool
) -> None:
    """A dead-man or a watchdog that never acts is relied on."""
    with rig.opened(OFF, fault(target, name)) as bench:
        assert bench.prove_dead_man() is drops
        assert bench.prove_watchdog() is trips
        assert not contactor_is_closed(bench)
        assert not bench.parts.supply.read_output()
        assert bench.sampler.energy is Energy.NONE


def test_dead_man_is_not_proved_on_a_live_module() -> None:
    """The contactor closes on a live module and nobody feeds the dead-man."""
    with rig.opened(RUNNING) as bench, pytest.raises(PreconditionNotMet):
        bench.prove_dead_man()


def test_watchdog_is_proved_behind_the_open_contactor_only() -> None:
    """Five volts are put onto a module's terminals."""
    with running() as bench:
        bench.close_contactor()
        with pytest.raises(NotProtected, match="closed"):
            bench.prove_watchdog()


@pytest.mark.parametrize("after_us", [20_000, 60_000, 120_000])
@pytest.mark.parametrize(
    "connect",
    [lambda bench: bench.charge(20.0, 56.0), lambda bench: bench.discharge(20.0)],
    ids=["supply", "load"],
)
def test_make_safe_that_begins_midway_lets_nothing_close(
    connect: Callable[[Bench], object], after_us: int
) -> None:
    """Connecting goes on after make_safe began in another thread."""
    with running() as bench:
        world = bench.world.world
        ending = bench.closing()
        world.at_us(world.now_us() + after_us, 3, ending.__enter__)
        with pytest.raises(NotProtected, match="make_safe"):
            connect(bench)
        assert not bench.parts.load.read_input()
        assert bench.make_safe(module_dead=False).dead


def test_part_that_was_seen_live_is_never_proved_dead() -> None:
    """A load that reads off and carried current leaves an unlocked bench behind."""
    with running(fault("load", "input_stuck_on", SOON_S)) as bench:
        bench.discharge(20.0)
        bench.hold(SOON_S)
        with pytest.raises(BenchNotDead):
            bench.charge(20.0, 56.0)
        report = bench.make_safe(module_dead=False)
        assert not report.dead
        assert "load" in report.doubts


@pytest.mark.parametrize("when", [1.0, SOON_S])
def test_inputs_that_stand_still_are_found_at_the_next_closing(when: float) -> None:
    """Read-backs of a switchbox that repeats itself prove the contactor open."""
    with running() as bench:
        bench.discharge(5.0)
        bench.hold(when)
        bench.disconnect()
        inputs = dict(bench.parts.switchbox.read_inputs())
        frozen = StandingInputs(bench.parts.switchbox, inputs)
        bench.parts = replace(bench.parts, switchbox=cast("Any", frozen))
        with pytest.raises(NotProtected, match="fixture contactor"):
            bench.close_contactor()


def test_disconnect_parts_the_peers() -> None:
    """A peer stays joined to the module of the next phase."""
    with running() as bench:
        bench.join_peer("peer1_contactor")
        assert bench.parts.switchbox.read_line("peer1_contactor")
        bench.disconnect()
        assert not bench.parts.switchbox.read_line("peer1_contactor")
        assert bench.sampler.watch_links
        assert not bench.sampler.joined
        assert bench.sampler.energy is Energy.NONE
