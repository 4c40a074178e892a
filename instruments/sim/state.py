"""The state file: where the module stands when the simulated bench begins."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from instruments.errors import BenchFileError
from instruments.toml_file import read_toml

MODES = ("off", "running", "shutdown")
OPENINGS = (
    "over_voltage",
    "under_voltage",
    "over_current_charge",
    "over_current_discharge",
    "temperature",
    "button",
)


@dataclass(frozen=True, slots=True)
class BenchState:
    """What a state file may say; None leaves the drawn or nominal value.

    `soc_pct` is the module's own scale: 0 % at 49.5 V and 43 A, 100 % at 54.5 V
    and 10 A. `temperature_c` is the true temperature of module and surroundings.
    """

    soc_pct: float | None = None
    module: str = "off"
    last_opening: str | None = None
    temperature_c: float | None = None
    trips: int = 0


def load_state(path: Path) -> BenchState:
    """Load one state file.

    Raises:
        BenchFileError: not readable, an unknown key, or a value out of range.
    """
    raw = read_toml(path)
    known = [field.name for field in fields(BenchState)]
    for key in raw:
        if key not in known:
            why = f"unknown key; write one of {', '.join(known)}"
            raise BenchFileError(str(path), key, why)
    return BenchState(
        soc_pct=_number(path, raw, "soc_pct", -6.0, 103.0),
        module=_choice(path, raw, "module", MODES) or "off",
        last_opening=_choice(path, raw, "last_opening", OPENINGS),
        temperature_c=_number(path, raw, "temperature_c", -40.0, 80.0),
        trips=_count(path, raw, "trips"),
    )


def _number(
    path: Path, raw: dict[str, object], key: str, low: float, high: float
) -> float | None:
    value = raw.get(key)
    if value is None:
        return None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not low <= float(value) <= high:  # type: ignore[arg-type]
        raise BenchFileError(str(path), key, f"write a number from {low} to {high}")
    return float(value)  # type: ignore[arg-type]


def _choice(
    path: Path, raw: dict[str, object], key: str, choices: tuple[str, ...]
) -> str | None:
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or value not in choices:
        raise BenchFileError(str(path), key, f"write one of {', '.join(choices)}")
    return value


def _count(path: Path, raw: dict[str, object], key: str) -> int:
    value = raw.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000:
        raise BenchFileError(str(path), key, "write a count from 0 to 1000")
    return value
