"""Temperature: channels, derating tables and four cut-offs, by substituted sensors.

The emulated temperature is witnessed by the scanning meter, which measures the
resistance on the sensor's wires. The module's true temperature does not change.
Requirements: TC-01 to TC-11, TD-01 to TD-06, EL-06, AL-02, AL-03, LD-11, LD-12, LD-15.
"""

from __future__ import annotations

from collections.abc import Sequence

from instruments.bench import Bench
from phases.cut_off import run_cut_offs
from phases.facts import RunFacts
from phases.judge import Judge
from phases.ntc import measure_c, ohm_of, substitute
from phases.operate import (
    CAN_AGE_S,
    FAULT,
    ensure_running,
    is_running,
    page_of,
    read_bar,
    says_fault,
)
from phases.plan import Plan, TemperaturePlan

_CHANNEL_C = 35.0
_FAULT_PAGE = "1-2-3-4-5"
_FAULT_S = 14.0
_RESOLUTION_C = 0.5
_LIMIT_STEP_A = 0.05


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Check every channel, walk both tables both ways, then the four cut-offs."""
    test = plan.temperature
    ensure_running(bench)
    substitute(bench, test.normal_c)
    bench.hold(test.settle_s, 500_000)
    said = [
        _check_channel(bench, judge, test, channel)
        for channel in range(1, bench.parts.ntc_emulator.channels + 1)
    ]
    judge.expect(
        "fault_flag",
        all(said),
        witness="self_reported",
        note=f"{FAULT} on CAN while a channel was open or short",
    )
    _walk_tables(bench, judge, test)
    run_cut_offs(bench, judge, plan, facts)
    ensure_running(bench)
    _check_real_sensors(bench, judge, test)


def _check_channel(
    bench: Bench, judge: Judge, test: TemperaturePlan, channel: int
) -> bool:
    """Judge a channel at 35 °C, then open and short; return whether CAN said both."""
    said = True
    emulator = bench.parts.ntc_emulator
    emulator.set_ohm(channel, ohm_of(bench, _CHANNEL_C))
    bench.hold(test.settle_s, 500_000)
    said_c = bench.parts.service.read("temperature_max_c")
    judge.value(
        f"ntc{channel}_c",
        said_c - measure_c(bench, channel),
        uncertainty=_RESOLUTION_C + bench.config.ntc_emulator.uncertainty_c,
        witness="scanning meter on the sensor's wires",
        note="highest of all channels",
    )
    for name, fault in (("open", emulator.set_open), ("short", emulator.set_short)):
        fault(channel)
        judge.expect(
            f"{name}_ntc{channel}",
            _is_fault(bench),
            witness="LED reader",
            note="fault page and both current limits 0",
        )
        said = says_fault(bench) and said
        emulator.set_ohm(channel, ohm_of(bench, test.normal_c))
        bench.hold(test.settle_s, 500_000)
        if not is_running(bench):
            ensure_running(bench)
    return said


def _is_fault(bench: Bench) -> bool:
    """Wait for the BMS fault page and for both current limits at zero."""
    page_seen = False
    end_s = bench.now_s() + _FAULT_S
    while bench.now_s() < end_s:
        page_seen = page_seen or page_of(read_bar(bench)) == _FAULT_PAGE
        if page_seen and max(_limits_a(bench)) <= _LIMIT_STEP_A:
            return True
        bench.hold(0.5, 500_000)
    return False


def _limits_a(bench: Bench) -> tuple[float, float]:
    """Read the charge and the discharge current limit on CAN [A]."""
    state = bench.parts.can.state
    return (
        state.read_number("charge_current_limit_a", CAN_AGE_S),
        state.read_number("discharge_current_limit_a", CAN_AGE_S),
    )


def _walk_tables(bench: Bench, judge: Judge, test: TemperaturePlan) -> None:
    """Judge each row of both tables in its middle, rising and falling."""
    points = sorted(
        [(c, "charge", row) for row, c in enumerate(test.charge_rows_c, 1)]
        + [(c, "discharge", row) for row, c in enumerate(test.discharge_rows_c, 1)]
    )
    _walk(bench, judge, test, points, "up")
    _walk(bench, judge, test, points[::-1], "down")


def _walk(
    bench: Bench,
    judge: Judge,
    test: TemperaturePlan,
    points: Sequence[tuple[float, str, int]],
    way: str,
) -> None:
    standing_c: float | None = None
    for temperature_c, direction, row in points:
        if temperature_c != standing_c:
            substitute(bench, temperature_c)
            bench.hold(test.settle_s, 500_000)
            standing_c = temperature_c
        limit_a = _limits_a(bench)[0 if direction == "charge" else 1]
        judge.value(
            f"{direction}_row{row}_{way}_a",
            limit_a,
            uncertainty=_LIMIT_STEP_A,
            witness="scanning meter on the sensor's wires",
            note=f"said at {measure_c(bench, 1):.1f} °C emulated",
        )
    substitute(bench, test.normal_c)
    bench.hold(test.settle_s, 500_000)


def _check_real_sensors(bench: Bench, judge: Judge, test: TemperaturePlan) -> None:
    """Connect the real sensors and compare them with the case probe."""
    for channel in range(1, bench.parts.ntc_emulator.channels + 1):
        bench.parts.ntc_emulator.set_real(channel)
    bench.hold(2.0 * test.settle_s, 500_000)
    case_c = bench.parts.scan_meter.measure(("case_c",))["case_c"]
    service = bench.parts.service
    said_c = (
        service.read("temperature_max_c") - case_c,
        service.read("temperature_min_c") - case_c,
    )
    judge.between(
        "real_sensors_c",
        min(said_c),
        max(said_c),
        uncertainty=bench.config.scan_meter.temperature_uncertainty_c,
        witness="case probe",
    )
