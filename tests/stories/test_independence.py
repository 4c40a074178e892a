"""A script that knows nothing of the station comes to the same figures.

It reads the two files of a run. Every figure that it finds is compared with the record,
within what both state about their uncertainty.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.stories.command_line import PROJECT
from tests.stories.conftest import WholeRun

# One process makes the expensive fixture, once (pytest-xdist, --dist=loadgroup).
pytestmark = pytest.mark.xdist_group("whole_run")

PLAN = PROJECT / "phases" / "plan.toml"
SCRIPT = Path(__file__).with_name("independent_evaluation.py")

TRIPS = (
    "over_current_charge_trip_a",
    "over_current_discharge_trip_a",
    "temperature_charge_hot_trip_c",
    "temperature_charge_cold_trip_c",
    "temperature_discharge_hot_trip_c",
    "temperature_discharge_cold_trip_c",
    "over_voltage_trip_v",
    "under_voltage_trip_v",
)
PROTECTIONS = tuple(name.rpartition("_trip_")[0] for name in TRIPS)
BRACKETS = (
    *TRIPS,
    *(f"{name}_delay_s" for name in PROTECTIONS),
    *(f"{name}_flag_delay_s" for name in PROTECTIONS),
    "forced_charge_window_s",
)
VALUES = ("capacity_ah", "capacity_energy_wh", "efficiency_pct", "shipping_soc_pct")


@pytest.fixture(scope="module")
def evaluation(whole_run: WholeRun) -> Mapping[str, list[float]]:
    """Let the script evaluate the healthy run, in a process without the project."""
    command = [sys.executable, "-I", str(SCRIPT)]
    command += [str(whole_run.vi_path), str(whole_run.can_path)]
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))["capacity"]
    command += [str(plan["reference_c"]), str(plan["ah_per_k"])]
    done = subprocess.run(  # noqa: S603  our own script
        command, cwd="/", capture_output=True, text=True, check=True
    )
    found: Mapping[str, list[float]] = json.loads(done.stdout)
    return found


def test_the_script_imports_nothing_of_the_station() -> None:
    """The script shares code with what it checks."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", BRACKETS)
def test_brackets_overlap_and_agree(
    whole_run: WholeRun, evaluation: Mapping[str, list[float]], name: str
) -> None:
    """Trace and measurement tell different stories of the same trip."""
    measured = whole_run.finished.measurement(name)
    low, high = evaluation[name]
    assert low <= measured["value_high"]
    assert high >= measured["value_low"]
    reach = half_width(measured) + (high - low) / 2.0
    middle = (measured["value_low"] + measured["value_high"]) / 2.0
    assert (low + high) / 2.0 == pytest.approx(middle, abs=reach)


def half_width(measured: Mapping[str, Any]) -> float:
    """Compute half the width of a measurement's interval."""
    return float(measured["value_high"] - measured["value_low"]) / 2.0


@pytest.mark.parametrize("name", VALUES)
def test_values_agree_within_the_stated_uncertainty(
    whole_run: WholeRun, evaluation: Mapping[str, list[float]], name: str
) -> None:
    """A counter counts otherwise than its own trace, or states too little doubt."""
    measured = whole_run.finished.measurement(name)
    assert evaluation[name][0] == pytest.approx(
        measured["value"], abs=measured["uncertainty"]
    )


def test_nothing_else_opened(evaluation: Mapping[str, list[float]]) -> None:
    """The trace shows a trip that the record does not know."""
    found = {name for name in evaluation if name.endswith("_delay_s")}
    expected = {name for name in BRACKETS if name.endswith("_delay_s")}
    assert found == expected
