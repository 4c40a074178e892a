"""The chain between modules: losing the master, its shutdown, and being the master."""

from __future__ import annotations

from instruments.bench import LIVE_V, Bench
from instruments.roles import LED_OFF
from phases.judge import Judge
from phases.operate import (
    CAN_AGE_S,
    DEAD_V,
    FAULT,
    LONG_PRESS_S,
    SHORT_PRESS_S,
    can_is_fresh,
    page_of,
    press,
    read_bar,
    read_fault_page,
    says_fault,
    shut_down,
    start,
)
from phases.peers import Role, set_role, start_slaves

_LED = "LED reader"
_LOSS_S = 10.0
_REJOIN_S = 6.0
_LOOK_S = 0.2
_TIMELINE_S = 75.0
_RUN_OFF_WATCH_S = 8.0
_LONG_S = 5.0
_COUNT_S = 6.0
_COUNT_LOOKS = 9
_COUNT_EVERY_S = 0.23
_SLAVE_BITS = 0xFF
_SLAVES_OFF_S = 80.0
_DARK_LOOKS = 15
_START_S = 15.0
_SILENCE_S = 3.0


def judge_lost_master(bench: Bench, judge: Judge) -> None:
    """Cut the chain, read the page, and join it again before the minute is over."""
    box = bench.parts.switchbox
    box.set_line("rs485_chain", False)
    bench.hold(_LOSS_S, 500_000)
    judge.expect("master_lost_led_page", read_fault_page(bench), witness=_LED)
    box.set_line("rs485_chain", True)
    bench.hold(_REJOIN_S, 500_000)


def judge_shutdown(bench: Bench, judge: Judge) -> None:
    """Shut the master down and follow this slave's next minute by its LED bar."""
    off_s = _switch_master_off(bench)
    red: tuple[float, float] | None = None
    run_on = True
    before_s = bench.now_s() - off_s
    while bench.now_s() - off_s < _TIMELINE_S:
        bar = read_bar(bench)
        now_s = bench.now_s() - off_s
        if bar.button == LED_OFF and bar.leds == (LED_OFF,) * 5:
            break
        run_on = run_on and bar.button == "green"
        if red is None and page_of(bar):
            red = (before_s, now_s)
        before_s = now_s
        bench.hold(_LOOK_S, 200_000)
    _judge_timeline(bench, judge, red, run_on, before_s, off_s)


def _switch_master_off(bench: Bench) -> float:
    """Press the master's button until RUN is dark; return that instant [s]."""
    box = bench.parts.switchbox
    box.set_line("peer1_button", True)
    try:
        bench.hold(_LONG_S - 1.0, 250_000)
        off_s = bench.now_s()
        for _ in range(_DARK_LOOKS):
            off_s = bench.now_s()
            if read_bar(bench, "peer1").button == LED_OFF:
                break
            bench.hold(_LOOK_S, 200_000)
    finally:
        box.set_line("peer1_button", False)
    bench.sample()
    return off_s


def _judge_timeline(
    bench: Bench,
    judge: Judge,
    red: tuple[float, float] | None,
    run_on: bool,
    before_s: float,
    off_s: float,
) -> None:
    now_s = bench.now_s() - off_s
    if red is None:
        judge.at_least("slave_red_s", now_s, witness=_LED, note="no red page")
    else:
        judge.between("slave_red_s", *red, uncertainty=0.1, witness=_LED)
    judge.expect("slave_run_until", run_on, witness=_LED)
    if now_s >= _TIMELINE_S:
        judge.at_least("slave_off_s", now_s, witness=_LED)
    else:
        judge.between("slave_off_s", before_s, now_s, uncertainty=0.1, witness=_LED)
    bench.part_peers()
    bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, 5.0, 500_000)
    module_v = bench.sample().module_v
    judge.value(
        "slave_terminals_v",
        module_v,
        uncertainty=bench.config.module_meter.uncertainty.of(module_v),
        witness="terminal meter",
    )


def judge_as_master(bench: Bench, judge: Judge) -> None:
    """Start as the master of two slaves: count, port A, and RUN off at once."""
    _judge_can_switch(bench, judge)
    set_role(bench, Role.MASTER)
    if not start(bench):
        judge.expect("modules_counted", 0, witness="fixture", note="did not start")
        judge.expect("slaves_counted", 0, witness="fixture", note="did not start")
        return
    follow = start_slaves(bench)
    bench.hold(_COUNT_S, 500_000)
    judge.expect(
        "modules_counted",
        round(bench.parts.can.state.read_number("modules_online", CAN_AGE_S)),
        witness="fixture",
        note="two reference modules and this one"
        if follow
        else "neither reference module follows this master",
    )
    judge.expect(
        "slaves_counted",
        _fewest_slaves(bench),
        witness="fixture",
        note="register 79, the fewest of some looks between two calls",
    )
    box = bench.parts.switchbox
    box.set_line("rs485_port_a", True)
    try:
        page = read_fault_page(bench)
        said = says_fault(bench)
    finally:
        box.set_line("rs485_port_a", False)
    judge.expect("port_a_fault", page != "none", witness=_LED, note=f"page {page}")
    judge.expect("port_a_flag", said, witness="self_reported", note=f"{FAULT} on CAN")
    bench.hold(_REJOIN_S, 500_000)
    _judge_run_off(bench, judge)
    bench.hold(_SLAVES_OFF_S, 5_000_000)


def _fewest_slaves(bench: Bench) -> int:
    """Read the master's count of slaves online, at its least over two calls."""
    counts = []
    for _ in range(_COUNT_LOOKS):
        said = int(bench.parts.service.read("slaves_online"))
        counts.append((said & _SLAVE_BITS).bit_count())
        bench.hold(_COUNT_EVERY_S)
    return min(counts)


def _judge_can_switch(bench: Bench, judge: Judge) -> None:
    """Judge that a master whose switch 5 is off starts and is silent on CAN."""
    set_role(bench, Role.MASTER_WITHOUT_CAN)
    press(bench, SHORT_PRESS_S)
    live = bench.wait_until(lambda s: s.module_v > LIVE_V, _START_S, 500_000)
    bench.hold(_SILENCE_S, 500_000)
    judge.expect(
        "can_switch",
        live is not None and not can_is_fresh(bench),
        witness="CAN adapter",
        note="a running master with switch 5 off",
    )
    shut_down(bench)


def _judge_run_off(bench: Bench, judge: Judge) -> None:
    """Judge how soon RUN goes dark once the press has lasted five seconds."""
    box = bench.parts.switchbox
    pressed_s = bench.now_s()
    box.set_line("button", True)
    before_s = now_s = 0.0
    dark = False
    try:
        bench.hold(_LONG_S - 1.0, 250_000)
        while not dark and now_s < _RUN_OFF_WATCH_S:
            before_s, now_s = now_s, bench.now_s() - pressed_s
            if now_s >= LONG_PRESS_S:
                box.set_line("button", False)
            dark = read_bar(bench).button == LED_OFF
            bench.hold(_LOOK_S, 200_000)
    finally:
        box.set_line("button", False)
    if not dark:
        judge.at_least("run_off_s", now_s - _LONG_S, witness=_LED)
        return
    judge.between(
        "run_off_s",
        before_s - _LONG_S,
        now_s - _LONG_S,
        witness=_LED,
        note="counted from five seconds of pressing",
    )
