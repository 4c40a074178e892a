"""The bench on the simulated world: what it refuses, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from instruments.bench import Bench
from instruments.errors import (
    BenchNotDead,
    CeilingExceeded,
    InstrumentError,
    NotProtected,
    PreconditionNotMet,
    SafetyChainOpen,
    StaleReading,
    StopRequested,
)
from instruments.sampler import Energy
from phases.operate import ensure_running
from tests.phases import rig

RUNNING: Mapping[str, Any] = {"soc_pct": 50.0, "module": "running"}


def fault(target: str, name: str, when: float | None = None) -> str:
    """Write a defect file with one fault."""
    at = "" if when is None else f"when = {when}\n"
    return (
        f'id = "f"\ntitle = "f"\n[[fault]]\ntarget = "{target}"\nname = "{name}"\n{at}'
    )


def change(target: str, value: object) -> str:
    """Write a defect file with one change."""
    return f'id = "c"\ntitle = "c"\n[[change]]\ntarget = "{target}"\nset = {value}\n'


@contextmanager
def running(defect: str = "") -> Iterator[Bench]:
    """Open a bench with a running module that speaks on its links."""
    with rig.opened(RUNNING, defect) as bench:
        ensure_running(bench)
        yield bench


def go_on(bench: Bench) -> None:
    """Look for a while, then change the current, turn it round, and look again."""
    bench.hold(20.0)
    bench.set_charge_current_a(100.0)
    bench.hold(10.0)
    bench.discharge(100.0)
    bench.hold(20.0)


def test_charge_flows_into_the_module_and_discharge_out() -> None:
    """The sign of the current is turned round, or a source stays on for both."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        bench.hold(2.0)
        assert bench.sample().current_a == pytest.approx(20.0, abs=0.3)
        bench.discharge(20.0)
        bench.hold(2.0)
        assert bench.sample().current_a == pytest.approx(-20.0, abs=0.3)
        assert not bench.parts.supply.read_output()


def test_disconnect_leaves_nothing_on() -> None:
    """A source or the contactor stays on after disconnect."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        bench.hold(1.0)
        bench.disconnect()
        assert bench.sampler.energy is Energy.NONE
        assert not bench.parts.supply.read_output()
        assert not bench.parts.load.read_input()
        assert not bench.parts.switchbox.read_inputs()["contactor_closed"]
        bench.disconnect()


def test_dead_module_is_not_connected() -> None:
    """The supply drives voltage onto a module that is off."""
    with (
        rig.opened({"soc_pct": 50.0}) as bench,
        pytest.raises(PreconditionNotMet),
    ):
        bench.charge(20.0, 56.0)


def test_plan_beyond_the_ratings_is_refused() -> None:
    """A plan asks a source for more than its rating less the reserve."""
    with running() as bench:
        with pytest.raises(NotProtected):
            bench.charge(200.0, 58.0)
        with pytest.raises(NotProtected):
            bench.discharge(950.0)
        assert not bench.parts.supply.read_output()


def test_voltage_limit_stays_below_the_protection_that_was_set() -> None:
    """The limit is raised past the over-voltage protection, or up to where it trips."""
    with running() as bench:
        bench.charge(20.0, 54.0)
        bench.set_charge_voltage_v(54.6)
        for raise_it in (
            lambda: bench.charge(20.0, 54.8),
            lambda: bench.set_charge_voltage_v(54.8),
        ):
            with pytest.raises(NotProtected, match="over-voltage protection"):
                raise_it()
        bench.disconnect()
        bench.charge(20.0, 54.8)


def test_change_beyond_the_ratings_is_refused() -> None:
    """Only the first setpoint is held against the ratings of its source."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        with pytest.raises(NotProtected):
            bench.charge(240.0, 56.0)
        with pytest.raises(NotProtected):
            bench.discharge_to_v(48.0, 950.0)
        assert bench.sampler.energy is Energy.CHARGE


class Unclosable:
    """A part that cannot be closed."""

    def close(self) -> None:
        """Fail."""
        raise OSError("the adapter is gone")


def test_close_closes_the_rest_when_one_part_fails() -> None:
    """A port stays open, or a trace unwritten, because another part raised."""
    closed: list[str] = []
    with rig.opened(RUNNING) as bench:
        whole = bench.parts
        broken = cast("Any", Unclosable())
        bench.parts = replace(whole, supply=broken, service=broken)
        bench.after_close.append(lambda: closed.append("seams"))
        with pytest.raises(OSError, match="adapter is gone"):
            bench.close()
        assert closed == ["seams"]
        with pytest.raises(InstrumentError):
            whole.shunt_meter.measure_current_a()
        bench.parts = whole


def test_supply_without_watchdog_is_never_switched_on() -> None:
    """A supply that nothing turns off when the station dies is used."""
    with (
        pytest.raises(BenchNotDead, match="no communication watchdog; not proved off"),
        rig.opened(RUNNING, fault("supply", "no_watchdog")),
    ):
        pass


@pytest.mark.parametrize("name", ["estop_ok", "door_ok", "inhibit_ok"])
def test_open_safety_chain_keeps_the_bench_dead(name: str) -> None:
    """A bench with an open door or a pressed stop is energised."""
    with running(change(f"switchbox.input_bits.{name}", 7)) as bench:
        with pytest.raises(SafetyChainOpen):
            bench.charge(20.0, 56.0)
        assert not bench.parts.switchbox.read_inputs()["contactor_closed"]


def test_current_that_ends_with_the_fixture_is_no_opening() -> None:
    """A door that opens within a climb is judged as the module's trip."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        fixture = bench.world.plant.fixture

        def open_door() -> None:
            fixture.door_ok = fixture.contactor_drive = fixture.contactor_closed = False

        bench.world.plant.change(open_door)
        with pytest.raises(SafetyChainOpen):
            bench.wait_until(lambda sample: abs(sample.current_a) < 0.5, 5.0)


def test_contactor_that_does_not_close_is_noticed() -> None:
    """A contactor that stays open is taken for closed."""
    with (
        running(fault("fixture", "contactor_stuck_open")) as bench,
        pytest.raises(NotProtected),
    ):
        bench.charge(20.0, 56.0)


def test_contactor_that_does_not_open_is_noticed() -> None:
    """A welded fixture contactor is taken for open."""
    with running(fault("fixture", "contactor_welded", 8.0)) as bench:
        bench.charge(20.0, 56.0)
        bench.hold(10.0)
        with pytest.raises(BenchNotDead):
            bench.disconnect()


def test_long_wait_without_a_look_is_refused_while_energised() -> None:
    """A phase waits longer than the watchdog with a source on."""
    with running() as bench:
        bench.wait(5.0)
        bench.charge(20.0, 56.0)
        with pytest.raises(NotProtected):
            bench.wait(5.0)


def test_current_above_the_ceiling_ends_the_run() -> None:
    """A current past the ceiling flows on."""
    with running() as bench:
        bench.charge(20.0, 57.0)
        bench.hold(1.0)
        bench.set_charge_current_a(135.0)
        with pytest.raises(CeilingExceeded):
            bench.hold(3.0)


@pytest.mark.parametrize(
    "role", ["supply", "module_meter", "shunt_meter", "scan_meter", "switchbox"]
)
def test_instrument_that_falls_silent_is_an_error_within_seconds(role: str) -> None:
    """A bench goes on charging with an instrument that no longer answers."""
    with running(fault(role, "silent", 20.0)) as bench:
        bench.charge(20.0, 56.0)
        with pytest.raises(InstrumentError):
            bench.hold(60.0)
        assert bench.now_s() < 25.0


@pytest.mark.parametrize("role", ["supply", "shunt_meter", "module_meter"])
def test_instrument_that_stands_still_is_found_by_its_witness(role: str) -> None:
    """A meter that repeats an old reading is believed when the current changes."""
    with running(fault(role, "frozen", 20.0)) as bench:
        bench.charge(20.0, 56.0)
        with pytest.raises(InstrumentError):
            go_on(bench)


def test_module_that_falls_silent_on_can_is_noticed() -> None:
    """A module is charged on although it no longer says anything."""
    with running(fault("can", "silent", 20.0)) as bench:
        bench.charge(20.0, 56.0)
        with pytest.raises(StaleReading):
            bench.hold(60.0)
        assert bench.now_s() < 28.0


@pytest.mark.parametrize("can_id", ["351", "35c"])
def test_one_silent_id_is_noticed_and_named(can_id: str) -> None:
    """A module is charged on although it no longer says its limits."""
    with running(fault("module.can", f"silent_{can_id}", 20.0)) as bench:
        bench.charge(20.0, 56.0)
        with pytest.raises(StaleReading, match=f"0x{can_id.upper()}"):
            bench.hold(60.0)
        assert bench.now_s() < 26.0


def test_stop_request_ends_a_hold_and_not_make_safe() -> None:
    """A signal does not end a run, or interrupts the way to a dead bench."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        bench.clock.stop.request("SIGINT")
        with pytest.raises(StopRequested):
            bench.hold(5.0)
        assert bench.make_safe().dead


def test_edge_brackets_what_happened() -> None:
    """An instant is reported by one sample instead of the two around it."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        start_ah = bench.tally().net_ah
        edge = bench.wait_until(lambda _: bench.tally().net_ah - start_ah > 0.02, 60.0)
        assert edge is not None
        assert edge.before.t_a_us < edge.after.t_a_us
        assert edge.after.t_a_us - edge.before.t_a_us < 500_000
        assert bench.wait_until(lambda _: False, 1.0) is None


def test_bench_file_of_the_tests_is_the_shipped_one() -> None:
    """These tests run on another bench than the user's."""
    assert Path(__file__).parents[2] == rig.ROOT
