"""Answer reads on the RS232 service port (IF-07, IF-10; protocols.md 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults
from instruments.wire.errors import FrameError
from instruments.wire.weco_service import (
    REQUEST_BYTES,
    encode_announce_ack,
    encode_reply,
    parse_announce,
    parse_request,
)

_ANNOUNCE_BYTES = 6
_FRAME_GAP_US = 20_000


@dataclass(frozen=True, slots=True)
class ServiceParameters:
    """Signs, scales of the unpublished registers, limits: [module.service]."""

    current_sign: int
    max_words: int
    cell_words_per_v: float
    pack_words_per_v: float
    words_per_a: float
    temperature_offset_c: float
    recommended_charge_a: float


class ServiceNode:
    """Collect bytes to a request and answer it; anything else is left unanswered."""

    def __init__(
        self, parameters: ServiceParameters, faults: Faults, default_key: int
    ) -> None:
        self._parameters = parameters
        self._faults = faults
        self._key = default_key
        self._buffer = b""
        self._last_us = 0

    def answer(
        self, data: bytes, read: Callable[[int, int], Sequence[int]], now_us: int
    ) -> bytes:
        """Take received bytes and return the answer, empty if none is due.

        `read(start, count)` returns the words of the register image.
        """
        if now_us - self._last_us > _FRAME_GAP_US:
            self._buffer = b""
        self._last_us = now_us
        self._buffer += data
        if self._faults.active("mute", now_us):
            self._buffer = b""
            return b""
        announce = self._buffer[:1] == b"\0"
        if len(self._buffer) < (_ANNOUNCE_BYTES if announce else REQUEST_BYTES):
            return b""
        frame, self._buffer = self._buffer, b""
        try:
            answer = self._announce(frame) if announce else self._read(frame, read)
        except FrameError:
            return b""
        if answer and self._faults.active("bad_checksum", now_us):
            answer = answer[:-1] + bytes([answer[-1] ^ 0xFF])
        return answer

    def _announce(self, frame: bytes) -> bytes:
        self._key = parse_announce(frame)
        return encode_announce_ack(self._key)

    def _read(self, frame: bytes, read: Callable[[int, int], Sequence[int]]) -> bytes:
        request = parse_request(frame, self._key)
        if request.count > self._parameters.max_words:
            return b""
        return encode_reply(read(request.start, request.count), self._key)
