"""Round numbers for people: as far as their uncertainty bears, and no further."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from station.errors import one_line

_DIGITS_OF_UNCERTAINTY = 2
_DIGITS_ELSE = 4
_MOST_DECIMALS = 9


def decimals_of(row: Mapping[str, Any]) -> int | None:
    """Choose how many decimals a measurement's value and edges are shown with.

    Two significant digits of its uncertainty; None (four significant digits of the
    value itself) without one. Never so few that an edge moves to the other side of
    its limit: a FAIL has to look like one.
    """
    uncertainty = row.get("uncertainty")
    if not isinstance(uncertainty, float) or uncertainty <= 0.0:
        return None
    decimals = _decimals(uncertainty, _DIGITS_OF_UNCERTAINTY)
    pairs = [
        (row[edge], row[limit])
        for edge in ("value_low", "value_high")
        for limit in ("low", "high")
        if _is_number(row[edge]) and _is_number(row[limit])
    ]
    while decimals < _MOST_DECIMALS and any(
        (edge < limit) != (round(edge, decimals) < limit)
        or (edge > limit) != (round(edge, decimals) > limit)
        for edge, limit in pairs
    ):
        decimals += 1
    return decimals


def number_text(value: object, decimals: int | None = None) -> str:
    """Write a value on one line: words as they are, numbers rounded."""
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float) or not math.isfinite(value):
        return one_line(str(value))
    if decimals is not None:
        return f"{value:.{decimals}f}"
    text = f"{value:.{_decimals(value, _DIGITS_ELSE)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def limit_text(row: Mapping[str, Any]) -> str:
    """Write what a measurement was judged against, as the limit file gives it."""
    low, high, expect = row["low"], row["high"], row.get("expect")
    if expect is not None:
        return f"= {number_text(expect)}"
    if low is not None and high is not None:
        return f"{low:g} .. {high:g}"
    if high is not None:
        return f"<= {high:g}"
    return f">= {low:g}" if low is not None else ""


def _decimals(value: float, digits: int) -> int:
    """Count the decimals that show so many significant digits of a value."""
    if value == 0.0:
        return 0
    first = math.floor(math.log10(abs(value)))
    return min(_MOST_DECIMALS, max(0, digits - 1 - first))


def _is_number(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)
