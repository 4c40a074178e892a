"""Contactor, sensors and terminals of the simulated module."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from instruments.sim.contactor import Contactor, ContactorParameters
from instruments.sim.defects import Fault
from instruments.sim.parameters import load_parameters
from instruments.sim.sensors import ModuleSensors
from instruments.sim.state import BenchState
from tests.instruments.sim.plant_fakes import bms_of, make_plant, wait_s

DELAYS = ContactorParameters(close_delay_s=0.05, open_delay_s=0.03, slow_extra_s=4.0)


def contactor(*names: str, closed: bool = False, when: str | float = 0.0) -> Contactor:
    """Make a contactor with faults."""
    faults = [Fault("module.contactor", name, when) for name in names]
    return Contactor(DELAYS, faults, closed)


def move(unit: Contactor, command: str, now_us: int = 0) -> bool:
    """Command a movement, let it finish, and read the position."""
    due_us = unit.command(command, now_us)
    if due_us is not None:
        assert not unit.actuate(due_us - 1)
        unit.actuate(due_us)
    return unit.closed


def test_contactor_moves_after_its_delay() -> None:
    """Broken: the contactor moves at once, or not at all."""
    unit = contactor()
    assert unit.command("close", 1_000_000) == 1_050_000
    assert move(contactor(), "close")
    assert not move(contactor(closed=True), "open")


def test_contactor_latches() -> None:
    """Broken: a pulse towards the position it has moves it again."""
    assert contactor(closed=True).command("close", 0) is None


def test_a_counter_command_cancels_a_movement() -> None:
    """Broken: an open pulse during closing is lost."""
    unit = contactor()
    due_us = unit.command("close", 0)
    unit.command("open", 10_000)
    assert due_us is not None
    assert not unit.actuate(due_us)
    assert not unit.closed


def test_a_second_pulse_does_not_delay_the_first() -> None:
    """Broken: a BMS that repeats its command never opens a slow contactor."""
    unit = contactor("slow", closed=True)
    due_us = unit.command("open", 0)
    assert unit.command("open", 1_000_000) is None
    assert unit.due_us == due_us


def test_welded_contactor_is_closed_and_stays() -> None:
    """Broken: a welded contactor opens, or begins open."""
    unit = contactor("welded")
    assert unit.closed
    assert move(unit, "open")


def test_contactor_that_welds_later_still_opens_before() -> None:
    """Broken: a fault acts before its time."""
    unit = contactor("welded", closed=True, when=10.0)
    assert not move(unit, "open", 1_000_000)
    assert move(unit, "close", 2_000_000)
    assert move(unit, "open", 11_000_000)


def test_stuck_open_contactor_does_not_close() -> None:
    """Broken: the fault stuck_open is not played."""
    assert not move(contactor("stuck_open"), "close")


def test_slow_contactor_is_late() -> None:
    """Broken: the fault slow is not played."""
    assert contactor("slow", closed=True).command("open", 0) == 4_030_000


@pytest.mark.parametrize(
    ("fault", "closed", "seen"),
    [("aux_stuck_open", True, False), ("aux_stuck_closed", False, True)],
)
def test_auxiliary_contact_can_lie(fault: str, closed: bool, seen: bool) -> None:
    """Broken: the feedback faults are not played."""
    assert contactor(fault, closed=closed).feedback(0) is seen


def test_sensors_have_gain_offset_and_resolution() -> None:
    """Broken: a defective sensor reads the truth."""
    values = dict(load_parameters().section("module.sensors"))
    values |= {"current_gain": 1.03, "current_offset_a": 0.5, "pack_offset_v": 0.2}
    values["cell_offset_mv.c03"] = 7.0
    sensors = ModuleSensors(values, ())
    assert sensors.current_a(43.0, 0) == pytest.approx(44.79)
    assert sensors.current_a(0.004, 0) == pytest.approx(0.5)
    assert sensors.pack_v(52.0) == pytest.approx(52.2)
    assert sensors.cell_v([3.3] * 16)[2] == pytest.approx(3.307)
    assert sensors.cell_v([3.3] * 16)[3] == 3.3


def test_dead_current_sensor_reads_zero() -> None:
    """Broken: the fault current_dead is not played, or too early."""
    values = load_parameters().section("module.sensors")
    sensors = ModuleSensors(values, [Fault("module.sensors", "current_dead", 5.0)])
    assert sensors.current_a(43.0, 4_000_000) == pytest.approx(43.0)
    assert sensors.current_a(43.0, 5_000_000) == 0.0


def test_thermistors_follow_their_cells() -> None:
    """Broken: the curve, an offset, or a sensor's place."""
    values = dict(load_parameters().section("module.sensors"))
    values["ntc_offset_c.n2"] = 10.0
    ohm = ModuleSensors(values, ()).ntc_ohm([25.0] * 16, 0)
    assert ohm[0] == pytest.approx(10_000.0)
    assert ohm[1] == pytest.approx(6_880.0, rel=0.01)


def test_thermistor_faults_and_substitution() -> None:
    """Broken: an open or shorted sensor reads a temperature."""
    values = load_parameters().section("module.sensors")
    faults = [
        Fault("module.sensors", "ntc1_open"),
        Fault("module.sensors", "ntc3_short"),
    ]
    ohm = ModuleSensors(values, faults).ntc_ohm([25.0] * 16, 0)
    assert (ohm[0], ohm[2]) == (inf, 0.0)
    plant = make_plant()
    plant.change(lambda: plant.fixture.ntc_mode.__setitem__(0, "open"))
    plant.change(lambda: plant.fixture.ntc_mode.__setitem__(1, "short"))
    plant.change(lambda: plant.fixture.ntc_mode.__setitem__(2, "ohm"))
    plant.change(lambda: plant.fixture.ntc_ohm.__setitem__(2, 4321.0))
    assert plant.modules["module"].ntc_ohm == [inf, 0.0, 4321.0, pytest.approx(1e4)]


def test_terminals_are_dead_until_the_contactor_closes() -> None:
    """Broken: voltage at the terminals of a module that is off."""
    plant = make_plant(BenchState(soc_pct=50.0))
    assert plant.module_v == 0.0
    bms_of(plant).command = "close"
    plant.change(lambda: plant.fixture.button.__setitem__("module", True))
    wait_s(plant, 0.2)
    assert plant.module_v == pytest.approx(52.5, abs=0.3)


def test_a_remnant_stays_below_one_volt_and_decays() -> None:
    """Broken: dead terminals read more than 1 V, or exactly nothing."""
    plant = make_plant(BenchState(module="running", soc_pct=50.0))
    bms_of(plant).command = "open"
    wait_s(plant, 1.2)
    first_v = plant.module_v
    wait_s(plant, 10.0)
    assert 0.1 < first_v < 1.0
    assert 0.0 < plant.module_v < 0.1


def test_reversed_terminals_show_a_negative_voltage(tmp_path: Path) -> None:
    """Broken: exchanged poles look like a healthy module."""
    path = tmp_path / "reversed.toml"
    path.write_text(
        'id = "R"\ntitle = "r"\n[[fault]]\ntarget = "module.terminals"\n'
        'name = "reversed"\n',
        encoding="utf-8",
    )
    running = BenchState(module="running", soc_pct=50.0)
    plant = make_plant(running, load_parameters([path]))
    assert plant.module_v < -50.0
    assert plant.contact_mohm < 0.0


def test_off_current_depends_on_the_bms() -> None:
    """Broken: the off-state current is that of a running module."""
    assert make_plant().off_current_ma == 0.5
    assert make_plant(BenchState(module="running")).off_current_ma == 30.0


def test_a_dead_button_is_not_seen(tmp_path: Path) -> None:
    """Broken: the fault dead of the button is not played."""
    path = tmp_path / "dead.toml"
    path.write_text(
        'id = "B"\ntitle = "b"\n[[fault]]\ntarget = "module.button"\nname = "dead"\n',
        encoding="utf-8",
    )
    plant = make_plant(parameters=load_parameters([path]))
    for name in ("module", "peer1"):
        plant.change(lambda name=name: plant.fixture.button.__setitem__(name, True))
    wait_s(plant, 0.1)
    assert not bms_of(plant).seen[-1].button_pressed
    assert bms_of(plant, "peer1").seen[-1].button_pressed


def test_a_bouncing_contact_comes_to_rest() -> None:
    """Broken: a bouncing contactor stays open, or does not bounce."""
    unit = contactor("bounces")
    due_us = unit.command("close", 0)
    seen = []
    while due_us is not None:
        unit.actuate(due_us)
        seen.append(unit.closed)
        due_us = unit.due_us
    assert seen == [True, False] * 6 + [True]


def test_a_weak_latch_lets_go_and_can_be_opened_before() -> None:
    """Broken: a contact that will drop out ignores the coil."""
    unit = contactor("drops_out")
    assert move(unit, "close")
    assert unit.due_us == 600_050_000
    assert unit.command("open", 1_000_000) == 1_030_000
    unit.actuate(1_030_000)
    assert not unit.closed
    assert unit.due_us is None


def test_loose_busbar_shows_at_its_cell_and_at_the_terminals(tmp_path: Path) -> None:
    """Broken: a loose busbar is felt by the pack and not by the cell's sense wires."""
    defect = tmp_path / "loose.toml"
    defect.write_text(
        'id = "loose"\ntitle = "loose"\n'
        '[[change]]\ntarget = "module.pack.joint_mohm"\nset = 2.0\n',
        encoding="utf-8",
    )
    sound = make_plant().modules["module"]
    loose = make_plant(parameters=load_parameters([defect])).modules["module"]
    for module in (sound, loose):
        module.current_a = -50.0
    apart_v = [a - b for a, b in zip(loose.cell_v, sound.cell_v, strict=True)]
    assert apart_v[7] == pytest.approx(-0.1)
    assert sum(map(abs, apart_v)) == pytest.approx(0.1)
    assert loose.pack_v - sound.pack_v == pytest.approx(-0.1)
    assert loose.resistance_ohm - sound.resistance_ohm == pytest.approx(0.002)


def test_clipped_amplifier_and_fixed_resistor() -> None:
    """Broken: a current past the amplifier's end, or a dummy follows the cell."""
    values = {**load_parameters().section("module.sensors"), "current_range_a": 115.0}
    sensors = ModuleSensors(values, [Fault("module.sensors", "ntc2_fixed")])
    assert sensors.current_a(-130.0, 0) == -115.0
    assert sensors.current_a(100.0, 0) == 100.0
    ohm = sensors.ntc_ohm([40.0] * 16, 0)
    assert ohm[1] == 10_000.0
    assert ohm[0] < 6_000.0
