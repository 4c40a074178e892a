"""Turn tables of the parameter file into the frozen dataclass of each rule.

The dataclass is the schema: a missing key or a value of another kind is refused with
the table and the key. Keys that other parts keep in the same table are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol, TypeVar, get_type_hints

from instruments.errors import BenchFileError

T = TypeVar("T")

US_PER_S = 1_000_000
SHORTEST_PERIOD_US = 10_000
_FILE = "simulated world's parameters"


class FaultEntry(Protocol):
    """One named fault that is switched on: `when` is "always" or a bench second."""

    @property
    def name(self) -> str:
        """Name the fault, for instance ``no_trip``."""
        ...

    @property
    def when(self) -> Any:  # noqa: ANN401  text or number, read by Faults
        """Tell from when on the fault acts."""
        ...


class ParameterSource(Protocol):
    """The part of the simulated world's parameters that the BMS reads."""

    def section(self, prefix: str) -> Mapping[str, Any]:
        """Return all values below a prefix under their relative dotted names."""
        ...

    def faults(self, target: str) -> Sequence[Any]:
        """Return the faults that are switched on for a target."""
        ...


class Faults:
    """The faults of one target, each with the bench time from which it acts."""

    __slots__ = ("_from_us", "any")

    def __init__(self, entries: Sequence[FaultEntry]) -> None:
        self._from_us = {
            entry.name: 0
            if entry.when == "always"
            else round(float(entry.when) * US_PER_S)
            for entry in entries
        }
        self.any = bool(self._from_us)

    def active(self, name: str, now_us: int) -> bool:
        """Tell whether the named fault acts at this instant."""
        from_us = self._from_us.get(name)
        return from_us is not None and now_us >= from_us


def to_us(seconds: float) -> int:
    """Convert a duration [s] to whole microseconds."""
    return round(seconds * US_PER_S)


def to_period_us(seconds: float, where: str) -> int:
    """Convert a period [s] to whole microseconds.

    Raises:
        BenchFileError: shorter than the model can follow; it would never sleep.
    """
    period_us = to_us(seconds)
    if period_us < SHORTEST_PERIOD_US:
        raise BenchFileError(_FILE, where, f"{seconds} s; write 0.01 s or more")
    return period_us


def build(cls: type[T], source: ParameterSource, prefix: str) -> T:
    """Build a parameter dataclass from the table `prefix`.

    Raises:
        BenchFileError: a key is missing or of another kind.
    """
    values = source.section(prefix)
    kinds = get_type_hints(cls)
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    arguments: dict[str, Any] = {}
    for name in names:
        if name not in values:
            raise BenchFileError(_FILE, f"{prefix}.{name}", "missing; add it")
        arguments[name] = _convert(values[name], kinds[name], f"{prefix}.{name}")
    return cls(**arguments)


def _convert(value: Any, kind: Any, where: str) -> Any:  # noqa: ANN401
    """Accept a whole number where a decimal one is due, and a list for a tuple."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and number:
        return float(value)
    if kind is int and number and float(value).is_integer():
        return int(value)
    if kind in (str, bool) and isinstance(value, kind):
        return value
    if kind == tuple[str, ...] and isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if kind == tuple[float, ...] and isinstance(value, list | tuple):
        return tuple(float(item) for item in value)
    raise BenchFileError(_FILE, where, f"{value!r} is of another kind than {kind}")
