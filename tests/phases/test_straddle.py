"""Both sides of each graded limit: half the tolerance off passes, 1.2 times fails.

A moved threshold moves its register too: within the tolerance the whole behaviour
passes, register included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from phases.results import FAIL
from tests.phases import rig
from tests.phases.failure_table import Failure, load_healthy

HEALTHY = load_healthy()
BMS = "module.bms"
INSIDE, OUTSIDE = 0.5, 1.2

# Behaviour, target, nominal and tolerance, the measurement that judges it.
LEVELS = [
    ("over_voltage", f"{BMS}.over_voltage.pack_trip_v", 58.9, 0.2, "trip_v"),
    ("under_voltage", f"{BMS}.under_voltage.pack_trip_v", 46.0, 0.2, "trip_v"),
    (
        "over_current_charge",
        f"{BMS}.over_current.charge_trip_a",
        118.0,
        6.0,
        "trip_a",
    ),
    (
        "over_current_discharge",
        f"{BMS}.over_current.discharge_trip_a",
        118.0,
        6.0,
        "trip_a",
    ),
    ("forced_charge", f"{BMS}.forced_charge.window_s", 90.0, 5.0, "window_s"),
]
CUT_OFFS = {
    "charge_hot": 55.0,
    "charge_cold": -10.0,
    "discharge_hot": 65.0,
    "discharge_cold": -20.0,
}
DELAYS = [
    ("over_voltage", ("over_voltage.pack_delay_s",), 2.0, ("over_voltage",)),
    ("under_voltage", ("under_voltage.pack_delay_s",), 3.0, ("under_voltage",)),
    (
        "over_current_charge",
        ("over_current.charge_delay_s",),
        3.0,
        ("over_current_charge",),
    ),
    (
        "over_current_discharge",
        ("over_current.discharge_delay_s",),
        3.0,
        ("over_current_discharge",),
    ),
    (
        "temperature",
        tuple(f"temperature.{name}_delay_s" for name in CUT_OFFS),
        10.0,
        tuple(f"temperature_{name}" for name in CUT_OFFS),
    ),
]


def failed(behaviour: str, change: Sequence[dict[str, Any]]) -> set[str]:
    """Run a behaviour with a change; name what failed."""
    entry = Failure("straddle", (behaviour,), frozenset(), tuple(change))
    found = rig.run_failure(entry, HEALTHY)
    return {name for name, m in found.items() if m.outcome == FAIL}


@pytest.mark.parametrize("sign", [-1.0, 1.0], ids=["low", "high"])
@pytest.mark.parametrize(
    ("behaviour", "target", "nominal", "tolerance", "key"),
    LEVELS,
    ids=[row[0] for row in LEVELS],
)
def test_level_passes_inside_and_fails_outside(
    behaviour: str, target: str, nominal: float, tolerance: float, key: str, sign: float
) -> None:
    """A threshold within its tolerance is refused, or one beyond it accepted."""
    near = {"target": target, "set": nominal + sign * INSIDE * tolerance}
    far = {"target": target, "set": nominal + sign * OUTSIDE * tolerance}
    assert failed(behaviour, [near]) == set()
    assert f"{behaviour}_{key}" in failed(behaviour, [far])


@pytest.mark.parametrize("sign", [-1.0, 1.0], ids=["low", "high"])
def test_cut_offs_pass_inside_and_fail_outside(sign: float) -> None:
    """A cut-off within 2 °C is refused, or one beyond it accepted."""

    def moved(share: float) -> list[dict[str, Any]]:
        return [
            {"target": f"{BMS}.temperature.{k}_trip_c", "set": c + sign * share * 2.0}
            for k, c in CUT_OFFS.items()
        ]

    assert failed("temperature", moved(INSIDE)) == set()
    far = failed("temperature", moved(OUTSIDE))
    assert {f"temperature_{name}_trip_c" for name in CUT_OFFS} <= far


@pytest.mark.parametrize(
    ("behaviour", "targets", "limit_s", "prefixes"),
    DELAYS,
    ids=[row[0] for row in DELAYS],
)
def test_delay_passes_inside_and_fails_outside(
    behaviour: str, targets: Sequence[str], limit_s: float, prefixes: Sequence[str]
) -> None:
    """A delay within its limit is refused, or one beyond it accepted."""

    def set_to(delay_s: float) -> list[dict[str, Any]]:
        return [{"target": f"{BMS}.{target}", "set": delay_s} for target in targets]

    assert failed(behaviour, set_to(0.8 * limit_s)) == set()
    late = failed(behaviour, set_to(OUTSIDE * limit_s))
    assert {f"{prefix}_delay_s" for prefix in prefixes} <= late


@pytest.mark.parametrize(
    ("behaviour", "targets", "limit_s", "prefixes"),
    DELAYS,
    ids=[row[0] for row in DELAYS],
)
def test_delay_far_beyond_a_step_is_not_taken_for_the_next_step(
    behaviour: str, targets: Sequence[str], limit_s: float, prefixes: Sequence[str]
) -> None:
    """A trip twice too late is counted from a later step and passes as a quick one."""
    change = [{"target": f"{BMS}.{t}", "set": 2.0 * limit_s} for t in targets]
    late = failed(behaviour, change)
    for prefix in prefixes:
        assert any(name.startswith(prefix) for name in late), prefix


@pytest.mark.parametrize("delay_s", [3.0, 5.0, 8.0, 12.0, 20.0])
@pytest.mark.parametrize("behaviour", ["over_voltage", "under_voltage"])
def test_late_voltage_trip_never_passes(behaviour: str, delay_s: float) -> None:
    """A late trip falls into a back-off or a later step, and looks quick there."""
    allowed_s = next(limit_s for name, _, limit_s, _ in DELAYS if name == behaviour)
    late_s = max(delay_s, OUTSIDE * allowed_s)
    change = {"target": f"{BMS}.{behaviour}.pack_delay_s", "set": late_s}
    assert any(name.startswith(behaviour) for name in failed(behaviour, [change]))


def test_delay_that_is_measured_is_the_delay_of_the_module() -> None:
    """The delay is counted from another instant than the threshold's crossing."""
    for behaviour in ("over_voltage", "under_voltage"):
        for delay_s in (0.8, 1.6):
            change = {"target": f"{BMS}.{behaviour}.pack_delay_s", "set": delay_s}
            entry = Failure("straddle", (behaviour,), frozenset(), (change,))
            found = rig.run_failure(entry, HEALTHY)[f"{behaviour}_delay_s"]
            assert found.value_low is not None
            assert found.value_high is not None
            assert found.value_low - 0.3 <= delay_s <= found.value_high + 0.3
