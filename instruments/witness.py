"""Two witnesses of one quantity: a reading that stands still is found when they part.

A meter, a supply or a load that repeats an old value looks healthy by itself. While the
bench is energised its current and voltage are read by two instruments each; when they
differ beyond their uncertainties for several looks on end, the station does not know
which one is right, and says so (test-plan.md, frozen).

A meter that answers with a wrong gain moves, but is found by its mean: a wrong shunt
meter would otherwise shift capacity and energy by its own error, unseen.
"""

from __future__ import annotations

from instruments.errors import InstrumentError
from instruments.trace import Sample

_LOOKS = 3
"""One look may straddle an edge; three on end are no edge any more."""


_PAIRS = 8
_SETTLE_US = 2_000_000
_STEADY_A = 0.3
_STEADY_V = 0.15


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
        self._agreed = True

    def begin(self) -> None:
        """Begin anew: from here on they have not been seen to agree."""
        self._agreed = False
        self._parted = 0

    def end(self) -> None:
        """See that they agreed at least once since `begin`, if they were compared.

        Raises:
            InstrumentError: a source that is on for two looks only never agreed.
        """
        if self._parted and not self._agreed:
            raise InstrumentError(
                f"{self._one} and {self._other}",
                f"never agreed within {self._offset:g} {self._unit} while it was on",
                "one of them stands still or is broken; check both",
            )

    def agree(self, one: float, other: float) -> bool:
        """Tell whether two readings lie within the tolerance [unit]."""
        return abs(one - other) <= self._offset + self._share * abs(one)

    def compare(self, one: float, other: float) -> None:
        """Compare two readings taken within the same look [unit].

        Raises:
            InstrumentError: they have differed for three looks on end.
        """
        if self.agree(one, other):
            self._parted = 0
            self._agreed = True
            return
        self._parted += 1
        if self._parted >= _LOOKS:
            raise InstrumentError(
                f"{self._one} and {self._other}",
                f"read {one:.2f} and {other:.2f} {self._unit} of the same thing",
                "one of them stands still or is broken; check both",
            )


class MeanWitnesses:
    """Compares the means of two instruments while current and voltage stand still.

    One pair of readings straddles edges and carries noise; eight pairs of a steady
    state do not, so that their means may be held to the instruments' uncertainties.

    Args:
        one, other: who is compared, for the message.
        unit: unit of both readings.
    """

    def __init__(self, one: str, other: str, unit: str) -> None:
        self._one = one
        self._other = other
        self._unit = unit
        self._from_us = 0
        self._pairs = 0
        self._sum = 0.0
        self._current_a = 0.0
        self._module_v = 0.0

    def compare(
        self, sample: Sample, difference: float, low: float, high: float
    ) -> None:
        """Take one more difference, `one` less `other`; judge eight at a time [unit].

        Args:
            sample: the look that it belongs to.
            difference: between two readings of this look.
            low, high: what the mean of the differences may be.

        Raises:
            InstrumentError: their mean is outside.
        """
        if (
            abs(sample.current_a - self._current_a) > _STEADY_A
            or abs(sample.module_v - self._module_v) > _STEADY_V
        ):
            self._begin(sample)
            self._from_us = sample.t_a_us + _SETTLE_US
        elif self._pairs >= _PAIRS:
            # Judged one look later: the last pair may have straddled an edge.
            self._judge(sample, low, high)
        if sample.t_a_us >= self._from_us:
            self._sum += difference
            self._pairs += 1

    def _judge(self, sample: Sample, low: float, high: float) -> None:
        mean = self._sum / self._pairs
        self._begin(sample)
        if not low <= mean <= high:
            raise InstrumentError(
                f"{self._one} and {self._other}",
                f"differ by {mean:.3f} {self._unit} at a steady"
                f" {sample.current_a:.2f} A, {sample.module_v:.2f} V; allowed"
                f" {low:.3f} .. {high:.3f} {self._unit}",
                "one of them is out of calibration; check both",
            )

    def _begin(self, sample: Sample) -> None:
        """Begin a new mean at this look."""
        self._pairs = 0
        self._sum = 0.0
        self._current_a = sample.current_a
        self._module_v = sample.module_v
