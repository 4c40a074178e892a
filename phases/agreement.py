"""Agreement: both links against the station's meters, at rest and at 43 A both ways.

Requirements: AL-08, IF-02, IF-07, IF-10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import CAN_AGE_S, ensure_running, said
from phases.plan import Plan

_METER = "terminal meter"
_SHUNT = "shunt meter"
_LOOKS = 4
_CHARGE_V = 56.0


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Compare voltage, cells and temperature at rest, then current both ways."""
    del facts
    ensure_running(bench)
    bench.hold(2.5, 250_000)
    _at_rest(bench, judge)
    test = plan.agreement
    bench.charge(test.current_a, _CHARGE_V)
    charge = _compare_current(bench, judge, "charge", test.settle_s)
    bench.discharge(test.current_a)
    discharge = _compare_current(bench, judge, "discharge", test.settle_s)
    bench.disconnect()
    judge.expect(
        "current_sign",
        min(charge) > 0.0 > max(discharge),
        witness=_SHUNT,
        note="register 15 is negative while charging in the profile; inferred",
    )


def _at_rest(bench: Bench, judge: Judge) -> None:
    state = bench.parts.can.state
    cells = bench.parts.service.read_block("main")
    module_v = bench.sample().module_v
    meter_u = bench.config.module_meter.uncertainty.of(module_v)
    judge.value(
        "voltage_can_v",
        state.read_number("pack_voltage_v", CAN_AGE_S) - module_v,
        uncertainty=meter_u + 0.005,
        witness=_METER,
    )
    judge.value(
        "voltage_service_v",
        cells["pack_voltage_v"] - module_v,
        uncertainty=meter_u + 0.005,
        witness=_METER,
    )
    cell_v = [cells[f"cell_{number:02d}_v"] for number in range(1, 17)]
    total_v = 0.0
    for one_v in cell_v:
        total_v += one_v
    judge.value(
        "voltage_cells_v",
        total_v - module_v,
        uncertainty=meter_u + 0.008,
        witness=_METER,
    )
    judge.value(
        "cell_spread_mv",
        (max(cell_v) - min(cell_v)) * 1000.0,
        uncertainty=1.0,
        witness="cells by their sum against the terminal meter",
    )
    _judge_cells(judge, cells, cell_v)
    scan = bench.parts.scan_meter.measure(("case_c", "ambient_c"))
    u_c = bench.config.scan_meter.temperature_uncertainty_c
    judge.value(
        "temperature_can_c",
        state.read_number("temperature_c", CAN_AGE_S) - scan["case_c"],
        uncertainty=u_c,
        witness="case probe",
    )
    middle_c = (cells["temperature_max_c"] + cells["temperature_min_c"]) / 2.0
    judge.value(
        "temperature_service_c",
        middle_c - scan["case_c"],
        uncertainty=u_c,
        witness="case probe",
    )


def _judge_cells(
    judge: Judge, said: Mapping[str, float], cell_v: Sequence[float]
) -> None:
    """Judge each cell against the middle of all, and the extremes against the cells.

    At rest after a long pause balanced cells stand alike: one that does not is another
    cell, or its sensor is.
    """
    middle_v = median(cell_v)
    judge.between(
        "cell_deviation_mv",
        (min(cell_v) - middle_v) * 1000.0,
        (max(cell_v) - middle_v) * 1000.0,
        uncertainty=1.0,
        witness="cells by their sum against the terminal meter",
    )
    apart_v = (said["cell_max_v"] - max(cell_v), said["cell_min_v"] - min(cell_v))
    judge.between(
        "cell_extremes_mv",
        min(apart_v) * 1000.0,
        max(apart_v) * 1000.0,
        witness="cells in the same answer",
        note="registers 18 and 19 against the highest and the lowest of the cells",
    )


def _compare_current(
    bench: Bench, judge: Judge, direction: str, settle_s: float
) -> tuple[float, float]:
    """Compare both links with the shunt; return what CAN and service said [A]."""
    bench.hold(settle_s)
    can_a, service_a, shunt_a = [], [], []
    for _ in range(_LOOKS):
        bench.hold(1.2)
        sample = bench.sample()
        shunt_a.append(sample.current_a)
        can_a.append(bench.parts.can.state.read_number("pack_current_a", CAN_AGE_S))
        service_a.append(said(bench, "pack_current_a"))
    true_a = _mean(shunt_a)
    uncertainty = bench.config.shunt_meter.uncertainty.of(true_a)
    for link, said_a, step_a in (
        ("can", _mean(can_a), 0.05),
        ("service", _mean(service_a), 0.005),
    ):
        judge.value(
            f"current_{link}_{direction}_a",
            said_a - true_a,
            uncertainty=uncertainty + step_a,
            witness=_SHUNT,
            note=f"at {true_a:.2f} A",
        )
    return _mean(can_a), _mean(service_a)


def _mean(values: list[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values)
