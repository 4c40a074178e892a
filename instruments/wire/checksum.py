"""Checksum of the weco-service frames: CRC-16/Modbus, altered by a session key.

Every 1-bit of the key erases one checksum bit (key 0x85F9 leaves seven of sixteen),
so a valid checksum is weak evidence: unit, function, byte count and plausibility are
checked as well, and decisive values are read twice (protocols.md 3.1).
"""

from __future__ import annotations

from functools import lru_cache


def _crc_of_byte(byte: int) -> int:
    crc = byte
    for _ in range(8):
        crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


_TABLE = tuple(_crc_of_byte(byte) for byte in range(256))


def crc16_modbus(data: bytes) -> int:
    """Compute CRC-16/Modbus: polynomial 0xA001 reflected, start 0xFFFF."""
    crc = 0xFFFF
    table = _TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


@lru_cache(maxsize=64)  # the same request goes out again and again
def keyed_checksum(data: bytes, key: int) -> bytes:
    """Compute the keyed checksum, low byte first (protocols.md 3.1)."""
    value = (~(crc16_modbus(data) | key) + 26) & 0xFFFF
    return value.to_bytes(2, "little")
