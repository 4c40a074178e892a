"""Start-up: a one-second press, five seconds of green, then the SOC and the voltage.

Requirements: LD-01, LD-02, BT-01, BT-02, BT-03, BT-04, EL-23,
AL-06, AL-11.
"""

from __future__ import annotations

from instruments.bench import LIVE_V, Bench
from instruments.errors import PreconditionNotMet
from instruments.roles import LED_OFF, LedBar
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import lit_blue, press, read_bar, wait_for_can
from phases.plan import CapacityPlan, Plan

_LOOK_S = 0.1
_BLINK_S = 2.0
_GREEN = ("green",) * 5


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Press RUN and watch the bar, the button LED and the terminals."""
    if facts.judges_capacity:
        check_temperature(bench, plan.capacity)
    press_s = bench.now_s()
    press(bench, plan.start_up.press_s)
    released_s = bench.now_s()
    bar = read_bar(bench)
    if any(led != LED_OFF for led in (*bar.leds, bar.button)):  # it is awake
        _judge_relay_word(bench, judge, "open_flag")
    green_s, buttons = _watch_green(bench, press_s, released_s, plan.start_up.timeout_s)
    judge.between("green_s", *green_s, witness="LED reader", note="on the bar")
    judge.expect("button_blink", len(set(buttons)) > 1, witness="LED reader")
    live = bench.wait_until(lambda s: s.module_v > LIVE_V, 5.0, 200_000)
    judge.expect("contactor_closed", live is not None, witness="terminal meter")
    if live is None:
        return
    module_v = bench.sample().module_v
    judge.value(
        "ocv_v",
        module_v,
        uncertainty=bench.config.module_meter.uncertainty.of(module_v),
        witness="terminal meter",
    )
    bar = read_bar(bench)
    judge.expect(
        "soc_page",
        lit_blue(bar) > 0 and "red" not in bar.leds,
        witness="LED reader",
    )
    light, contactor = _steady(bench)
    judge.expect("button_steady", light, witness="LED reader")
    judge.expect("contactor_steady", contactor, witness="terminal meter")
    wait_for_can(bench)
    _judge_relay_word(bench, judge, "closed_flag")


def _judge_relay_word(bench: Bench, judge: Judge, key: str) -> None:
    """Judge whether what the service port says of the relay is so at the terminals."""
    io_bits = int(bench.parts.service.read("io_bits"))
    said_closed = bool(io_bits & 0b1000_0000)
    judge.expect(
        key,
        said_closed == (key == "closed_flag"),
        witness="terminal meter",
        note=f"register 71 = 0x{io_bits:04X}",
    )


def check_temperature(bench: Bench, test: CapacityPlan) -> None:
    """Refuse a module that is too cold or too warm for its capacity to be judged.

    Raises:
        PreconditionNotMet: the case is outside the window; nothing was energised.
    """
    case_c = bench.parts.scan_meter.measure(("case_c",))["case_c"]
    low_c, high_c = test.window_c
    if not low_c <= case_c <= high_c:
        raise PreconditionNotMet(
            "module",
            f"case at {case_c:.1f} °C, judged from {low_c:g} to {high_c:g} °C only",
            "let it come to room temperature",
        )


def _watch_green(
    bench: Bench, press_s: float, released_s: float, timeout_s: float
) -> tuple[tuple[float, float], list[str]]:
    """Watch the bar until it is no longer green; return how long it was [s]."""
    buttons: list[str] = []
    before_s = released_s - press_s
    first_green_s = last_green_s = before_s
    seen = False
    while bench.now_s() - press_s < timeout_s:
        bar: LedBar = read_bar(bench)
        now_s = bench.now_s() - press_s
        buttons.append(bar.button)
        if bar.leds == _GREEN:
            if not seen:
                first_green_s = now_s
            seen = True
            last_green_s = now_s
        elif seen:
            return (last_green_s - first_green_s, now_s - before_s), buttons
        else:
            before_s = now_s
        bench.wait(_LOOK_S)
    return (last_green_s - first_green_s, timeout_s), buttons


def _steady(bench: Bench) -> tuple[bool, bool]:
    """Tell whether button LED and terminals stay on over two blink periods."""
    end_s = bench.now_s() + _BLINK_S
    light = contactor = True
    while light and bench.now_s() < end_s:
        light = read_bar(bench).button == "green"
        contactor = contactor and bench.sample().module_v > LIVE_V
        bench.wait(_LOOK_S)
    return light, contactor
