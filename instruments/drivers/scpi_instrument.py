"""What every driver on a SCPI session shares: opening, reopening, closing."""

from __future__ import annotations

from instruments.errors import OutOfRange, SetpointMismatch
from instruments.roles import Identity
from instruments.scpi import ScpiLink


class ScpiInstrument:
    """A driver on one SCPI session; subclasses extend `_start`."""

    def __init__(self, link: ScpiLink) -> None:
        self.role = link.role
        self._link = link

    def open(self) -> Identity:
        """Open the link, prove who answers and configure the instrument.

        Raises:
            NotConnected, WrongInstrument, ReplyTimeout, BadReply, InstrumentRefused.
        """
        self._forget()
        identity = self._link.open()
        self._start(identity)
        return identity

    def reopen(self) -> None:
        """Close and open the link again: no old reply can answer the next query."""
        self.open()

    def close(self) -> None:
        """Close the link; never raises."""
        self._forget()
        self._link.close()

    def _forget(self) -> None:
        """Forget what was true of the last session only."""

    def _start(self, identity: Identity) -> None:
        """Configure the instrument after it has proved who it is."""

    def _check_range(self, what: str, value: float, low: float, high: float) -> None:
        """Refuse what the instrument is not rated for; never clamp."""
        if not low <= value <= high:
            raise OutOfRange(
                self.role,
                f"{what} {value:g} is outside {low:g} to {high:g}",
                "change the plan or use a larger instrument",
            )

    def _check_number(
        self, what: str, asked: float, field: str, resolution: float
    ) -> None:
        """Compare a number read back with the number asked for."""
        if abs(self._link.to_float(what, field) - asked) > resolution:
            self._mismatch(what, f"{asked:g}", field)

    def _check_switch(self, what: str, asked: bool, field: str) -> None:
        """Compare a switch read back with the state asked for."""
        if self._link.to_bool(what, field) is not asked:
            self._mismatch(what, "on" if asked else "off", field)

    def _mismatch(self, what: str, asked: str, found: str) -> None:
        raise SetpointMismatch(
            self.role,
            f"{what} asked {asked}, reads back {found}",
            "look at the front panel; another program may hold the instrument",
        )
