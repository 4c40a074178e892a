"""The station's resistance emulator: stands in for the temperature sensors.

Programmable resistors have no common language (instruments.md 1.15), so the station
defines its own SCPI dialect for whatever box is fitted:
``MODE:CH1 OHM|OPEN|SHORT|REAL``, ``RES:CH1 10000``, and the same as queries.
"""

from __future__ import annotations

import math

from instruments.drivers.scpi_instrument import ScpiInstrument
from instruments.scpi import ScpiLink

IDN_PATTERN = r"(?i)NTC-EMULATOR"

_MODES = {"OHM": "ohm", "OPEN": "open", "SHORT": "short", "REAL": "real"}
_RESOLUTION = 2e-3  # of the value, plus one ohm


class ResistanceEmulator(ScpiInstrument):
    """The NTC emulator role.

    Args:
        link: its session.
        channels: number of channels.
        low_ohm, high_ohm: what it can imitate [ohm].
    """

    def __init__(
        self,
        link: ScpiLink,
        *,
        channels: int = 4,
        low_ohm: float = 10.0,
        high_ohm: float = 2e6,
    ) -> None:
        super().__init__(link)
        self.channels = channels
        self._low_ohm = low_ohm
        self._high_ohm = high_ohm

    def set_ohm(self, channel: int, ohm: float) -> None:
        """Substitute channel 1..n by a resistance [ohm] and read it back.

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_channel(channel)
        self._check_range("resistance [ohm]", ohm, self._low_ohm, self._high_ohm)
        mode, value = self._link.apply(
            f"RES:CH{channel} {ohm:.2f};:MODE:CH{channel} OHM",
            f"MODE:CH{channel}?",
            f"RES:CH{channel}?",
        )
        self._check_mode(channel, "OHM", mode)
        self._check_number(f"RES:CH{channel}", ohm, value, ohm * _RESOLUTION + 1.0)

    def set_open(self, channel: int) -> None:
        """Leave the channel open."""
        self._set_mode(channel, "OPEN")

    def set_short(self, channel: int) -> None:
        """Short the channel."""
        self._set_mode(channel, "SHORT")

    def set_real(self, channel: int) -> None:
        """Connect the module's own sensor again."""
        self._set_mode(channel, "REAL")

    def read_state(self, channel: int) -> tuple[str, float]:
        """Read ("ohm"|"open"|"short"|"real", resistance [ohm] or nan)."""
        self._check_channel(channel)
        query = f"MODE:CH{channel}?;:RES:CH{channel}?"
        mode, value = self._link.read_fields(query, 2)
        state = _MODES.get(mode.upper())
        if state is None:
            self._link.bad_reply(query, mode, "OHM, OPEN, SHORT or REAL")
        if state != "ohm":
            return state, math.nan
        return state, self._link.to_float(query, value)

    def _set_mode(self, channel: int, word: str) -> None:
        self._check_channel(channel)
        (mode,) = self._link.apply(f"MODE:CH{channel} {word}", f"MODE:CH{channel}?")
        self._check_mode(channel, word, mode)

    def _check_mode(self, channel: int, asked: str, field: str) -> None:
        if field.upper() != asked:
            self._mismatch(f"MODE:CH{channel}", asked, field)

    def _check_channel(self, channel: int) -> None:
        self._check_range("channel", channel, 1, self.channels)
