"""Read how far a value may move before a behaviour counts as changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from instruments.errors import BenchFileError
from instruments.toml_file import read_toml
from limits.limit import Limit

SHIPPED = Path(__file__).with_name("tolerances.toml")
_SHARES = ("two_sided_share", "one_sided_share")


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Shares of a measurement's own limits, and absolute exceptions by its name."""

    two_sided_ratio: float
    one_sided_ratio: float
    exceptions: dict[str, float]

    def of(self, limit: Limit, value: float) -> float:
        """Calculate how far a value may move [unit of the limit].

        `value` is the baseline's.
        """
        if limit.name in self.exceptions:
            return self.exceptions[limit.name]
        if limit.low is not None and limit.high is not None:
            return self.two_sided_ratio * (limit.high - limit.low)
        edge = limit.low if limit.high is None else limit.high
        return self.one_sided_ratio * max(abs(edge or 0.0), abs(value))


def load_tolerances(path: Path = SHIPPED) -> Tolerances:
    """Load the shares; every one is there and above zero.

    Raises:
        BenchFileError: a key is missing, unknown, or no positive number.
    """
    raw = read_toml(path)
    default, measurement = raw.get("default", {}), raw.get("measurement", {})
    if set(raw) - {"default", "measurement"} or set(default) != set(_SHARES):
        why = f"write [default] with {' and '.join(_SHARES)}, and [measurement]"
        raise BenchFileError(str(path), "top level", why)
    for key, number in [*default.items(), *measurement.items()]:
        is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
        if not is_number or not 0.0 < number < float("inf"):
            raise BenchFileError(str(path), key, "write a number above zero")
    return Tolerances(
        float(default["two_sided_share"]),
        float(default["one_sided_share"]),
        {name: float(number) for name, number in measurement.items()},
    )
