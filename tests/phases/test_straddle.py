"""Both sides of each graded limit: half the tolerance off passes, 1.2 times fails.

A moved threshold moves its register too: within the tolerance the whole behaviour
passes, register included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from phases.behaviours import BEHAVIOURS
from phases.results import FAIL
from phases.step import run_step
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


def failed(
    behaviour: str,
    change: Sequence[dict[str, Any]],
    state: Mapping[str, Any] | None = None,
) -> set[str]:
    """Run a behaviour with a change; name what failed."""
    entry = Failure(
        "straddle", (behaviour,), frozenset(), tuple(change), state=state or {}
    )
    found = rig.run_failure(entry, HEALTHY)
    return {name for name, m in found.items() if m.outcome == FAIL}


@dataclass(slots=True)
class Seen:
    """What became of the module itself, at each instant of its simulated life."""

    lowest_v: float = 9.0
    highest_v: float = 0.0
    opened_a: float = 0.0
    failed: set[str] = field(default_factory=set)


def watched(
    behaviour: str,
    change: Sequence[dict[str, Any]],
    fault: Sequence[dict[str, Any]],
    state: Mapping[str, Any],
) -> Seen:
    """Run a behaviour, and watch cells and opening behind the instruments' backs."""
    entry = Failure("watched", (behaviour,), frozenset(), tuple(change), tuple(fault))
    if behaviour == "over_voltage":
        state = {}
    seen = Seen()
    with rig.opened({**HEALTHY[behaviour], **state}, entry.defect_text()) as bench:
        plant = bench.world.plant
        module = plant.modules["module"]
        before_a = 0.0

        def look() -> None:
            nonlocal before_a
            cells = module.cell_v
            seen.lowest_v = min(seen.lowest_v, *cells)
            seen.highest_v = max(seen.highest_v, *cells)
            if not module.contactor.closed and before_a:
                seen.opened_a = abs(before_a)
            before_a = module.current_a

        plant.on_step.append(look)
        run = rig.new_state(bench)
        result = run_step(run, BEHAVIOURS[behaviour])
    seen.failed = {m.name for m in result.measurements if m.outcome == FAIL}
    return seen


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


def ahead(offset_pct: float) -> dict[str, Any]:
    """Charge one cell more or less than the others [%]."""
    return {"target": "module.cells.soc_offset_pct.c01", "set": offset_pct}


@pytest.mark.parametrize(
    ("behaviour", "offset_pct", "delay_s"),
    [
        ("over_voltage", 1.0, 5.0),
        ("over_voltage", 1.0, 9.0),
        ("over_voltage", 1.0, 14.0),
        ("over_voltage", 0.5, 9.0),
        ("over_voltage", 1.5, 9.0),
        ("under_voltage", -1.4, 5.0),
        ("under_voltage", -1.4, 9.0),
        ("under_voltage", -1.4, 14.0),
    ],
)
def test_late_trip_of_a_leading_cell_never_passes(
    behaviour: str, offset_pct: float, delay_s: float
) -> None:
    """A cell that creeps over its threshold late in a step passes as a quick trip."""
    late = {"target": f"{BMS}.{behaviour}.cell_delay_s", "set": delay_s}
    found = failed(behaviour, [ahead(offset_pct), late])
    assert found & {f"{behaviour}_delay_s", f"{behaviour}_cell_trip_v"}


@pytest.mark.parametrize("offset_pct", [0.5, 1.0, 1.5])
def test_module_with_a_leading_cell_passes(offset_pct: float) -> None:
    """A healthy module whose cell rule acts first is refused."""
    assert failed("over_voltage", [ahead(offset_pct)]) == set()


@pytest.mark.parametrize(
    ("offset_pct", "fails"),
    [
        (-0.5, set()),
        (-1.4, set()),
        (-2.0, set()),
        # Its pack is not empty: it rests above the release level, and that is a limit.
        (-3.0, {"under_voltage_rested_v"}),
    ],
)
def test_module_with_a_lagging_cell_is_judged_by_its_cell(
    offset_pct: float, fails: set[str]
) -> None:
    """The cell rule acts above the first level of the pack, and a module is refused."""
    state = {"soc_pct": -4.0 - offset_pct}
    assert failed("under_voltage", [ahead(offset_pct)], state=state) == fails


@pytest.mark.parametrize("cell_v", [3.712, 3.735, 3.765, 3.786])
def test_cell_threshold_passes_inside_and_fails_outside(cell_v: float) -> None:
    """A cell's threshold beyond its tolerance is accepted, or one within it refused."""
    moved = {"target": f"{BMS}.over_voltage.cell_trip_v", "set": cell_v}
    found = failed("over_voltage", [ahead(1.0), moved])
    if 3.72 < cell_v < 3.78:
        assert found == set()
    else:
        assert found & {"over_voltage_cell_trip_v", "over_voltage_trip_v"}


@pytest.mark.parametrize(
    ("behaviour", "offset_pct", "change", "fault"),
    [
        ("over_voltage", 1.0, None, "no_cell_trip"),
        ("over_voltage", 1.5, ("cell_trip_v", 3.9), None),
        ("under_voltage", -1.4, ("cell_trip_v", 1.5), None),
        ("under_voltage", -3.0, ("cell_trip_v", 1.5), None),
        ("under_voltage", 0.0, None, "no_trip"),
    ],
)
def test_cells_are_spared_where_no_trip_comes(
    behaviour: str,
    offset_pct: float,
    change: tuple[str, float] | None,
    fault: str | None,
) -> None:
    """A cell without protection is driven past the ceilings of the test plan."""
    changes = [ahead(offset_pct)]
    if change is not None:
        changes.append({"target": f"{BMS}.{behaviour}.{change[0]}", "set": change[1]})
    faults = [{"target": f"{BMS}.{behaviour}", "name": fault}] if fault else []
    seen = watched(behaviour, changes, faults, {"soc_pct": -4.0 - min(offset_pct, 0.0)})
    assert seen.failed & {f"{behaviour}_cell_trip_v", f"{behaviour}_trip_v"}
    assert seen.lowest_v >= 2.30
    assert seen.highest_v <= 3.80


def test_under_voltage_opens_at_no_more_than_10_a() -> None:
    """The opening interrupts more current than the test plan allows."""
    for change in ([], [ahead(-1.4)]):
        seen = watched("under_voltage", change, [], {})
        assert seen.failed == set()
        assert 0.5 < seen.opened_a <= 10.1


@pytest.mark.parametrize("behaviour", ["over_voltage", "under_voltage"])
def test_slow_sources_fail_no_healthy_module(behaviour: str) -> None:
    """A source that needs half a second is taken for a module that opens."""
    slow = [
        {"target": "supply.output_on_delay_ms", "set": 500.0},
        {"target": "load.input_on_delay_ms", "set": 500.0},
    ]
    assert failed(behaviour, slow) == set()


def test_cell_rule_quicker_than_its_polling_is_not_blamed_on_the_pack() -> None:
    """A healthy module is refused because no cell was read within the last pulse."""
    ahead = {"target": "module.cells.soc_offset_pct.c01", "set": 0.5}
    quick = {"target": f"{BMS}.over_voltage.cell_delay_s", "set": 0.1}
    entry = Failure(
        "straddle",
        ("over_voltage",),
        frozenset(),
        (ahead, quick),
        raises="before a cell was read",
    )
    found = rig.run_failure(entry, HEALTHY)
    assert "over_voltage_trip_v" not in found
