"""Stories of the whole BMS: start, trips, recovery, forced charge, restart, cluster."""

from __future__ import annotations

from itertools import pairwise

import pytest

from instruments.sim.bms.interface import NEVER_US, BmsInitial
from instruments.sim.bms.parameters import Faults, build
from instruments.sim.bms.restart import Restart, RestartParameters
from tests.instruments.sim.bms.rig import OneFault, Rig, S, Source

RUNNING = BmsInitial(50.0, "running")
EMPTY = BmsInitial(0.0, "off", "under_voltage")


def test_off_module_waits_for_its_button_only() -> None:
    """An off module that wakes by itself costs time and current."""
    rig = Rig()
    assert rig.out.next_wake_us == NEVER_US
    assert rig.out.leds == ("off",) * 5
    assert rig.out.can_tx == ()


def test_start_shows_green_for_five_seconds_and_closes() -> None:
    """LD-01, BT-02: a start without green, blinking or contactor."""
    rig = Rig()
    rig.press(1.0)
    assert rig.out.leds == ("green",) * 5
    rig.run(4.9)
    assert rig.out.leds == ("green",) * 5
    assert rig.commands == []
    rig.run(0.2)
    assert rig.commands == [(6.0, "close")]
    assert rig.out.leds == ("blue", "blue", "blue", "off", "off")
    assert rig.out.button_led == "green"


def test_button_led_blinks_while_starting() -> None:
    """BT-02: a steady START light looks like a running module."""
    rig = Rig()
    rig.press(1.0)
    seen = set()
    for _ in range(20):
        rig.run(0.25)
        seen.add(rig.out.button_led)
    assert seen == {"green", "off"}


@pytest.mark.parametrize("seconds", [0.3, 3.5])
def test_undefined_presses_do_nothing(seconds: float) -> None:
    """C27: a press outside the windows must not start the module."""
    rig = Rig()
    rig.press(seconds)
    rig.run(10.0)
    assert not rig.closed


def test_long_press_shuts_down_while_held() -> None:
    """BT-05: RUN goes off with the 5 s press, not after it."""
    rig = Rig().start()
    rig.pressed = True
    rig.run(5.0)
    assert not rig.closed
    assert rig.out.button_led == "off"
    assert rig.out.leds == ("off",) * 5


TRIPS = [
    ("over_voltage", 59.0, 5.0, 25.0, 1.0, "5", "over_voltage"),
    ("under_voltage", 45.9, -5.0, 25.0, 1.5, "1", "under_voltage"),
    ("charge_over_current", 52.5, 119.0, 25.0, 1.5, "3", "charge_over_current"),
    ("discharge_over_current", 52.5, -119.0, 25.0, 1.5, "3", "discharge_over_current"),
    ("charge_hot", 52.5, 5.0, 56.0, 5.0, "4", "over_temperature"),
    ("discharge_hot", 52.5, -5.0, 66.0, 5.0, "4", "over_temperature"),
    ("charge_cold", 52.5, 5.0, -11.0, 5.0, "2", "under_temperature"),
    ("discharge_cold", 52.5, -5.0, -21.0, 5.0, "2", "under_temperature"),
]


@pytest.mark.parametrize(
    ("cause", "pack_v", "current_a", "temperature_c", "delay_s", "page", "flag"), TRIPS
)
def test_trip_opens_flags_and_shows_its_page(
    cause: str,
    pack_v: float,
    current_a: float,
    temperature_c: float,
    delay_s: float,
    page: str,
    flag: str,
) -> None:
    """A protection that opens late, says the wrong thing or shows the wrong LED."""
    rig = Rig().start()
    begun_s = rig.now_s
    rig.set_pack(pack_v)
    rig.current_a = current_a
    rig.set_temperature(temperature_c)
    rig.run(8.0, until=lambda r: not r.closed)
    assert rig.commands[-1][1] == "open"
    assert rig.commands[-1][0] - begun_s == pytest.approx(delay_s, abs=0.15)
    assert rig.red == page
    rig.run(1.3)
    assert rig.say(0x359)["protections"] == frozenset({flag})
    assert rig.say(0x35C)["charge_enabled"] is False
    assert rig.say(0x351)["charge_current_limit_a"] == 0.0


@pytest.mark.parametrize(
    ("pack_v", "current_a", "temperature_c"),
    [
        (58.8, 5.0, 25.0),
        (46.1, -5.0, 25.0),
        (52.5, 117.0, 25.0),
        (52.5, -117.0, 25.0),
        (52.5, 5.0, 54.5),
        (52.5, -5.0, 64.5),
        (52.5, 5.0, -9.5),
        (52.5, -5.0, -19.5),
        (52.5, 0.0, 75.0),
        (52.5, 0.0, -25.0),
        (52.5, -5.0, 60.0),
        (52.5, -5.0, -15.0),
    ],
)
def test_inside_the_thresholds_nothing_opens(
    pack_v: float, current_a: float, temperature_c: float
) -> None:
    """A protection that trips early fails good modules; at rest heat does not open."""
    rig = Rig().start()
    rig.set_pack(pack_v)
    rig.current_a = current_a
    rig.set_temperature(temperature_c)
    rig.run(20.0)
    assert rig.closed


def test_highest_and_lowest_cell_trip_alone() -> None:
    """PT-01: a single cell beyond its limit with a healthy pack voltage."""
    for cell, level_v in ((3.76, 1.0), (2.49, 1.5)):
        rig = Rig().start()
        begun_s = rig.now_s
        rig.cell_v[7] = cell
        rig.run(4.0, until=lambda r: not r.closed)
        assert rig.commands[-1][0] - begun_s == pytest.approx(level_v, abs=0.15)


def test_fault_page_alternates_five_and_five() -> None:
    """LD-17: pages of another length, or no SOC page in between."""
    rig = Rig().start()
    rig.current_a = 119.0
    rig.run(3.0, until=lambda r: not r.closed)
    changes = []
    for _ in range(80):
        before = rig.red
        rig.run(0.25)
        if rig.red != before:
            changes.append(rig.now_s)
    gaps = [later - earlier for earlier, later in pairwise(changes)]
    assert gaps == pytest.approx([5.0] * len(gaps), abs=0.26)
    assert len(gaps) >= 2


def recover(rig: Rig) -> None:
    """Press 5 s, then 1 s, and wait for the start to end."""
    rig.press(5.0)
    rig.run(1.0)
    rig.press(1.0)
    rig.run(7.0)


def test_trip_then_shutdown_then_start_recovers() -> None:
    """BT-07: a module that stays locked after one trip cannot be tested further."""
    rig = Rig().start()
    rig.current_a = -119.0
    rig.run(2.0)
    rig.current_a = 0.0
    rig.press(1.0)
    rig.run(7.0)
    assert not rig.closed, "a short press in the tripped state does nothing"
    recover(rig)
    assert rig.closed
    rig.run(2.0)
    assert rig.say(0x359)["protections"] == frozenset()
    assert rig.register("discharge_over_current_count") == 1
    assert rig.register("charge_over_current_count") == 0


@pytest.mark.parametrize(("pack_v", "closes"), [(56.2, False), (55.8, True)])
def test_start_after_over_voltage_needs_release(pack_v: float, closes: bool) -> None:
    """PT-06: hysteresis of over-voltage not kept."""
    rig = Rig().start()
    rig.set_pack(59.0)
    rig.current_a = 5.0
    rig.run(3.0)
    assert not rig.closed
    rig.current_a = 0.0
    rig.set_pack(pack_v)
    recover(rig)
    assert rig.closed is closes


@pytest.mark.parametrize(("minutes", "starts"), [(29, False), (31, True)])
def test_lockout_after_four_trips(minutes: int, starts: bool) -> None:
    """PT-04: RUN must be dead for 30 minutes after four trips in a row, not longer."""
    rig = Rig(BmsInitial(50.0, "running", None, 3))
    rig.run(1.0)
    rig.current_a = 119.0
    rig.run(3.0, until=lambda r: not r.closed)
    rig.current_a = 0.0
    rig.press(5.0)
    rig.run(minutes * 60.0 - 6.0)
    rig.press(1.0)
    rig.run(7.0)
    assert rig.closed is starts


def test_lockout_count_is_cleared_by_thirty_minutes() -> None:
    """C16: three trips before a long rest must not lock at the next one."""
    rig = Rig(BmsInitial(50.0, "running", None, 3))
    rig.run(1801.0)
    rig.current_a = 119.0
    rig.run(3.0, until=lambda r: not r.closed)
    rig.current_a = 0.0
    recover(rig)
    assert rig.closed


def test_lockout_count_never_cleared_reading() -> None:
    """C16, the other reading: time alone does not clear the count."""
    rig = Rig(
        BmsInitial(50.0, "running", None, 3),
        {"module.bms.lockout.cleared_after_s": 0.0},
    )
    rig.run(1801.0)
    rig.current_a = 119.0
    rig.run(3.0, until=lambda r: not r.closed)
    rig.current_a = 0.0
    recover(rig)
    assert not rig.closed


def test_temperature_trips_do_not_lock() -> None:
    """PT-04 speaks of current and voltage only."""
    rig = Rig(RUNNING)
    for _ in range(5):
        rig.current_a = 5.0
        rig.set_temperature(57.0)
        rig.run(8.0)
        assert not rig.closed
        rig.set_temperature(25.0)
        rig.current_a = 0.0
        recover(rig)
        assert rig.closed


def start_forced(rig: Rig) -> None:
    """Enter forced charge from the Shutdown State."""
    rig.set_pack(47.0)
    rig.press(1.0)
    rig.run(1.0)


def test_forced_charge_refuses_eight_amperes() -> None:
    """FC-05, FC-06: 8 A must not count; the contactor opens 90 s after the press."""
    rig = Rig(EMPTY)
    start_forced(rig)
    assert rig.closed
    assert rig.say(0x35C)["force_charge"] is True
    rig.current_a = 8.0
    rig.run(120.0, until=lambda r: not r.closed)
    assert rig.now_s == pytest.approx(90.0, abs=0.5)
    assert rig.out.button_led == "off"
    rig.run(5.0)
    start_forced(rig)
    assert rig.closed, "a refusal leaves the module ready for another try"


def test_forced_charge_accepts_twelve_amperes_at_85_seconds() -> None:
    """FC-04: an adequate charge late in the window."""
    rig = Rig(EMPTY)
    start_forced(rig)
    assert rig.register("forced_charge_state") == 1
    rig.run(85.0 - rig.now_s)
    rig.current_a = 12.0
    rig.run(30.0)
    assert rig.closed
    assert rig.out.button_led == "green"
    assert rig.register("forced_charge_state") == 2
    rig.set_pack(50.0)
    rig.run(2.0)
    assert rig.say(0x35C)["discharge_enabled"] is True


def test_forced_charge_flashes_run() -> None:
    """FC-03: a steady RUN would say that the module runs."""
    rig = Rig(EMPTY)
    start_forced(rig)
    seen = set()
    for _ in range(12):
        rig.run(0.25)
        seen.add(rig.out.button_led)
    assert seen == {"green", "off"}


def test_normal_start_when_pack_is_above_release() -> None:
    """C27: forced mode only while the pack is low."""
    rig = Rig(EMPTY)
    rig.set_pack(50.0)
    rig.press(1.0)
    assert rig.out.leds == ("green",) * 5


def test_restart_attempts_follow_the_list() -> None:
    """PT-02, C15: a tripped module starts by itself at the times of its list only."""
    rig = Rig(RUNNING, {"module.bms.restart.attempts_s": [900.0, 1800.0, 4000.0]})
    rig.run(1.0)
    closes: list[float] = []
    rig.current_a = 119.0
    rig.run(3.0, until=lambda r: not r.closed)
    tripped_s = rig.now_s
    for _ in range(4):
        rig.run(5000.0, until=lambda r: r.closed)
        if not rig.closed:
            break
        closes.append(round(rig.now_s - tripped_s - 5.0))
        rig.run(3.0, until=lambda r: not r.closed)
    assert closes == [900, 1800, 4000]


def test_shipped_restart_list_is_reading_a() -> None:
    """PT-02, PT-03, C15 A: 15, 30, 45, 60 min, then every 12 h from 36 h to 120 h."""
    restart = Restart(
        build(RestartParameters, Source(), "module.bms.restart"), Faults(())
    )
    restart.trip(0)
    made: list[int] = []
    while restart.due_us() < NEVER_US:
        made.append(restart.due_us() // S)
        assert restart.attempt(restart.due_us())
    hours = [3600 * h for h in (36, 48, 60, 72, 84, 96, 108, 120)]
    assert made == [900, 1800, 2700, 3600, *hours]


def test_no_restart_after_shutdown_or_with_the_cause_standing() -> None:
    """A shut-down module must stay dead; a standing cause forbids a restart."""
    rig = Rig(RUNNING)
    rig.set_pack(59.0)
    rig.current_a = 5.0
    rig.run(1000.0)
    assert rig.commands[1:] == []
    rig.press(5.0)
    rig.set_pack(52.0)
    rig.run(10_000.0)
    assert not rig.closed


def test_ntc_open_or_short_is_a_bms_fault() -> None:
    """Test plan: BMS fault page, both limits 0, and back again without a restart."""
    for ohm in (float("inf"), 0.0):
        rig = Rig().start()
        rig.ntc_ohm[2] = ohm
        rig.run(3.0)
        assert rig.closed
        assert rig.red == "12345"
        limits = rig.say(0x351)
        assert limits["charge_current_limit_a"] == 0.0
        assert limits["discharge_current_limit_a"] == 0.0
        rig.ntc_ohm[2] = 10_000.0
        rig.run(3.0)
        assert rig.red == ""
        assert rig.say(0x351)["charge_current_limit_a"] == 86.0


def test_named_fault_from_a_bench_second() -> None:
    """A fault with `when` must not act before."""
    fault = {"module.can": [OneFault("mute", 20.0)]}
    rig = Rig(RUNNING, faults=fault)
    rig.run(40.0)
    assert 19_000_000 <= rig.frames[-1][0] < 20_000_000


def test_service_port_is_silent_while_off() -> None:
    """An off module answers nothing."""
    rig = Rig()
    assert rig.step(serial_rx=b"\x00\x03\x85\xf9\x00\x01").serial_tx == b""
