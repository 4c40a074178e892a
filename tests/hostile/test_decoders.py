"""Decoders accept only what they can re-encode: the same bytes, or an error of ours.

What the profile lets a sender choose (length, padding, marker, sign of a magnitude) is
brought to the form that the codec itself sends before the bytes are compared.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from instruments.wire import weco_service as wire
from instruments.wire.checksum import keyed_checksum
from instruments.wire.errors import FrameError
from instruments.wire.pylon_lv import PylonLv
from tests.hostile.corpus import bytes_of, load

CODEC = PylonLv()
PROFILE = wire.load_profile()
KEY = PROFILE.key
TABLE = PROFILE.table()
IDS = (0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E)
SENT_BYTES = {0x351: 8, 0x355: 4, 0x356: 6, 0x359: 7, 0x35C: 2, 0x35E: 8}


def encode(can_id: int, said: Any) -> bytes:
    """Encode canonical values as the module would send them."""
    if can_id == 0x351:
        return CODEC.encode_limits(
            said["charge_voltage_limit_v"],
            said["charge_current_limit_a"],
            said["discharge_current_limit_a"],
            said.get("discharge_voltage_limit_v", 0.0),
        )
    if can_id == 0x355:
        return CODEC.encode_soc(said["soc_pct"], said["soh_pct"])
    if can_id == 0x356:
        return CODEC.encode_pack(
            said["pack_voltage_v"], said["pack_current_a"], said["temperature_c"]
        )
    if can_id == 0x359:
        return CODEC.encode_flags(
            said["protections"], said["warnings"], said["modules_online"]
        )
    if can_id == 0x35C:
        return CODEC.encode_enables(
            said["charge_enabled"],
            said["discharge_enabled"],
            said["force_charge"],
            said["force_charge_2"],
            said["full_charge_request"],
        )
    return CODEC.encode_maker(said["maker"])


def as_sent(can_id: int, data: bytes) -> bytes:
    """Bring what a sender may choose to the form that the codec sends."""
    sent = data[: SENT_BYTES[can_id]].ljust(SENT_BYTES[can_id], b"\0")
    if can_id == 0x351:
        amount = abs(int.from_bytes(sent[4:6], "little", signed=True))
        return sent[:4] + amount.to_bytes(2, "little") + sent[6:]
    if can_id == 0x359:
        return sent[:5] + b"PN"
    if can_id == 0x35E:
        return sent.rstrip(b" \0").ljust(8, b" ")
    return sent


def check_can(can_id: int, data: bytes) -> bool:
    """Check one frame; tell whether it was accepted."""
    try:
        said = CODEC.decode(can_id, data)
    except FrameError:
        return False
    assert encode(can_id, said) == as_sent(can_id, data)
    return True


@settings(max_examples=600)
@given(st.sampled_from(IDS), st.binary(max_size=8))
@example(0x351, bytes.fromhex("2302140500800000"))
@example(0x356, bytes.fromhex("008000800080"))
def test_can_frame_is_encoded_again_or_refused(can_id: int, data: bytes) -> None:
    """A value would be shown that no frame of the profile can carry."""
    check_can(can_id, data)


@settings(max_examples=400)
@given(
    st.sampled_from(IDS),
    st.lists(st.tuples(st.integers(0, 63), st.booleans()), max_size=4),
)
def test_can_frame_with_a_few_bits_changed_is_encoded_again_or_refused(
    can_id: int, changes: list[tuple[int, bool]]
) -> None:
    """A bit that the profile does not describe would be dropped in silence."""
    base = {
        0x351: CODEC.encode_limits(56.0, 65.0, 132.0, 46.0),
        0x355: CODEC.encode_soc(50, 100),
        0x356: CODEC.encode_pack(52.0, -20.0, 25.0),
        0x359: CODEC.encode_flags(frozenset({"over_voltage"}), frozenset(), 1),
        0x35C: CODEC.encode_enables(True, True, False, False, False),
        0x35E: CODEC.encode_maker("PYLON"),
    }[can_id]
    assert check_can(can_id, base)
    frame = bytearray(base)
    for bit, up in changes:
        place, mask = bit // 8 % len(frame), 1 << bit % 8
        frame[place] = frame[place] | mask if up else frame[place] & ~mask
    check_can(can_id, bytes(frame))


@pytest.mark.parametrize("name", load("can_payloads"))
def test_corpus_of_frames_is_refused(name: str) -> None:
    """An entry of the corpus would be a value."""
    entry = load("can_payloads")[name]
    assert not check_can(entry["id"], bytes_of(entry))


def signed(body: bytes) -> bytes:
    """Put the right checksum behind a body."""
    return body + keyed_checksum(body, KEY)


bodies = st.one_of(
    st.binary(max_size=14),
    st.binary(max_size=8).map(lambda tail: b"\x01\x03" + tail),
    st.binary(min_size=4, max_size=4).map(lambda tail: b"\x01\x03\x04" + tail),
)
frames = st.one_of(st.binary(max_size=16), bodies.map(signed))


@settings(max_examples=400)
@given(frames, st.integers(0, 130))
def test_service_reply_is_encoded_again_or_refused(data: bytes, count: int) -> None:
    """A frame would be read that the module cannot have sent."""
    try:
        words = wire.parse_reply(data, count, KEY)
    except FrameError:
        return
    assert wire.encode_reply(words, KEY) == data


@settings(max_examples=400)
@given(frames)
def test_service_request_is_encoded_again_or_refused(data: bytes) -> None:
    """The simulated module would answer what no station asks."""
    try:
        asked = wire.parse_request(data, KEY)
    except FrameError:
        return
    assert wire.encode_request(asked.start, asked.count, KEY) == data


@given(st.binary(max_size=8))
@example(wire.encode_announce(KEY))
def test_announcement_is_encoded_again_or_refused(data: bytes) -> None:
    """A session key would be taken out of noise."""
    try:
        key = wire.parse_announce(data)
    except FrameError:
        return
    assert wire.encode_announce(key) == data


@settings(max_examples=200)
@given(st.sampled_from(sorted(TABLE)), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_register_is_encoded_again(name: str, high: int, low: int) -> None:
    """A register's value would not be the one that stands in the module."""
    field = TABLE[name]
    words = (high, low)[: field.words]
    value = TABLE.decode_words(field.address, words)[name]
    assert TABLE.encode_words(name, value) == words
