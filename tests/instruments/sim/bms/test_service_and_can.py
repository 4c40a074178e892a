"""What the module says: registers, session key, CAN periods and faults of both."""

from __future__ import annotations

import pytest

from instruments.sim.bms.interface import BmsInitial
from instruments.wire.weco_service import (
    encode_announce,
    encode_request,
    parse_announce_ack,
)
from tests.instruments.sim.bms.rig import PROFILE, TABLE, OneFault, Rig, Source

RUNNING = BmsInitial(50.0, "running")


def test_main_block_mirrors_the_measurements() -> None:
    """IF-10: cells, pack, current and temperature differ from what is measured."""
    rig = Rig(RUNNING)
    rig.cell_v[4] = 3.301
    rig.current_a = 12.34
    rig.ntc_ohm[1] = 8_300.0
    rig.run(1.5)
    values = TABLE.decode_words(7, rig.read(7, 32))
    assert values["cell_count"] == 16
    assert values["sensor_count"] == 4
    assert values["cell_05_v"] == 3.301
    assert values["cell_max_v"] == 3.301
    assert values["cell_min_v"] == 3.28
    assert values["pack_current_a"] == pytest.approx(12.34)
    assert values["pack_voltage_v"] == pytest.approx(52.5, abs=0.01)
    assert values["temperature_max_c"] == 30
    assert values["temperature_min_c"] == 25
    assert values["soc_pct"] == pytest.approx(50.0, abs=0.4)


@pytest.mark.parametrize(
    ("target", "register"),
    [
        ("over_voltage.pack_trip_v", "threshold_pack_over_voltage_set"),
        ("over_voltage.pack_release_v", "threshold_pack_over_voltage_recover"),
        ("over_voltage.cell_trip_v", "threshold_cell_over_voltage_set_2"),
        ("over_voltage.cell_release_v", "threshold_cell_over_voltage_set_1"),
        ("under_voltage.pack_trip_v", "threshold_pack_under_voltage_set"),
        ("under_voltage.pack_release_v", "threshold_pack_under_voltage_recover"),
        ("under_voltage.cell_trip_v", "threshold_cell_under_voltage_set_2"),
        ("under_voltage.cell_release_v", "threshold_cell_under_voltage_set_1"),
        ("over_current.charge_trip_a", "threshold_charge_over_current"),
        ("over_current.discharge_trip_a", "threshold_discharge_over_current"),
        ("temperature.charge_hot_trip_c", "threshold_charge_over_temperature_2"),
        ("temperature.charge_cold_trip_c", "threshold_charge_under_temperature_2"),
        ("temperature.discharge_hot_trip_c", "threshold_discharge_over_temperature_2"),
        (
            "temperature.discharge_cold_trip_c",
            "threshold_discharge_under_temperature_2",
        ),
    ],
)
def test_a_changed_threshold_changes_its_register(target: str, register: str) -> None:
    """A threshold defect that the register image hides."""
    key = f"module.bms.{target}"
    table, _, name = key.rpartition(".")
    value = Source().section(table)[name]
    nominal = Rig(RUNNING).register(register)
    changed = Rig(RUNNING, {key: value + 1.0}).register(register)
    assert changed != nominal


def test_io_bits_follow_the_contactor() -> None:
    """AL-06: register 71 shows the feedback, not the command."""
    rig = Rig(RUNNING)
    rig.run(1.0)
    bits = TABLE.bits("io_bits", rig.register("io_bits"))
    assert bits["charge_contactor"]
    assert bits["discharge_contactor"]
    assert bits["do1"]
    assert not bits["do2"]


def test_announced_key_is_used() -> None:
    """A session key that the module acknowledges but does not use."""
    rig = Rig(RUNNING)
    rig.run(1.0)
    rig.now_us += 30_000
    parse_announce_ack(rig.step(serial_rx=encode_announce(0)).serial_tx, 0)
    assert rig.read(7, 1, key=0) == (16,)


def test_request_in_two_pieces_and_garbage() -> None:
    """A split request is answered once; a broken one not at all; the next one is."""
    rig = Rig(RUNNING)
    rig.run(1.0)
    request = encode_request(7, 1, PROFILE.key)
    assert rig.step(serial_rx=request[:3]).serial_tx == b""
    assert rig.step(serial_rx=request[3:]).serial_tx != b""
    assert rig.step(serial_rx=b"\x01\x03rubbish").serial_tx == b""
    assert rig.read(7, 1) == (16,)


@pytest.mark.parametrize(("fault", "answer"), [("mute", False), ("bad_checksum", True)])
def test_service_faults(fault: str, answer: bool) -> None:
    """The named faults of the port must act."""
    rig = Rig(RUNNING, faults={"module.service": [OneFault(fault)]})
    rig.run(1.0)
    healthy = Rig(RUNNING)
    healthy.run(1.0)
    request = encode_request(7, 1, PROFILE.key)
    reply = rig.step(serial_rx=request).serial_tx
    assert bool(reply) is answer
    assert reply != healthy.step(serial_rx=request).serial_tx


def test_six_ids_once_a_second() -> None:
    """IF-02: an id that is missing or drifts."""
    rig = Rig(RUNNING)
    rig.run(30.0)
    for can_id in (0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E):
        times = [t_us for t_us, other, _ in rig.frames if other == can_id]
        assert times == list(range(times[0], times[-1] + 1, 1_000_000))
        assert len(times) >= 30


def test_period_is_data() -> None:
    """A slow id must be possible as a defect."""
    rig = Rig(RUNNING, {"module.can.period_355_s": 3.0})
    rig.run(30.0)
    assert len([1 for _, can_id, _ in rig.frames if can_id == 0x355]) in (10, 11)
    assert len([1 for _, can_id, _ in rig.frames if can_id == 0x356]) in (30, 31)


def test_one_silent_id_and_frozen_frames() -> None:
    """The faults of the CAN node must hit what they name."""
    rig = Rig(RUNNING, faults={"module.can": [OneFault("silent_359")]})
    rig.run(5.0)
    assert 0x359 not in rig.can
    assert 0x355 in rig.can
    rig = Rig(RUNNING, faults={"module.can": [OneFault("frozen", 2.0)]})
    rig.run(1.5)
    rig.current_a = 40.0
    rig.run(10.0)
    assert rig.say(0x356)["pack_current_a"] == 0.0


def test_current_sign_is_charge_positive() -> None:
    """A swapped sign on either link."""
    rig = Rig(RUNNING)
    rig.current_a = -20.0
    rig.run(2.0)
    assert rig.say(0x356)["pack_current_a"] == -20.0
    assert rig.register("pack_current_a") == -20.0
    assert rig.register("system_current_a") == -20.0


@pytest.mark.parametrize(("spread_v", "alarm"), [(0.18, False), (0.22, True)])
def test_cell_spread_at_rest(spread_v: float, alarm: bool) -> None:
    """AL-08: 220 mV unnoticed, or 180 mV reported."""
    rig = Rig(RUNNING)
    rig.cell_v[3] += spread_v
    rig.run(90.0)
    assert rig.say(0x359)["warnings"] == (
        frozenset({"system_error"}) if alarm else frozenset()
    )


def test_cell_spread_is_not_judged_under_current() -> None:
    """AL-08 speaks of a module without charge and discharge."""
    rig = Rig(RUNNING)
    rig.cell_v[3] += 0.3
    rig.current_a = -20.0
    rig.run(90.0)
    assert rig.say(0x359)["warnings"] == frozenset()


def test_bleeds_the_high_cells_only() -> None:
    """IF-09: equalisation acts above 3.40 V and on the cells that lead."""
    rig = Rig(RUNNING)
    rig.cell_v = [3.42] * 16
    rig.cell_v[2] = 3.46
    rig.run(12.0)
    assert [k for k, on in enumerate(rig.out.bleed) if on] == [2]
    rig.press(5.0)
    assert not any(rig.out.bleed)


def test_dry_contacts_follow_running_and_fault() -> None:
    """IF-01: outputs that do not move."""
    rig = Rig(RUNNING)
    rig.run(1.0)
    assert rig.out.do == (True, False)
    rig.current_a = 119.0
    rig.run(3.0)
    assert rig.out.do == (False, True)


def test_one_link_can_disagree_with_the_other() -> None:
    """A scale or an offset of one link changes the other link."""
    changes = {
        "module.can.offset.pack_v": 1.0,
        "module.can.scale.current_a": 0.5,
        "module.service.offset.soc_pct": -4.0,
    }
    rig = Rig(RUNNING, changes)
    rig.current_a = 20.0
    rig.run(1.5)
    values = TABLE.decode_words(7, rig.read(7, 32))
    frame = rig.say(0x356)
    assert frame["pack_voltage_v"] - values["pack_voltage_v"] == pytest.approx(1.0)
    assert values["pack_current_a"] == pytest.approx(20.0)
    assert frame["pack_current_a"] == pytest.approx(10.0)
    assert rig.say(0x355)["soc_pct"] - values["soc_pct"] == pytest.approx(4.0, abs=0.6)


def test_bytes_in_the_wrong_order() -> None:
    """The byte order of one frame or of the registers is not exchanged."""
    sound = Rig(RUNNING)
    faults = {
        "module.can": [OneFault("byte_order_351")],
        "module.service": [OneFault("byte_order")],
    }
    turned = Rig(RUNNING, {}, faults)
    for rig in (sound, turned):
        rig.run(1.5)
    data = sound.can[0x351]
    assert turned.can[0x351] == bytes(data[k ^ 1] for k in range(len(data)))
    assert turned.can[0x355] == sound.can[0x355]
    assert turned.read(7, 1) == (16 << 8,)


def test_one_frame_and_one_link_stand_still() -> None:
    """A frozen frame follows the module, or freezes the others with it."""
    faults = {
        "module.can": [OneFault("frozen_356")],
        "module.service": [OneFault("frozen"), OneFault("run_time_stuck")],
    }
    rig = Rig(RUNNING, {}, faults)
    rig.run(1.5)
    first, words = rig.can[0x356], rig.read(14, 7)
    rig.current_a = 30.0
    rig.set_pack(54.0)
    rig.run(3.0)
    assert rig.can[0x356] == first
    assert rig.read(14, 7) == words
    assert rig.read(12, 2) == (0, 0)


def test_every_seventh_request_is_lost() -> None:
    """The service port loses all answers, or none."""
    rig = Rig(RUNNING, {}, {"module.service": [OneFault("misses_some")]})
    answered = []
    for _ in range(14):
        rig.now_us += 30_000
        answered.append(bool(rig.step(encode_request(7, 1, PROFILE.key)).serial_tx))
    assert answered == [*[True] * 6, False] * 2


def test_another_profile_shifts_the_ids() -> None:
    """The ids of another profile look like the right ones."""
    rig = Rig(RUNNING, {"module.can.id_shift": 16})
    rig.run(1.5)
    assert sorted(rig.can) == [0x361, 0x365, 0x366, 0x369, 0x36C, 0x36E]
