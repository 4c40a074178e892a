"""Readings of a meter: in their full form, and never the same digits on and on.

A 6.5-digit meter carries noise in its last digits, so that a few equal answers running
say that it stands still; half an answer would read as another number.
"""

from __future__ import annotations

from instruments.scpi import ScpiLink

_EXPONENT_AT = slice(-4, -3)
"""Where the E of a whole reading stands: ``+5.25033317E+01``."""


class MeterReadings:
    """Takes the readings of one meter from its replies.

    Args:
        link: the meter's session; it is closed when a reply is refused.
        repeats: how many equal answers running are too many.
    """

    def __init__(self, link: ScpiLink, repeats: int = 5) -> None:
        self._link = link
        self._repeats = repeats
        self._last = ""
        self._times = 0

    def forget(self) -> None:
        """Begin anew, for a new session."""
        self._last = ""

    def take(self, text: str, reply: str) -> list[float]:
        """Convert every reading of the reply to `text`, separated by commas.

        Raises:
            BadReply: not in full, not finite, or the same once too often running.
        """
        self._check_repeats(text, reply)
        return [self._number(text, field) for field in reply.split(",")]

    def take_one(self, text: str, reply: str) -> float:
        """Convert the only reading of the reply to `text`; as `take`."""
        if reply == self._last:
            self._check_repeats(text, reply)
        else:
            self._last = reply
            self._times = 1
        return self._number(text, reply)

    def _number(self, text: str, field: str) -> float:
        if field[_EXPONENT_AT] != "E":
            self._link.bad_reply(text, field, "a reading with its exponent")
        return self._link.to_float(text, field)

    def _check_repeats(self, text: str, reply: str) -> None:
        if reply != self._last:
            self._last = reply
            self._times = 1
            return
        self._times += 1
        if self._times >= self._repeats:
            again = f"the very same {self._repeats} times running"
            self._link.bad_reply(text, reply, again)
