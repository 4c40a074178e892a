"""One limit: the numbers, their unit, where they come from, how a value is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from limits.errors import LimitError

STATUSES = ("manual", "derived", "provisional")
"""`manual`: the text gives it; `derived`: follows from the text; else `provisional`."""

Expected = str | int | bool

Side = Literal["both", "upper", "lower"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What one measurement must satisfy: a range or an expected value, never both.

    Attributes:
        name: result key, ``<behaviour>_<quantity>_<unit>``.
        low: smallest accepted value [unit]; None where only the top is limited.
        high: largest accepted value [unit]; None where only the bottom is limited.
        expect: the only accepted value (a word, a count, true); None for a range.
        unit: unit of the numbers, "1" for words, counts and yes or no.
        source: manual line, requirement id, test plan, or "assumed: reason".
        status: one of STATUSES.
        requirements: ids of requirements.csv that a measurement here judges.
        safety: whether a failure here can hurt somebody.
        note: which reading was taken where the manual contradicts itself.
        behaviour: the table that the limit stands in.
    """

    name: str
    low: float | None
    high: float | None
    expect: Expected | None
    unit: str
    source: str
    status: str
    requirements: tuple[str, ...] = ()
    safety: bool = False
    note: str = ""
    behaviour: str = ""

    def judge(
        self, value_low: float, value_high: float, *, side: Side = "both"
    ) -> bool:
        """Judge what is known of a quantity by its worst edge [unit of the limit].

        Args:
            value_low: the lowest value that the quantity may have.
            value_high: the highest value that it may have.
            side: "upper" judges against `high` alone, "lower" against `low` alone.

        Returns:
            Whether the whole of value_low..value_high lies inside the limit.

        Raises:
            LimitError: an edge is None, NaN, infinite or no number, the edges are
                swapped, the limit expects one value and has no range, or it has no
                number on the side that is asked for.
        """
        if self.expect is not None:
            raise LimitError(f"{self.name}: expects {self.expect!r}; use matches()")
        edge_low = self._finite(value_low)
        edge_high = self._finite(value_high)
        if edge_low > edge_high:
            raise LimitError(f"{self.name}: edges swapped, {edge_low} > {edge_high}")
        low, high = self.sides(side)
        above = low is None or edge_low >= low
        below = high is None or edge_high <= high
        return above and below

    def sides(self, side: Side) -> tuple[float | None, float | None]:
        """Choose the numbers [unit of the limit] that a side is judged against.

        Raises:
            LimitError: there is no number on that side: nothing would be judged.
        """
        low = None if side == "upper" else self.low
        high = None if side == "lower" else self.high
        if low is None and high is None:
            raise LimitError(f"{self.name}: has no {side} limit to judge against")
        return low, high

    def judge_series(self, values: Sequence[float]) -> bool:
        """Judge a series by its smallest and largest member [unit of the limit].

        Raises:
            LimitError: the series is empty or holds a value that judge() refuses.
        """
        if not values:
            raise LimitError(f"{self.name}: an empty series cannot be judged")
        checked = [self._finite(value) for value in values]
        return self.judge(min(checked), max(checked))

    def matches(self, value: object) -> bool:
        """Compare a statement with the expected value.

        Raises:
            LimitError: the limit is a range, or the value is of another kind than
                the expected one (None included): the station does not know.
        """
        expected = self.expect
        if expected is None:
            raise LimitError(f"{self.name}: is a range; use judge()")
        if isinstance(expected, bool):
            same_kind = isinstance(value, bool)
        elif isinstance(expected, int):
            same_kind = isinstance(value, int | float) and not isinstance(value, bool)
            if same_kind:
                self._finite(value)
        else:
            same_kind = isinstance(value, str)
        if not same_kind:
            raise LimitError(f"{self.name}: expects {expected!r}, was given {value!r}")
        return value == expected

    def _finite(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise LimitError(f"{self.name}: {value!r} is no number")
        if not math.isfinite(value):
            raise LimitError(f"{self.name}: {value!r} is not finite")
        return float(value)

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.expect is not None:
            return _words(self.expect) + unit
        if self.low is None:
            return f"<= {self.high:g}{unit}"
        if self.high is None:
            return f">= {self.low:g}{unit}"
        return f"{self.low:g} .. {self.high:g}{unit}"


def _words(expected: Expected) -> str:
    if isinstance(expected, bool):
        return "yes" if expected else "no"
    return str(expected)
