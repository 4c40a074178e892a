"""Feasa LED analyser: the colours of the LED bars.

Dialect: instruments.md 1.16. It captures before every reading, because the data stay
from the last capture; a dimmed LED that defeats auto capture answers X and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from instruments.drivers.feasa_colours import ColourTable, load_colours
from instruments.drivers.feasa_line import FeasaLine
from instruments.errors import OutOfRange
from instruments.roles import Identity, LedBar

_CAPTURE = "capture"
_READ_ALL = "gethsiall"
_FIBRES = 20
_LINE = re.compile(r"(\d\d) +(\d+\.\d+) +(\d+) +(\d+)")
_OVER_RANGE = 99999
_LEDS = 5
DEFAULT_BARS: Mapping[str, Sequence[int]] = {
    "module": (1, 2, 3, 4, 5, 6),
    "peer1": (7, 8, 9, 10, 11, 12),
    "peer2": (13, 14, 15, 16, 17, 18),
}


class FeasaLedAnalyser:
    """The LED reader role.

    Args:
        line: its serial line.
        bars: fibres of LED1..LED5 and of the button LED, by bar.
        colours: hue bands; by default ``feasa_colours.toml``.
    """

    def __init__(
        self,
        line: FeasaLine,
        *,
        bars: Mapping[str, Sequence[int]] = DEFAULT_BARS,
        colours: ColourTable | None = None,
    ) -> None:
        self.role = line.role
        self._line = line
        self._bars = {name: tuple(fibres) for name, fibres in bars.items()}
        self._colours = colours or load_colours()

    def open(self) -> Identity:
        """Open the line and prove that an LED analyser answers.

        Raises:
            NotConnected, ReplyTimeout, BadReply.
        """
        self._line.open()
        self._capture()
        (serial,) = self._line.exchange("getserial", 1)
        (version,) = self._line.exchange("getversion", 1)
        for asked, reply in (("getserial", serial), ("getversion", version)):
            if "error" in reply.lower():
                self._line.bad_reply(asked, reply, "an identity")
        return Identity("Feasa", "LED analyser", serial, version)

    def reopen(self) -> None:
        """Close and open the line again."""
        self.open()

    def close(self) -> None:
        """Close the line; never raises."""
        self._line.close()

    def read_bar(self, bar: str) -> LedBar:
        """Capture and read one bar: "module", "peer1" or "peer2".

        Raises:
            OutOfRange: a bar that the bench file does not have.
            BadReply: no colour could be read, or none that the station knows.
        """
        fibres = self._bars.get(bar)
        if fibres is None or len(fibres) != _LEDS + 1:
            raise OutOfRange(
                self.role,
                f"no bar {bar!r} with six fibres",
                "add it to bars of this role in the bench file",
            )
        self._capture()
        lines = self._line.exchange(_READ_ALL, _FIBRES)
        one, two, three, four, five, button = (
            self._colour(lines[fibre - 1], fibre) for fibre in fibres
        )
        return LedBar((one, two, three, four, five), button)

    def _capture(self) -> None:
        (reply,) = self._line.exchange(_CAPTURE, 1)
        if reply != "OK":
            self._line.bad_reply(_CAPTURE, reply, "OK")

    def _colour(self, line: str, fibre: int) -> str:
        match = _LINE.fullmatch(line)
        if match is None or int(match[1]) != fibre or int(match[4]) >= _OVER_RANGE:
            self._line.bad_reply(_READ_ALL, line, f"a reading of fibre {fibre}")
        colour = self._colours.colour(float(match[2]), int(match[3]), int(match[4]))
        if colour is None:
            self._line.bad_reply(_READ_ALL, line, "a colour of feasa_colours.toml")
        return colour
