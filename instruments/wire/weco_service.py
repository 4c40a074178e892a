"""Build and take apart the frames of the weco-service link.

Pure: bytes in, bytes out. Words are 16 bits, big-endian; the checksum is keyed
(`instruments.wire.checksum`). Source: protocols.md 3.1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from instruments.wire.checksum import keyed_checksum
from instruments.wire.errors import FrameError
from instruments.wire.weco_registers import (
    Register,
    RegisterTable,
    WecoServiceProfile,
    load_profile,
)

__all__ = [
    "ANNOUNCE_ACK_BYTES",
    "ANNOUNCE_BYTES",
    "REQUEST_BYTES",
    "Register",
    "RegisterTable",
    "Request",
    "WecoServiceProfile",
    "encode_announce",
    "encode_announce_ack",
    "encode_reply",
    "encode_request",
    "load_profile",
    "parse_announce",
    "parse_announce_ack",
    "parse_reply",
    "parse_request",
    "reply_bytes",
]

UNIT = 1
FUNCTION_READ = 3
REQUEST_BYTES = 8
ANNOUNCE_BYTES = 6
ANNOUNCE_ACK_BYTES = 8
_MAX_COUNT = 125  # the byte count is one byte, and even
_ACK_BODY = bytes.fromhex("010303230000")


@dataclass(frozen=True, slots=True)
class Request:
    """A read request: first register and number of registers."""

    start: int
    count: int


def reply_bytes(count: int) -> int:
    """Compute the length [bytes] of the reply to a read of `count` registers."""
    return 5 + 2 * count


def encode_request(start: int, count: int, key: int) -> bytes:
    """Encode a read request.

    Raises:
        FrameError: an address or a count that the frame cannot carry.
    """
    if start < 0 or start + count > 0x10000 or not 1 <= count <= _MAX_COUNT:
        raise FrameError(f"cannot ask for {count} registers from {start}")
    body = struct.pack(">BBHH", UNIT, FUNCTION_READ, start, count)
    return body + keyed_checksum(body, key)


def parse_request(data: bytes, key: int) -> Request:
    """Parse a read request.

    Raises:
        FrameError: wrong length, unit, function, count or checksum.
    """
    if len(data) != REQUEST_BYTES:
        raise FrameError(f"request of {len(data)} bytes: {data.hex()}")
    _check_sum(data, key)
    unit, function, start, count = struct.unpack(">BBHH", data[:-2])
    _check_head(unit, function, data)
    if not 1 <= count <= _MAX_COUNT or start + count > 0x10000:
        raise FrameError(f"request for {count} registers from {start}")
    return Request(start, count)


def encode_reply(words: Sequence[int], key: int) -> bytes:
    """Encode the reply to a read request: words of 16 bits.

    Raises:
        FrameError: too many words, or a word that has more than 16 bits.
    """
    if not 1 <= len(words) <= _MAX_COUNT:
        raise FrameError(f"cannot reply {len(words)} registers")
    try:
        body = struct.pack(
            f">BBB{len(words)}H", UNIT, FUNCTION_READ, 2 * len(words), *words
        )
    except struct.error as error:
        raise FrameError(f"words {list(words)}: {error}") from None
    return body + keyed_checksum(body, key)


def parse_reply(data: bytes, count: int, key: int) -> tuple[int, ...]:
    """Parse the reply to a read of `count` registers into its words.

    Raises:
        FrameError: wrong length, unit, function, byte count or checksum.
    """
    if len(data) != reply_bytes(count):
        raise FrameError(
            f"reply of {len(data)} bytes instead of {reply_bytes(count)}: {data.hex()}"
        )
    _check_head(data[0], data[1], data)
    if data[2] != 2 * count:
        raise FrameError(f"byte count {data[2]} instead of {2 * count}: {data.hex()}")
    _check_sum(data, key)
    return struct.unpack_from(f">{count}H", data, 3)


def encode_announce(key: int) -> bytes:
    """Encode the announcement of a session key; it has no checksum."""
    return struct.pack(">BBHH", 0, FUNCTION_READ, key, 1)


def parse_announce(data: bytes) -> int:
    """Parse the announcement of a session key and return the key.

    Raises:
        FrameError: not an announcement.
    """
    if len(data) == ANNOUNCE_BYTES:
        unit, function, key, one = struct.unpack(">BBHH", data)
        if (unit, function, one) == (0, FUNCTION_READ, 1):
            return int(key)
    raise FrameError(f"not a key announcement: {data.hex()}")


def encode_announce_ack(key: int) -> bytes:
    """Encode the answer to a key announcement, already under the new key."""
    return _ACK_BODY + keyed_checksum(_ACK_BODY, key)


def parse_announce_ack(data: bytes, key: int) -> None:
    """Check the answer to a key announcement.

    Raises:
        FrameError: not the answer that the public client expects.
    """
    if data != encode_announce_ack(key):
        raise FrameError(f"not an answer to the key announcement: {data.hex()}")


def _check_head(unit: int, function: int, data: bytes) -> None:
    if (unit, function) != (UNIT, FUNCTION_READ):
        raise FrameError(f"unit {unit}, function {function}: {data.hex()}")


def _check_sum(data: bytes, key: int) -> None:
    if keyed_checksum(data[:-2], key) != data[-2:]:
        raise FrameError(f"checksum of {data.hex()} is wrong")
