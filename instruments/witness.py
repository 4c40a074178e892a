"""Two witnesses of one quantity: a reading that stands still is found when they part.

A meter, a supply or a load that repeats an old value looks healthy by itself. While the
bench is energised its current and voltage are read by two instruments each; when they
differ beyond their uncertainties for several looks on end, the station does not know
which one is right, and says so (test-plan.md, frozen).
"""

from __future__ import annotations

from instruments.errors import InstrumentError

_LOOKS = 3
"""One look may straddle an edge; three on end are no edge any more."""


class Witnesses:
    """Compares two instruments that measure the same thing.

    Args:
        one, other: who is compared, for the message.
        unit: unit of both readings.
        offset: tolerance at zero [unit].
        share: tolerance as a share of the larger reading.
    """

    def __init__(
        self, one: str, other: str, unit: str, offset: float, share: float
    ) -> None:
        self._one = one
        self._other = other
        self._unit = unit
        self._offset = offset
        self._share = share
        self._parted = 0

    def compare(self, one: float, other: float) -> None:
        """Compare two readings taken within the same look [unit].

        Raises:
            InstrumentError: they have differed for three looks on end.
        """
        if abs(one - other) <= self._offset + self._share * abs(one):
            self._parted = 0
            return
        self._parted += 1
        if self._parted >= _LOOKS:
            raise InstrumentError(
                f"{self._one} and {self._other}",
                f"read {one:.2f} and {other:.2f} {self._unit} of the same thing",
                "one of them stands still or is broken; check both",
            )
