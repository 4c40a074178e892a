"""The simulated cells against an independent solver and their own invariants."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.sim.cell import CELLS, CellParameters, CellString
from instruments.sim.ocv import OcvTable, load_ocv
from instruments.sim.parameter_files import FOLDER
from instruments.sim.thermal import HeatBalance, ThermalParameters

GOLDEN = Path(__file__).parent / "golden" / "golden_trace.csv"
OCV = load_ocv(FOLDER / "ocv_lfp.csv")
NOMINAL = CellParameters(
    capacity_ah=[94.0] * CELLS,
    resistance_scale=[1.0] * CELLS,
    r0_ohm=0.45e-3,
    r1_ohm=0.25e-3,
    tau1_s=20.0,
    r2_ohm=0.30e-3,
    tau2_s=600.0,
    hysteresis_v=0.008,
    hysteresis_soc=0.015,
    top_current_a=1.0,
    top_tau_s=60.0,
    leak_a=0.0012,
    bleed_ohm=33.0,
)
WARM = ThermalParameters(1950.0, 2.0, 0.35, 18000.0, 0.9, 5.0)
INERT = replace(WARM, heat_capacity_j_per_k=1e12)


def make_cells(
    soc: float,
    parameters: CellParameters = NOMINAL,
    thermal: ThermalParameters = WARM,
    cell_c: float = 25.0,
) -> CellString:
    """Make a string at one state of charge [0..1], at rest."""
    heat = HeatBalance(thermal, parameters.r0_ohm, [cell_c] * CELLS, 25.0)
    return CellString(parameters, OCV, heat, [soc] * CELLS)


@pytest.mark.parametrize("dt_s", [0.1, 1.0, 15.0])
def test_agrees_with_an_independent_solver(dt_s: float) -> None:
    """Broken: charge, RC elements or table interpolation differ from PyBaMM's."""
    plain = replace(NOMINAL, hysteresis_v=0.0, leak_a=0.0)
    cells = make_cells(0.80, plain, INERT)
    with GOLDEN.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    steps = round(15.0 / dt_s)
    worst_v = 0.0
    for row in rows:
        current_a = float(row["current_a"])
        for _ in range(steps):
            cells.advance(dt_s, current_a)
        voltage_v = cells.cell_voltages(current_a)[0]
        worst_v = max(worst_v, abs(voltage_v - float(row["voltage_v"])))
    assert len(rows) == 360
    assert worst_v < 0.001


def test_grid_hardly_matters() -> None:
    """Broken: the adaptive grid changes what a constant current does."""
    fine, coarse = make_cells(0.5), make_cells(0.5)
    for _ in range(6000):
        fine.advance(0.1, -43.0)
    for _ in range(60):
        coarse.advance(10.0, -43.0)
    assert coarse.emf_sum_v == pytest.approx(fine.emf_sum_v, abs=0.001)


@given(st.lists(st.floats(-110.0, 110.0), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_hysteresis_is_bounded(currents: list[float]) -> None:
    """Broken: the hysteresis state leaves its two branches."""
    cells = make_cells(0.5)
    for current_a in currents:
        cells.advance(10.0, current_a)
        assert abs(cells.hysteresis_v) <= NOMINAL.hysteresis_v


def test_hysteresis_loop_loses_energy() -> None:
    """Broken: a closed charge and discharge loop gives energy away."""
    cells = make_cells(0.5, replace(NOMINAL, leak_a=0.0))
    terminal_j = moved_j = 0.0
    for current_a in (20.0, -20.0) * 3:
        for _ in range(3600):
            step_j = cells.advance(1.0, current_a) * current_a
            terminal_j += step_j
            moved_j += abs(step_j)
    assert cells.soc[0] == pytest.approx(0.5, abs=1e-9)
    assert terminal_j > 0.0
    assert cells.loss_j == pytest.approx(terminal_j, abs=1e-6 * moved_j)


def test_energy_of_a_full_discharge_adds_up() -> None:
    """Broken: stored energy, losses and terminal energy do not agree."""
    cells = make_cells(0.99)
    before_j = cells.stored_j()
    terminal_j = 0.0
    for _ in range(7200):
        terminal_j += cells.advance(1.0, -43.0) * -43.0
    parts_j = cells.stored_j() - before_j + cells.loss_j + cells.drain_j
    assert parts_j == pytest.approx(terminal_j, rel=2e-6)


def test_cold_cells_resist_more() -> None:
    """Broken: the Arrhenius factor has the wrong sign or scale."""
    ratio = make_cells(0.5, cell_c=5.0).resistance_ohm / make_cells(0.5).resistance_ohm
    assert ratio == pytest.approx(1.69, abs=0.02)


def test_discharge_warms_as_the_reference_says() -> None:
    """Broken: heat balance; model.md 2.2 ends an 86 A discharge near 37 °C."""
    cells = make_cells(0.99)
    for _ in range(3600):
        cells.advance(1.0, -86.0)
    assert 33.0 < cells.heat.cell_c[8] < 41.0


def test_bleeding_discharges_one_cell() -> None:
    """Broken: the balancing resistor drains the wrong cell, or none."""
    cells = make_cells(0.9)
    cells.set_drain([i == 6 for i in range(CELLS)], 0.0)
    cells.advance(36_000.0, 0.0)
    drained_ah = (cells.soc[0] - cells.soc[6]) * 94.0
    assert drained_ah == pytest.approx(10.0 * 3.32 / 33.0, rel=0.01)


@pytest.mark.parametrize("soc", [-0.05, 1.08])
def test_table_ends_extend(soc: float) -> None:
    """Broken: a cell beyond the table wraps round or raises."""
    cells = make_cells(soc)
    cells.advance(1.0, 0.0)
    edge = OCV.ocv_v(-0.02) if soc < 0 else OCV.ocv_v(1.04)
    assert (cells.emf_v[0] < edge) == (soc < 0)


def test_stored_energy_is_the_integral_of_the_table() -> None:
    """Broken: the energy table and the voltage table differ."""
    table: OcvTable = OCV
    middle = 0.5 * (table.ocv_v(0.333) + table.ocv_v(0.334)) * 0.001
    assert table.stored_v(0.334) - table.stored_v(0.333) == pytest.approx(middle)
