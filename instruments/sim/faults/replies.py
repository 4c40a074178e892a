"""How a fault alters an answer: bytes in, bytes out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random

from instruments.sim.faults.kinds import (
    FROZEN,
    GARBAGE,
    NAN,
    OVERLOAD,
    SERVICE_CORRUPT,
    SHORT_REPLY,
    STALE_REPLY,
    UNSOLICITED,
)

_MEASURED = re.compile(rb"[+-]?\d+\.\d*(?:[eE][+-]?\d+)?|[+-]?\d+[eE][+-]?\d+")
_ANY_NUMBER = re.compile(rb"[+-]?\d+")
_UNSOLICITED_LINE = b"**WARNING: fan service due"
_UNSOLICITED_BYTES = b"\x00\xff\x55"


@dataclass(slots=True)
class ReplyMemory:
    """The true answers of one device so far, each with its bench time [µs].

    `last` is the last one to any message, `by_message` the last one to each.
    """

    last: bytes | None = None
    last_us: int = 0
    by_message: dict[bytes, bytes] = field(default_factory=dict)
    by_message_us: dict[bytes, int] = field(default_factory=dict)

    def keep(self, t_us: int, message: bytes, true: bytes, frozen: bool) -> None:
        """Remember a true answer; frozen ones stay those of before."""
        self.last, self.last_us = true, t_us
        if not frozen or message not in self.by_message:
            self.by_message[message] = true
            self.by_message_us[message] = t_us

    def age_us(self, t_us: int, kind: str, message: bytes) -> int:
        """Tell how old an answer is that a fault gives again [µs]."""
        if kind == FROZEN:
            return t_us - self.by_message_us.get(message, t_us)
        return t_us - self.last_us


def alter(
    kind: str,
    true: bytes,
    message: bytes,
    memory: ReplyMemory,
    draw: Random,
    line_end: bytes,
) -> bytes:
    """Turn the true answer into the one that is given; other kinds leave it alone.

    Args:
        kind: name of the fault.
        true: the answer, with its line end.
        message: what was asked.
        memory: the true answers before this one.
        draw: for the bytes of garbage.
        line_end: ends a line of this device; empty where frames have none.
    """
    if kind == STALE_REPLY:
        return true if memory.last is None else memory.last
    if kind == FROZEN:
        return memory.by_message.get(message, true)
    if kind == SHORT_REPLY:
        body = true.removesuffix(line_end)
        return body[: len(body) // 2] + line_end
    if kind == GARBAGE:
        return _garbage(true, draw, line_end)
    if kind == UNSOLICITED:
        extra = _UNSOLICITED_LINE if line_end else _UNSOLICITED_BYTES
        return extra + line_end + true
    if kind == SERVICE_CORRUPT:
        return true[:-1] + bytes((true[-1] ^ 1,))
    if kind in (NAN, OVERLOAD):
        return _without_values(true, b"NAN" if kind == NAN else b"9.9E37", line_end)
    return true


def _garbage(true: bytes, draw: Random, line_end: bytes) -> bytes:
    """Draw noise as long as the answer, without a line end inside."""
    length = max(2, len(true) - len(line_end))
    return bytes(draw.randint(0x21, 0xFF) for _ in range(length)) + line_end


def _without_values(true: bytes, word: bytes, line_end: bytes) -> bytes:
    """Put a word in place of the measured values, or of all numbers, or of all."""
    for numbers in (_MEASURED, _ANY_NUMBER):
        given, count = numbers.subn(word, true)
        if count:
            return given
    return word + line_end
