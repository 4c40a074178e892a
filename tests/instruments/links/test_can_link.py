"""The CAN link: drained without waiting, every id watched, nothing dropped silently."""

from __future__ import annotations

import math

import can
import pytest

from instruments.errors import CanLinkError, StaleReading
from instruments.exchange_log import CanLog
from instruments.links.can_link import CanLink
from instruments.wire.pylon_lv import PylonLv
from tests.instruments.exchange import FakeClock, ScriptedBus

PACK = bytes.fromhex("641485fff100")  # 52.20 V, -12.3 A, 24.1 °C


@pytest.fixture(scope="module")
def codec() -> PylonLv:
    """Parse the DBC once."""
    return PylonLv()


def link_on(
    codec: PylonLv, log: CanLog | None = None, offset_us: int | None = 0
) -> tuple[CanLink, ScriptedBus, FakeClock]:
    """Make a link on a scripted bus."""
    bus = ScriptedBus()
    clock = FakeClock()
    link = CanLink(bus, clock, codec, log, offset_us)  # type: ignore[arg-type]
    return link, bus, clock


def test_draining_empties_the_bus_and_keeps_the_last_values(codec: PylonLv) -> None:
    """A queue that grows turns fresh values into old ones."""
    link, bus, clock = link_on(codec)
    bus.put(0x356, codec.encode_pack(50.0, 1.0, 20.0), 100_000)
    bus.put(0x356, PACK, 1_100_000)
    bus.put(0x355, codec.encode_soc(48, 99), 1_100_000)
    clock.t_us = 1_200_000
    assert link.drain() == 3
    assert link.state.read("pack_voltage_v", 0.2) == 52.2
    assert link.state.read("pack_current_a", 0.2) == -12.3
    assert link.state.age_s("soc_pct") == pytest.approx(0.1)
    assert link.drain() == 0


def test_the_keep_alive_goes_out_once_a_second(codec: PylonLv) -> None:
    """The module may fall silent without it, or be flooded with it."""
    link, bus, clock = link_on(codec)
    for t_us in range(0, 3_000_001, 100_000):
        clock.t_us = t_us
        link.drain()
    assert [message.arbitration_id for message in bus.sent] == [0x305] * 4
    assert bus.sent[0].data == bytes(8)
    assert not bus.sent[0].is_extended_id


def test_a_long_gap_sends_one_keep_alive_not_many(codec: PylonLv) -> None:
    """A burst after a pause is not what an inverter does."""
    link, bus, clock = link_on(codec)
    clock.t_us = 10_000_000
    link.drain()
    link.drain()
    assert len(bus.sent) == 1


def test_every_id_of_the_profile_is_watched(codec: PylonLv) -> None:
    """One id that stops would be noticed only by who reads it."""
    link, bus, clock = link_on(codec)
    assert link.silent_ids() == tuple(codec.periods_s)
    assert link.id_age_s(0x356) == math.inf
    for can_id, data in (
        (0x351, codec.encode_limits(54.5, 65, 70, 49.5)),
        (0x355, codec.encode_soc(48, 99)),
        (0x356, PACK),
        (0x359, codec.encode_flags(frozenset(), frozenset(), 1)),
        (0x35C, codec.encode_enables(True, True, False, False, False)),
        (0x35E, codec.encode_maker("WeCo")),
    ):
        bus.put(can_id, data, 0)
    link.drain()
    assert link.silent_ids() == ()
    bus.put(0x356, PACK, 3_000_000)
    clock.t_us = 3_500_001
    link.drain()
    assert link.silent_ids() == (0x351, 0x355, 0x359, 0x35C, 0x35E)
    assert link.max_age_s(0x356) == 3.5


def test_periods_are_counted_per_id(codec: PylonLv) -> None:
    """Identity judges periods: a mean alone hides a gap."""
    link, bus, clock = link_on(codec)
    for t_us in (0, 1_000_000, 1_900_000, 3_000_000):
        bus.put(0x356, PACK, t_us)
    clock.t_us = 3_000_000
    link.drain()
    stats = link.periods()[0x356]
    assert (stats.count, stats.min_s, stats.max_s) == (4, 0.9, 1.1)
    assert stats.mean_s == pytest.approx(1.0)
    link.reset_periods()
    assert link.periods()[0x356].count == 0
    bus.put(0x356, PACK, 4_000_000)
    bus.put(0x356, PACK, 5_000_000)
    clock.t_us = 5_000_000
    link.drain()
    assert link.periods()[0x356].mean_s == 1.0


def test_one_frame_has_no_period(codec: PylonLv) -> None:
    """Zero would pass as 'not too long'."""
    link, bus, _ = link_on(codec)
    bus.put(0x356, PACK, 0)
    link.drain()
    assert math.isnan(link.periods()[0x356].mean_s)


def test_unknown_ids_are_recorded_raw(codec: PylonLv) -> None:
    """What the real module sends beyond the profile would be lost."""
    link, bus, _ = link_on(codec)
    bus.put(0x372, b"\x02\x00", 0)
    bus.put(0x356, PACK, 0, extended=True)
    link.drain()
    assert link.unknown == {0x372: b"\x02\x00", 0x80000356: PACK}
    assert link.id_age_s(0x356) == math.inf
    with pytest.raises(StaleReading):
        link.state.read("pack_voltage_v", 10.0)


def test_a_malformed_frame_is_counted_and_invalidates(codec: PylonLv) -> None:
    """The value before it would be taken for the present one."""
    link, bus, _ = link_on(codec)
    bus.put(0x356, PACK, 0)
    bus.put(0x356, PACK[:5], 0)
    link.drain()
    assert link.malformed_count == 1
    assert link.malformed == [(0, 0x356, PACK[:5])]
    with pytest.raises(StaleReading, match="invalid"):
        link.state.read("pack_voltage_v", 10.0)


def test_error_frames_are_counted(codec: PylonLv) -> None:
    """A bus that is being disturbed would look like a healthy one."""
    link, bus, _ = link_on(codec)
    bus.queue.append(can.Message(is_error_frame=True, timestamp=0.0))
    link.drain()
    assert link.error_frames == 1
    assert link.unknown == {}


def test_a_failing_adapter_is_ours(codec: PylonLv) -> None:
    """Silence of the adapter is ERROR, silence of the module is FAIL."""
    link, bus, _ = link_on(codec)
    bus.failure = can.CanOperationError("bus off")
    with pytest.raises(CanLinkError, match="cannot receive"):
        link.drain()
    with pytest.raises(CanLinkError, match="cannot send"):
        link.keep_alive()


def test_time_stamps_of_the_adapter_become_bench_time(codec: PylonLv) -> None:
    """Adapters stamp with the time of day; a frame cannot come from the future."""
    link, bus, clock = link_on(codec, offset_us=None)
    epoch_us = 1_700_000_000_000_000
    clock.t_us = 5_000_000
    bus.put(0x356, PACK, epoch_us)
    link.drain()
    clock.t_us = 6_500_000
    bus.put(0x355, codec.encode_soc(48, 99), epoch_us + 1_000_000)
    link.drain()
    assert link.state.age_s("soc_pct") == pytest.approx(0.5)


def test_frames_are_logged_as_candump_lines(codec: PylonLv) -> None:
    """Other tools could not read the record."""
    lines: list[str] = []
    link, bus, clock = link_on(codec, CanLog(lines.append))
    bus.put(0x356, PACK, 1_234_567)
    clock.t_us = 1_300_000
    link.drain()
    assert lines == [
        "(1.234567) can0 356#641485FFF100\n",
        "(1.300000) can0 305#0000000000000000\n",
    ]


def test_forgetting_starts_anew(codec: PylonLv) -> None:
    """The next module would be judged by frames of the last one."""
    link, bus, _ = link_on(codec)
    bus.put(0x356, PACK, 0)
    link.forget()
    assert link.state.snapshot() == {}
    assert link.periods() == {}
    link.close()
    assert bus.closed
