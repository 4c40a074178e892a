"""The truth about a world, told by its plant."""

from __future__ import annotations

import pytest

from instruments.sim.faults.excursions import Excursions
from instruments.sim.faults.history import StateHistory, TruthState
from instruments.sim.faults.points import FaultPoints
from instruments.sim.faults.truth import Truth
from instruments.sim.faults.writes import WritePatterns
from tests.instruments.sim.faults.small_station import (
    SmallStation,
    inject,
    points_of,
    record,
)

LINES = {1001: "button", 1004: "fixture_contactor", 1006: "peer1_contactor"}


def running() -> tuple[SmallStation, Truth]:
    """Charge with the small station, and stop before it switches off."""
    station = SmallStation(FaultPoints())
    truth = points_of(station).truth
    assert truth is not None
    station.bench.world.advance_us(1_000_000)
    station.query("switchbox", "ROUT:CLOS (@1005);*OPC?")
    station.query("switchbox", "ROUT:CLOS (@1004);*OPC?")
    station.query("supply", "FUNC CURR;:VOLT:LIM 56;:CURR 10;*OPC?")
    return station, truth


def test_bench_is_dead_before_and_after_energy() -> None:
    """A live bench would be called dead, or a dead one live for ever."""
    truth = points_of(inject("stop_signal", "once", 10_000)).truth
    assert truth is not None
    (interval,) = truth.live_intervals()
    assert interval[1] is not None
    assert truth.dead_now
    assert truth.dead_since_us == interval[1]
    assert truth.first_dead_after_us(interval[0]) == interval[1]
    assert truth.first_dead_after_us(0) == 0


def test_bleeder_takes_its_time() -> None:
    """A bench side with charge on it would be called dead."""
    station, truth = running()
    station.query("supply", "OUTP ON;*OPC?")
    station.bench.world.advance_us(500_000)
    station.query("supply", "OUTP OFF;*OPC?")
    station.query("switchbox", "ROUT:OPEN (@1004);*OPC?")
    station.bench.world.advance_us(3_000_000)
    opened = next(s for s in truth.states[::-1] if not s.dark and not s.fixture_closed)
    dark_us = truth.first_dead_after_us(opened.t_us)
    assert dark_us is not None
    assert 100_000 < dark_us - opened.t_us < 600_000
    station.bench.close()


def test_energising_writes_are_found_even_if_the_fault_lost_them() -> None:
    """A write after make_safe began would go unseen because nothing came of it."""
    station, truth = running()
    station.query("supply", "OUTP ON;*OPC?")
    station.bench.world.advance_us(500_000)
    station.query("supply", "CURR 20;*OPC?")
    station.query("supply", "CURR 5;*OPC?")
    station.query("supply", "OUTP OFF;*OPC?")
    station.query("supply", "OUTP:PROT:CLE;*OPC?")
    names = [write.name for write in truth.writes]
    assert names == ["contactor_closed", "output_on", "setpoint_raised"]
    assert all(write.executed for write in truth.writes)
    assert truth.writes_after(truth.writes[1].t_us) == truth.writes[1:]
    station.bench.close()


def test_clearing_a_protection_that_restores_the_output_is_a_write() -> None:
    """Clear-protection before output-off would pass for harmless."""
    station, truth = running()
    station.query("supply", "OUTP ON;*OPC?")
    station.query("supply", "OUTP:PROT:CLE;*OPC?")
    assert truth.writes[-1].name == "clear_protection"
    station.bench.close()


def test_lost_write_is_told_from_an_executed_one() -> None:
    """A command that never arrived would count as energy."""
    call = next(c.k for c in record().calls_seen if "OUTP ON" in c.site.what)
    truth = points_of(inject("timeout_not_executed", "once", call)).truth
    assert truth is not None
    write = next(w for w in truth.writes if w.name == "output_on")
    assert not write.executed
    assert write.k == call


def test_current_past_the_ceiling_is_found() -> None:
    """The campaign would miss a station that passes a ceiling."""
    station, truth = running()
    station.query("supply", "CURR 140;*OPC?")
    station.query("supply", "OUTP ON;*OPC?")
    station.bench.world.advance_us(300_000)
    station.query("supply", "OUTP OFF;*OPC?")
    station.bench.world.advance_us(300_000)
    assert [v.what for v in truth.violations] == ["current"]
    assert truth.violations[0].value > 132.0
    station.bench.close()


def test_floor_is_left_downwards() -> None:
    """A cell discharged too far would look like one far from its ceiling."""
    excursions = Excursions()
    excursions.look(1, 50.0, 0.0, 3.2, 2.4, 25.0)
    excursions.look(2, 45.0, 0.0, 3.1, 2.2, 25.0)
    excursions.look(3, 45.0, 0.0, 3.1, 2.1, 25.0)
    excursions.look(4, 50.0, 0.0, 3.1, 2.5, 25.0)
    excursions.look(5, 45.0, 0.0, 3.1, 2.25, 25.0)
    assert [(v.t_us, v.value) for v in excursions.found] == [(2, 2.1), (5, 2.25)]


def test_opening_keeps_what_flowed_before() -> None:
    """A trip would be recorded at 0 A."""
    station, truth = running()
    station.query("supply", "OUTP ON;*OPC?")
    station.bench.world.advance_us(500_000)
    plant = station.bench.plant
    plant.command_contactor(plant.modules["module"], "open")
    station.bench.world.advance_us(500_000)
    (opening,) = truth.openings
    assert opening.current_a == pytest.approx(10.0, abs=0.1)
    assert opening.terminal_v == pytest.approx(
        truth.at(opening.t_us - 1).terminal_v, abs=0.05
    )
    assert opening.lowest_cell_v < opening.highest_cell_v
    assert opening.supply_on
    station.bench.close()


def test_dead_but_the_stuck_output() -> None:
    """A stuck contactor would excuse a supply that is still on."""
    stuck = TruthState(0, False, False, True, True, True, False)
    assert stuck.dead_but("switchbox")
    assert not stuck.dead_but("supply")
    driven = TruthState(0, True, False, False, True, True, False)
    assert driven.dead_but("supply")
    assert not driven.dead_but("switchbox")
    assert not driven.dead


def test_only_the_last_state_of_an_instant_counts() -> None:
    """A state that held for no time would be an interval."""
    history = StateHistory()
    history.add(TruthState(0, False, False, False, False, True, True))
    history.add(TruthState(5, True, False, False, False, True, True))
    history.add(TruthState(5, False, False, False, False, True, True))
    assert len(history.states) == 1
    assert history.live_intervals() == []


@pytest.mark.parametrize(
    ("role", "message", "names"),
    [
        ("supply", "OUTP ON;*OPC?;:OUTP?;:SYST:ERR?", ("output_on",)),
        ("supply", "*RST", ("output_off",)),
        ("load", "LOAD 1", ("input_on",)),
        ("load", "LOAD:PROT:CLE", ()),
        ("switchbox", "ROUT:CLOS (@1004,1006)", ("contactor_closed", "peer_closed")),
        ("switchbox", "ROUT:CLOS (@1001:1004)", ("contactor_closed",)),
        ("switchbox", "ROUT:OPEN (@1001,1004)", ("contactor_opened",)),
        ("switchbox", "ROUT:CLOS? (@1004)", ()),
        ("switchbox", "*RST", ("contactor_opened",)),
        ("module_meter", "OUTP ON", ()),
    ],
)
def test_messages_are_read_by_what_they_do(
    role: str, message: str, names: tuple[str, ...]
) -> None:
    """A message that energises would be overlooked."""
    assert WritePatterns(LINES).names(role, message) == names
