"""Frames of the service link: made by hand, captured in public, and refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.wire import weco_service as wire
from instruments.wire.checksum import crc16_modbus, keyed_checksum
from instruments.wire.errors import FrameError
from tests.instruments.wire.vectors import load_vectors

KEY = 0x85F9
words_lists = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=125)


def crc_bit_by_bit(data: bytes) -> int:
    """Compute the CRC as the definition has it, without a table."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def test_crc_has_its_check_value() -> None:
    """Every frame would be refused by a real module."""
    assert crc16_modbus(b"123456789") == 0x4B37


@given(st.binary(max_size=80))
def test_the_table_agrees_with_the_definition(data: bytes) -> None:
    """A wrong entry shows only on some frames."""
    assert crc16_modbus(data) == crc_bit_by_bit(data)


def test_the_key_alters_the_checksum() -> None:
    """Key FFFF makes it the constant 001A, low byte first."""
    assert keyed_checksum(b"anything", 0xFFFF) == b"\x1a\x00"
    assert keyed_checksum(bytes.fromhex("010300010026"), KEY).hex() == "1c2a"


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (wire.encode_request(1, 38, KEY), "0103000100261C2A"),
        (wire.encode_request(51, 29, KEY), "01030033001D1C32"),
        (wire.encode_announce(KEY), "000385F90001"),
        (wire.encode_announce_ack(KEY), "0103032300001C3A"),
        (wire.encode_reply((5220,), KEY)[:-2], "0103021464"),
    ],
)
def test_frames_match_those_made_by_hand(frame: bytes, expected: str) -> None:
    """Encoder and parser could share one mistake."""
    assert frame.hex().upper() == expected


def test_captured_requests_are_rebuilt_byte_by_byte() -> None:
    """Our checksum would be ours alone."""
    rebuilt = 0
    for vector in load_vectors("weco_service"):
        if "start" in vector:
            key = int(vector["key"], 16)
            frame = wire.encode_request(vector["start"], vector["count"], key)
            assert frame.hex().upper() == vector["hex"], vector["id"]
            rebuilt += 1
    assert rebuilt >= 13


@given(words_lists, st.integers(0, 0xFFFF))
def test_replies_survive_the_wire(words: list[int], key: int) -> None:
    """A word would change on the way, for some key."""
    frame = wire.encode_reply(words, key)
    assert len(frame) == wire.reply_bytes(len(words))
    assert wire.parse_reply(frame, len(words), key) == tuple(words)


@given(st.integers(0, 0xFF00), st.integers(1, 125), st.integers(0, 0xFFFF))
def test_requests_survive_the_wire(start: int, count: int, key: int) -> None:
    """The simulated module would answer another question."""
    frame = wire.encode_request(start, count, key)
    assert wire.parse_request(frame, key) == wire.Request(start, count)
    assert wire.parse_announce(wire.encode_announce(key)) == key


GOOD = wire.encode_reply((5220, 0), KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\0",
        b"\x02" + GOOD[1:],
        GOOD[:1] + b"\x04" + GOOD[2:],
        GOOD[:2] + b"\x02" + GOOD[3:],
        GOOD[:-1] + bytes([GOOD[-1] ^ 0x10]),
        wire.encode_reply((5220, 0), 0),
    ],
)
def test_a_reply_that_is_not_exactly_right_is_refused(data: bytes) -> None:
    """Only seven checksum bits protect it: the rest must be strict."""
    with pytest.raises(FrameError):
        wire.parse_reply(data, 2, KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        wire.encode_request(1, 2, KEY)[:-1],
        wire.encode_request(1, 2, 0),
        b"\x02\x03\x00\x01\x00\x02" + keyed_checksum(b"\x02\x03\x00\x01\x00\x02", KEY),
        b"\x01\x03\x00\x01\x00\x00" + keyed_checksum(b"\x01\x03\x00\x01\x00\x00", KEY),
    ],
)
def test_a_request_that_is_not_exactly_right_is_refused(data: bytes) -> None:
    """The simulated module would be more patient than the real one."""
    with pytest.raises(FrameError):
        wire.parse_request(data, KEY)


def test_what_no_frame_can_carry_is_refused() -> None:
    """A request would wrap round to another register."""
    for start, count in ((-1, 1), (0, 0), (0, 126), (0xFFFF, 2)):
        with pytest.raises(FrameError):
            wire.encode_request(start, count, KEY)
    for words in ((), (0x10000,), (-1,), (0,) * 126):
        with pytest.raises(FrameError):
            wire.encode_reply(words, KEY)
    with pytest.raises(FrameError):
        wire.parse_announce(b"\x01\x03\x85\xf9\x00\x01")
    with pytest.raises(FrameError):
        wire.parse_announce_ack(wire.encode_announce_ack(0), KEY)
