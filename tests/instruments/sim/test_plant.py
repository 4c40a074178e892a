"""The plant in bench time: grid, energy, calibration, buses, contactors."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from instruments.sim.parameters import load_parameters
from instruments.sim.plant import Plant
from instruments.sim.state import BenchState
from tests.instruments.sim.plant_fakes import (
    SECOND_US,
    bms_of,
    charge,
    close_fixture,
    discharge,
    make_plant,
    wait_s,
)

RUNNING = BenchState(module="running", soc_pct=50.0)


def run_until(plant: Plant, done: str, level: float, step_s: float = 0.25) -> float:
    """Wait until the module's voltage or current passes a level; return seconds."""
    start_us = plant.world.now_us()
    for _ in range(200_000):
        wait_s(plant, step_s)
        reached = {
            "above": plant.module_v >= level,
            "below": plant.module_v <= level,
            "taper": plant.supply.regulation == "cv" and plant.current_a <= level,
        }
        if reached[done]:
            return (plant.world.now_us() - start_us) / SECOND_US
    raise AssertionError(f"never {done} {level}")


def full_plant() -> Plant:
    """Charge a module to 54.5 V and 10 A, and let go."""
    plant = make_plant(BenchState(module="running", soc_pct=93.0))
    close_fixture(plant)
    charge(plant, 43.0, 54.5)
    run_until(plant, "taper", 10.0)
    discharge(plant, 0.0)
    return plant


def test_capacity_is_what_the_parameter_says() -> None:
    """Broken: the factor between usable and physical capacity (test plan, capacity)."""
    plant = full_plant()
    wait_s(plant, 600.0)
    discharge(plant, 43.0)
    seconds = run_until(plant, "below", 49.5)
    bleeder_a = 0.052
    usable_ah = (43.0 + bleeder_a) * seconds / 3600.0
    assert usable_ah == pytest.approx(88.0, abs=0.1)


def test_full_module_relaxes_as_the_plan_needs() -> None:
    """Broken: 54.5 V / 10 A does not rest at 52.0-53.9 V within 10 min."""
    plant = full_plant()
    wait_s(plant, 600.0)
    assert 52.0 <= plant.module_v <= 53.9


def test_a_full_module_does_not_sag_under_load() -> None:
    """Broken: the over-potential of charging also pulls a discharge down."""
    plant = full_plant()
    wait_s(plant, 60.0)
    discharge(plant, 43.0)
    for _ in range(30):
        wait_s(plant, 10.0)
        assert plant.module_v > 52.2


@pytest.mark.parametrize("current_a", [5.0, 10.0, 20.0])
def test_over_voltage_falls_below_release(current_a: float) -> None:
    """Broken: after 58.9 V the pack stays above 56 V for 5 min."""
    plant = full_plant()
    charge(plant, current_a, 60.0)
    run_until(plant, "above", 58.9)
    highest_v = max(plant.modules["module"].cell_v)
    discharge(plant, 0.0)
    wait_s(plant, 300.0)
    assert highest_v < 3.72
    assert plant.module_v < 56.0


def test_under_voltage_is_reached_and_stays_low() -> None:
    """Broken: 46 V at 10 A is not a few Ah below 0 %, or recovers above 48.0 V."""
    plant = make_plant(BenchState(module="running", soc_pct=0.0))
    close_fixture(plant)
    discharge(plant, 10.0)
    seconds = run_until(plant, "below", 46.0)
    discharge(plant, 0.0)
    wait_s(plant, 600.0)
    rested_v = plant.module_v
    wait_s(plant, 1200.0)
    assert 2.0 < 10.0 * seconds / 3600.0 < 6.0
    assert rested_v < 48.0
    assert plant.module_v < 48.0


def test_forced_charge_can_rest_where_parallel_start_needs_it() -> None:
    """Broken: the module cannot rest 2.2 V, and 2 Ah later 1.8 V, below the peers."""
    plant = make_plant(BenchState(module="running", soc_pct=-4.5))
    close_fixture(plant)
    charge(plant, 12.0, 58.0)
    wait_s(plant, 0.25 * 3600.0)
    for _ in range(30):
        wait_s(plant, 60.0)
        discharge(plant, 0.0)
        wait_s(plant, 600.0)
        if plant.module_v >= 50.0:
            break
        charge(plant, 12.0, 58.0)
    first_v = plant.module_v
    charge(plant, 12.0, 58.0)
    wait_s(plant, 600.0)
    discharge(plant, 0.0)
    wait_s(plant, 600.0)
    assert 50.0 <= first_v <= 50.4
    assert 50.4 <= plant.module_v <= 50.8


def test_a_capacity_of_nothing_is_refused(tmp_path: Path) -> None:
    """Broken: a defect file ends in a division by zero."""
    path = tmp_path / "nothing.toml"
    path.write_text(
        'id = "N"\ntitle = "n"\n[[change]]\n'
        'target = "module.cells.usable_capacity_ah"\nset = 0.0\n',
        encoding="utf-8",
    )
    with pytest.raises(BenchFileError, match="above zero"):
        make_plant(parameters=load_parameters([path]))


def test_peers_wait_near_their_voltage() -> None:
    """Broken: the reference modules are not near 52.3 V."""
    plant = make_plant()
    assert plant.peer1_v == 0.0
    assert plant.modules["peer1"].pack_v == pytest.approx(52.3, abs=0.1)
    assert plant.modules["peer2"].pack_v == pytest.approx(52.3, abs=0.1)


def test_energy_adds_up() -> None:
    """Broken: supply, load, cells and losses do not balance to a millionth."""
    plant = make_plant(RUNNING)
    close_fixture(plant)
    charge(plant, 43.0, 54.5)
    wait_s(plant, 3600.0)
    discharge(plant, 80.0)
    wait_s(plant, 2400.0)
    discharge(plant, 0.0)
    wait_s(plant, 600.0)
    books = plant.ledger()
    moved_wh = books["supply_wh"] + books["load_wh"]
    assert moved_wh > 3000.0
    assert abs(books["error_wh"]) < 1e-6 * moved_wh


def test_energy_adds_up_between_modules() -> None:
    """Broken: the links' losses are missing from the balance."""
    plant = make_plant(BenchState(module="running", soc_pct=20.0))
    bms_of(plant, "peer1").command = "close"
    plant.change(lambda: plant.fixture.button.__setitem__("peer1", True))
    plant.change(lambda: setattr(plant.fixture, "peer1_contactor", True))
    wait_s(plant, 600.0)
    books = plant.ledger()
    assert plant.current_a > 0.5
    assert plant.modules["peer1"].current_a == pytest.approx(-plant.current_a)
    assert books["link_heat_wh"] > 0.0
    moved_wh = plant.modules["module"].terminal_j / 3600.0
    assert moved_wh > 10.0
    # Currents are held over a step while both batteries drift against each other.
    assert abs(books["error_wh"]) < 1e-5 * moved_wh


def test_reads_do_not_disturb() -> None:
    """Broken: looking more often changes the physics."""

    def final(reads_per_s: int) -> tuple[float, float, float]:
        plant = make_plant(RUNNING)
        close_fixture(plant)
        charge(plant, 43.0, 58.0)
        for _ in range(100 * reads_per_s):
            wait_s(plant, 1.0 / reads_per_s)
            assert plant.module_v > 50.0
            assert plant.bench_v > plant.peer1_v
            assert plant.modules["module"].cell_v
            plant.ledger()
        return plant.module_v, plant.modules["module"].soc_pct, plant.case_c

    assert final(1) == final(20)


def test_a_change_integrates_with_the_old_current() -> None:
    """Broken: charge counted with the current that flowed after the change."""
    plant = make_plant(RUNNING)
    close_fixture(plant)
    before_pct = plant.modules["module"].soc_pct
    charge(plant, 86.0, 58.0)
    wait_s(plant, 10.4)
    discharge(plant, 0.0)
    moved_ah = (plant.modules["module"].soc_pct - before_pct) * 0.939
    assert moved_ah == pytest.approx(86.0 * 10.4 / 3600.0, rel=0.005)


def test_supply_rises_when_the_module_opens() -> None:
    """Broken: a CC source keeps its voltage when the contactor opens under it."""
    plant = make_plant(RUNNING)
    close_fixture(plant)
    charge(plant, 43.0, 58.5)
    wait_s(plant, 5.0)
    bms_of(plant).command = "open"
    wait_s(plant, 1.1)
    assert (plant.current_a, plant.supply.regulation) == (0.0, "cv")
    assert plant.bench_v == pytest.approx(58.5)


def test_bench_side_dies_within_a_second() -> None:
    """Broken: the bleeder does not bring the bench side below 1 V."""
    plant = make_plant(RUNNING)
    close_fixture(plant)
    charge(plant, 10.0, 58.5)
    wait_s(plant, 1.0)

    def drop() -> None:
        plant.supply.output_on = False
        plant.fixture.contactor_drive = False

    plant.change(drop)
    wait_s(plant, 0.15)
    assert 5.0 < plant.bench_v < 55.0
    wait_s(plant, 1.0)
    assert plant.bench_v < 1.0
    assert plant.module_v > 50.0


def test_listeners_may_switch_off() -> None:
    """Broken: a protection that acts in on_step is not solved at once."""
    plant = make_plant(RUNNING)
    close_fixture(plant)

    def over_current() -> None:
        if plant.supply.meas_a > 50.0 and plant.supply.output_on:
            plant.change(lambda: setattr(plant.supply, "output_on", False))

    plant.on_step.append(over_current)
    charge(plant, 60.0, 58.0)
    assert abs(plant.current_a) < 0.1


def test_a_current_edge_wakes_the_bms() -> None:
    """Broken: the BMS sees a new current only at its next wake."""
    plant = make_plant(RUNNING)
    close_fixture(plant)
    wait_s(plant, 0.35)
    charge(plant, 43.0, 58.0)
    now_us = plant.world.now_us()
    wait_s(plant, 0.001)
    last = bms_of(plant).seen[-1]
    assert last.now_us == now_us
    assert last.current_a == pytest.approx(42.95, abs=0.02)


def test_frames_and_bytes_reach_their_listeners() -> None:
    """Broken: CAN frames or service bytes get lost between module and bench."""
    plant = make_plant(RUNNING)
    frames: list[tuple[str, int, int, bytes]] = []
    replies: list[tuple[str, int, bytes]] = []
    plant.on_can_frame.append(lambda *frame: frames.append(frame))
    plant.on_serial.append(lambda *reply: replies.append(reply))
    wait_s(plant, 2.5)
    plant.modules["module"].receive_serial(b"\x85\xf9")
    plant.modules["peer1"].receive_serial(b"lost")
    wait_s(plant, 0.01)
    assert [frame[:3] for frame in frames[:2]] == [
        ("module", SECOND_US, 0x359),
        ("module", 2 * SECOND_US, 0x359),
    ]
    assert replies == [("module", 2_500_000, b"\x85\xf9")]


def test_chain_messages_reach_the_neighbour() -> None:
    """Broken: the RS485 chain does not carry messages down."""
    plant = make_plant(RUNNING)
    plant.change(lambda: plant.fixture.button.__setitem__("peer1", True))
    plant.change(lambda: setattr(plant.fixture, "rs485_chain", True))
    plant.change(lambda: setattr(plant.fixture, "rs485_head", True))
    wait_s(plant, 1.1)
    bms_of(plant).rs485_b = (b"call",)
    wait_s(plant, 1.0)
    heard = [seen.rs485_a for seen in bms_of(plant, "peer1").seen if seen.rs485_a]
    assert heard == [(b"call",)]
    assert bms_of(plant, "peer1").seen[-1].dip == 2


def test_an_idle_bench_costs_almost_nothing() -> None:
    """Broken: peers at rest are integrated on a fine grid."""
    plant = make_plant()
    steps: list[int] = []
    plant.on_step.append(lambda: steps.append(plant.world.now_us()))
    wait_s(plant, 6 * 3600.0)
    assert len(steps) < 6 * 3600 / 25
    assert len(bms_of(plant, "peer1").seen) == 1


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_drawn_modules_are_healthy(seed: int) -> None:
    """Broken: the population has modules that no plan can pass."""
    plant = make_plant(parameters=load_parameters(seed=seed))
    module = plant.modules["module"]
    assert 21.0 <= plant.case_c <= 29.0
    assert max(module.cell_v) - min(module.cell_v) < 0.05
    assert 20.0 <= module.soc_pct <= 65.0
