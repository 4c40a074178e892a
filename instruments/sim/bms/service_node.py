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
_SOMETIMES = 7
"""Every so many answers is lost or damaged by the faults ..._some."""


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
        self._requests = 0
        self._first: dict[tuple[int, int], Sequence[int]] = {}

    def has(self, fault: str, now_us: int) -> bool:
        """Tell whether a fault of the service port acts at this instant."""
        return self._faults.active(fault, now_us)

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
            answer = (
                self._announce(frame)
                if announce
                else self._read(frame, self._faulty(read, now_us))
            )
        except FrameError:
            return b""
        return self._sent(answer, now_us) if self._faults.any else answer

    def _sent(self, answer: bytes, now_us: int) -> bytes:
        """Damage an answer on its way out, or lose it."""
        self._requests += 1
        nth = self._requests % _SOMETIMES == 0
        if nth and self.has("misses_some", now_us):
            return b""
        some = nth and self.has("bad_checksum_some", now_us)
        if answer and (some or self.has("bad_checksum", now_us)):
            answer = answer[:-1] + bytes([answer[-1] ^ 0xFF])
        return answer

    def _faulty(
        self, read: Callable[[int, int], Sequence[int]], now_us: int
    ) -> Callable[[int, int], Sequence[int]]:
        """Give what is read the wrong byte order, or what was read the first time."""
        if not self._faults.any:
            return read

        def words(start: int, count: int) -> Sequence[int]:
            found = read(start, count)
            if self.has("frozen", now_us):
                found = self._first.setdefault((start, count), found)
            if self.has("byte_order", now_us):
                found = [(word & 0xFF) << 8 | word >> 8 for word in found]
            return found

        return words

    def _announce(self, frame: bytes) -> bytes:
        self._key = parse_announce(frame)
        return encode_announce_ack(self._key)

    def _read(self, frame: bytes, read: Callable[[int, int], Sequence[int]]) -> bytes:
        request = parse_request(frame, self._key)
        if request.count > self._parameters.max_words:
            return b""
        return encode_reply(read(request.start, request.count), self._key)
