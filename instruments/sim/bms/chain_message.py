"""Encode and decode the messages of the RS485 chain between modules.

The real ones are unpublished; these are the model's own and never leave it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEARTBEAT = struct.Struct(">2sB?f")
_STATUS = struct.Struct(">2sB??8f")
_HEARTBEAT_MARK = b"MH"
_STATUS_MARK = b"SS"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The master's call: whether it runs, and its pack voltage [V]."""

    sequence: int
    running: bool
    pack_v: float


@dataclass(frozen=True, slots=True)
class Status:
    """A slave's answer: who it is, how it is, and its readings."""

    number: int
    running: bool
    imbalance: bool
    pack_v: float
    current_a: float
    temperature_max_c: float
    temperature_min_c: float
    cell_max_v: float
    cell_min_v: float
    soc_pct: float
    capacity_ah: float


def encode_heartbeat(message: Heartbeat) -> bytes:
    """Encode the master's call."""
    return _HEARTBEAT.pack(
        _HEARTBEAT_MARK, message.sequence & 0xFF, message.running, message.pack_v
    )


def encode_status(message: Status) -> bytes:
    """Encode a slave's answer."""
    return _STATUS.pack(
        _STATUS_MARK,
        message.number,
        message.running,
        message.imbalance,
        message.pack_v,
        message.current_a,
        message.temperature_max_c,
        message.temperature_min_c,
        message.cell_max_v,
        message.cell_min_v,
        message.soc_pct,
        message.capacity_ah,
    )


def decode(data: bytes) -> Heartbeat | Status | None:
    """Decode a message; None for anything else on the line."""
    if data[:2] == _HEARTBEAT_MARK and len(data) == _HEARTBEAT.size:
        return Heartbeat(*_HEARTBEAT.unpack(data)[1:])
    if data[:2] == _STATUS_MARK and len(data) == _STATUS.size:
        return Status(*_STATUS.unpack(data)[1:])
    return None
