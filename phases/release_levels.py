"""Release levels: how far back a cause must have gone before RUN starts the module.

A press of RUN is the question, and the answer is refusal or start: the released level
lies between the last refusal and the start. The manual gives no level (PT-06).
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.bench import LIVE_V, Bench
from limits.limit import Limit
from phases.judge import UPPER, Judge
from phases.ntc import measure_c, substitute
from phases.operate import SHORT_PRESS_S, press, read_bar, shut_down, start
from phases.plan import Plan
from phases.provoke import is_dead, trip_by_temperature
from phases.qualification_plan import HiddenThresholdsPlan
from phases.staircase import levels

_EMULATED = "scanning meter on the sensor's wires"
_METER = "terminal meter"
_SAID = "self_reported"
_GREEN = ("green",) * 5
_START_S = 8.0
_FORCED_WITHIN_S = 3.0  # forced charge closes in half a second, a start takes five
_LOOK_S = 6.5
_SAID_V = 0.02


@dataclass(frozen=True, slots=True)
class PackSaid:
    """What the service link said at a press: pack [V] and highest cell [V]."""

    pack_v: float
    cell_v: float


def judge_temperature_release(
    bench: Bench, judge: Judge, plan: Plan, name: str
) -> bool:
    """Trip a temperature cut-off, then go back by steps until RUN starts the module.

    Returns whether the cut-off opened the contactor.
    """
    test = plan.hidden_thresholds
    trip_c, first_c, last_c = test.releases_c[name]
    if not trip_by_temperature(bench, plan, name.partition("_")[0], trip_c):
        return False
    uncertainty_c = bench.config.ntc_emulator.uncertainty_c
    refused_c = measure_c(bench, 1)
    for level_c in levels(first_c, last_c, test.release_step_c):
        shut_down(bench)
        substitute(bench, level_c)
        bench.hold(plan.temperature.settle_s, 500_000)
        standing_c = measure_c(bench, 1)
        if start(bench):
            judge.between(
                f"{name}_release_c",
                min(refused_c, standing_c),
                max(refused_c, standing_c),
                uncertainty=uncertainty_c,
                witness=_EMULATED,
                note="between the last refusal and the start",
            )
            break
        refused_c = standing_c
    else:
        record = judge.at_most if first_c > last_c else judge.at_least
        record(
            f"{name}_release_c",
            refused_c,
            uncertainty=uncertainty_c,
            witness=_EMULATED,
            note="RUN refused throughout",
        )
        shut_down(bench)
    substitute(bench, plan.temperature.normal_c)
    bench.hold(plan.temperature.settle_s, 500_000)
    return True


def judge_over_voltage_release(
    bench: Bench, judge: Judge, test: HiddenThresholdsPlan
) -> bool:
    """Press RUN while the pack relaxes, until it starts; return whether it did.

    Pack or highest cell, whichever is released last, is judged on both sides, the other
    one from above only, as the trips are (decision 0003).
    """
    refused = _said(bench)
    end_s = bench.now_s() + test.release_timeout_s
    while bench.now_s() < end_s:
        shut_down(bench)
        press(bench, SHORT_PRESS_S)
        found = _said(bench)
        if read_bar(bench).leds == _GREEN:
            live = bench.wait_until(lambda s: s.module_v > LIVE_V, _START_S, 500_000)
            judge_pack_release(judge, refused, found)
            return live is not None
        refused = found
    judge.at_most(
        "over_voltage_release_v", refused.pack_v, uncertainty=_SAID_V, witness=_SAID
    )
    return False


def judge_pack_release(judge: Judge, refused: PackSaid, released: PackSaid) -> None:
    """Judge pack and highest cell by what was said at a refusal and at the start."""
    pack, cell = "over_voltage_release_v", "over_voltage_cell_release_v"
    pack_acted = _contains(
        judge.limit(pack), released.pack_v, refused.pack_v
    ) or not _contains(judge.limit(cell), released.cell_v, refused.cell_v)
    for key, low_v, high_v, acted in (
        (pack, released.pack_v, refused.pack_v, pack_acted),
        (cell, released.cell_v, refused.cell_v, not pack_acted),
    ):
        if acted:
            judge.between(
                key,
                min(low_v, high_v),
                max(low_v, high_v),
                uncertainty=_SAID_V if key == pack else 0.001,
                witness=_SAID,
                note="between the last refusal and the start",
            )
        else:
            judge.value(
                key, low_v, side=UPPER, witness=_SAID, note="read, not exercised"
            )


def _contains(limit: Limit, released_v: float, refused_v: float) -> bool:
    """Tell whether start and refusal both lie within a release's limits."""
    if limit.low is None or limit.high is None:
        return False
    return limit.low <= released_v <= refused_v <= limit.high


def judge_under_voltage_release(
    bench: Bench, judge: Judge, test: HiddenThresholdsPlan
) -> bool:
    """Lift an empty pack by refused forced charges until RUN starts it normally.

    Below release a press enters forced charge and closes the contactor at once, above
    it the module starts in five seconds (C27). A charge of less than 10 A is refused at
    the end of its window, so the reason of the opening is kept. Returns whether the
    module runs.
    """
    key = "under_voltage_release_v"
    volts = bench.config.module_meter.uncertainty
    forced_v: float | None = None
    for _ in range(test.windows_at_most):
        shut_down(bench)
        bench.close_contactor()
        pressed_s = bench.now_s()
        press(bench, SHORT_PRESS_S)
        live = bench.wait_until(lambda s: s.module_v > LIVE_V, _LOOK_S, 200_000)
        if live is None:
            break
        module_v = live.after.module_v
        if bench.now_s() - pressed_s > _FORCED_WITHIN_S:
            bench.disconnect()
            judge.between(
                key,
                0.0 if forced_v is None else forced_v,
                module_v,
                value=module_v,
                uncertainty=volts.of(module_v),
                witness=_METER,
                note="between the last forced charge and the start",
            )
            return True
        forced_v = module_v
        bench.charge(test.window_a, test.leave_v)
        bench.hold(pressed_s + test.window_s - bench.now_s())
        bench.disconnect()
    bench.disconnect()
    judge.at_least(key, forced_v or 0.0, witness=_METER, note="RUN refused throughout")
    shut_down(bench)
    return is_dead(bench) and start(bench)


def _said(bench: Bench) -> PackSaid:
    said = bench.parts.service.read_block("summary")
    return PackSaid(said["pack_voltage_v"], said["cell_max_v"])
