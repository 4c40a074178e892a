"""Make golden_trace.csv: the cell's equations in an independent solver.

Run once, in an environment of its own (PyBaMM is no dependency of the station)::

    PYBAMM_DISABLE_TELEMETRY=true python make_golden_trace.py

PyBaMM's Thevenin model with two RC elements and its adaptive solver gets the
open-circuit table and resistances of the simulated cell. It knows no hysteresis and
no top-of-charge term, and heat is switched off: the test does the same.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pybamm

HERE = Path(__file__).parent
TABLE = HERE.parents[3] / "instruments" / "sim" / "parameters" / "ocv_lfp.csv"
CAPACITY_AH = 94.0
START_SOC = 0.80
R0_OHM, R1_OHM, R2_OHM = 0.45e-3, 0.25e-3, 0.30e-3
TAU1_S, TAU2_S = 20.0, 600.0
SAMPLE_S = 15
# Duration [s] and current [A, + into the cell]: 5,400 s of what a test does.
PROFILE = (
    (300, 0.0),
    (900, -86.0),
    (300, 0.0),
    (600, 43.0),
    (60, -110.0),
    (540, 0.0),
    (1500, -43.0),
    (300, 10.0),
    (900, 0.0),
)
ELEMENTS = ("Element-1", "Element-2")


def load_table() -> tuple[np.ndarray, np.ndarray]:
    """Load state of charge [0..1] and open-circuit voltage [V]."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = [
            (float(row["soc_pct"]) / 100.0, float(row["ocv_v"]))
            for row in csv.DictReader(lines)
        ]
    soc, ocv_v = np.array(rows).T
    return soc, ocv_v


def make_parameters() -> pybamm.ParameterValues:
    """Make PyBaMM's parameters out of the simulated cell's."""
    soc, ocv_v = load_table()
    parameters = pybamm.ParameterValues("ECM_Example")
    parameters.update(
        {
            "Cell capacity [A.h]": CAPACITY_AH,
            "Nominal cell capacity [A.h]": CAPACITY_AH,
            "Open-circuit voltage [V]": lambda s: pybamm.Interpolant(soc, ocv_v, s),
            "Entropic change [V/K]": 0.0,
            "R0 [Ohm]": R0_OHM,
            "R1 [Ohm]": R1_OHM,
            "C1 [F]": TAU1_S / R1_OHM,
            "R2 [Ohm]": R2_OHM,
            "C2 [F]": TAU2_S / R2_OHM,
            "Element-2 initial overpotential [V]": 0.0,
            "Upper voltage cut-off [V]": 4.5,
            "Lower voltage cut-off [V]": 1.0,
        },
        check_already_exists=False,
    )
    return parameters


def solve_profile() -> list[tuple[int, float, float]]:
    """Solve piece by piece; each begins with the state the last one ended in."""
    state = {"Initial SoC": START_SOC}
    samples = []
    began_s = 0
    for duration_s, current_a in PROFILE:
        parameters = make_parameters()
        parameters.update(
            {"Current function [A]": -current_a, **state}, check_already_exists=False
        )
        simulation = pybamm.Simulation(
            pybamm.equivalent_circuit.Thevenin(options={"number of rc elements": 2}),
            parameter_values=parameters,
            solver=pybamm.CasadiSolver(mode="fast", rtol=1e-10, atol=1e-10),
        )
        times = np.arange(0, duration_s + SAMPLE_S, SAMPLE_S, dtype=float)
        solution = simulation.solve(times)
        voltages = solution["Voltage [V]"].entries
        for time_s, voltage_v in zip(times[1:], voltages[1:], strict=True):
            samples.append((began_s + int(time_s), current_a, float(voltage_v)))
        state = {"Initial SoC": float(solution["SoC"].entries[-1])}
        for element in ELEMENTS:
            end_v = float(solution[f"{element} overpotential [V]"].entries[-1])
            state[f"{element} initial overpotential [V]"] = end_v
        began_s += duration_s
    return samples


def main() -> None:
    """Write time [s], current [A] and cell voltage [V]."""
    samples = solve_profile()
    with (HERE / "golden_trace.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("t_s", "current_a", "voltage_v"))
        writer.writerows((t, i, f"{v:.7f}") for t, i, v in samples)


if __name__ == "__main__":
    main()
