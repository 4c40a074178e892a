"""What may follow a SCPI header, and the errors that instruments answer with.

Codes and wording follow SCPI-99 volume 2, section 21.8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

Params: TypeAlias = tuple[str, ...]

_TEXTS = {
    -102: "Syntax error",
    -104: "Data type error",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -113: "Undefined header",
    -221: "Settings conflict",
    -222: "Data out of range",
    -224: "Illegal parameter value",
    -230: "Data corrupt or stale",
    -350: "Queue overflow",
    -363: "Input buffer overrun",
    -410: "Query INTERRUPTED",
}


class ScpiFault(Exception):
    """One refusal, on its way into the instrument's error queue."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        text = _TEXTS[code]
        self.text = f"{text};{detail}" if detail else text


def short_form(mnemonic: str) -> str:
    """Take the upper-case part of a mnemonic as manuals print it: ``VOLTage``."""
    return "".join(letter for letter in mnemonic if not letter.islower())


def _only(params: Params) -> str:
    if not params:
        raise ScpiFault(-109)
    if len(params) > 1:
        raise ScpiFault(-108)
    return params[0]


def no_parameter(params: Params) -> None:
    """Insist that nothing follows the header.

    Raises:
        ScpiFault: -108.
    """
    if params:
        raise ScpiFault(-108)


def number(params: Params, low: float, high: float) -> float:
    """Read the only parameter as a number between two bounds; MIN and MAX name them.

    Raises:
        ScpiFault: -104, -108, -109, or -222 outside the bounds.
    """
    text = _only(params).upper()
    if text in ("MIN", "MINIMUM"):
        return low
    if text in ("MAX", "MAXIMUM"):
        return high
    try:
        value = float(text)
    except ValueError:
        raise ScpiFault(-104, text) from None
    if not math.isfinite(value):
        raise ScpiFault(-104, text)
    if not low <= value <= high:
        raise ScpiFault(-222, text)
    return value


def boolean(params: Params) -> bool:
    """Read the only parameter as ON, OFF, 1 or 0.

    Raises:
        ScpiFault: -108, -109 or -224.
    """
    text = _only(params).upper()
    if text in ("ON", "1"):
        return True
    if text in ("OFF", "0"):
        return False
    raise ScpiFault(-224, text)


def choice(params: Params, words: Sequence[str]) -> str:
    """Read the only parameter as one of the words, short or long, in its short form.

    Raises:
        ScpiFault: -108, -109 or -224.
    """
    text = _only(params).upper()
    for word in words:
        if text in (short_form(word), word.upper()):
            return short_form(word)
    raise ScpiFault(-224, text)


@lru_cache(maxsize=256)
def channel_list(params: Params) -> tuple[int, ...]:
    """Read the last parameter as a channel list ``(@101,103:105)``.

    Raises:
        ScpiFault: -102, -109 or -224.
    """
    if not params:
        raise ScpiFault(-109)
    text = params[-1]
    if not (text.startswith("(@") and text.endswith(")")):
        raise ScpiFault(-102, text)
    channels: list[int] = []
    for part in text[2:-1].split(","):
        first, _, last = part.strip().partition(":")
        try:
            low, high = int(first), int(last or first)
        except ValueError:
            raise ScpiFault(-102, text) from None
        if high < low or high - low > 999:
            raise ScpiFault(-224, text)
        channels.extend(range(low, high + 1))
    return tuple(channels)
