"""Draw one healthy module and bench out of the population.

Every value has its own stream (seed, name), so a new parameter moves no other draw.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.sim.parameter_files import FOLDER, Parameter, Value
from instruments.toml_file import read_toml

MAX_TRIES = 1000
DRAW_KEYS = frozenset({"target", "mode", "kind", "source", "a", "b", "low", "high"})


@dataclass(frozen=True, slots=True)
class Draw:
    """How one target spreads.

    Kind "normal": a mean, b standard deviation, truncated at low and high; "uniform":
    low to high; "rare": with probability a uniform low to high, otherwise 0. `mode`
    says what the number does to the default: set, add or scale.
    """

    target: str
    kind: str
    mode: str
    a: float
    b: float
    low: float
    high: float


def stream(seed: int, name: str) -> random.Random:
    """Make the generator of one named value: a function of (seed, name) only."""
    digest = sha256(f"{seed}/{name}".encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311


def load_draws(folder: Path = FOLDER) -> tuple[Draw, ...]:
    """Load the distributions of ``population*.toml``.

    Raises:
        BenchFileError: an unknown key, kind or mode.
    """
    return tuple(
        _draw(path.name, index, entry)
        for path in sorted(folder.glob("population*.toml"))
        for index, entry in enumerate(read_toml(path).get("draw", []), 1)
    )


def draw_population(
    parameters: dict[str, Parameter], seed: int, draws: tuple[Draw, ...]
) -> dict[str, Value]:
    """Draw the values of one seed; a list draws each of its items.

    Raises:
        BenchFileError: a distribution names a parameter that does not exist.
    """
    drawn: dict[str, Value] = {}
    for draw in draws:
        for key in _keys(parameters, draw.target):
            default = drawn.get(key, parameters[key].value)
            name = f"{key}/{draw.kind}"
            if isinstance(default, list):
                drawn[key] = [
                    _applied(draw, item, _number(draw, stream(seed, f"{name}/{index}")))
                    for index, item in enumerate(default)
                ]
            else:
                number = _number(draw, stream(seed, name))
                drawn[key] = _applied(draw, default, number)
    return drawn


def _keys(parameters: dict[str, Parameter], target: str) -> list[str]:
    """List the keys that a target means: itself, or with ``.*`` each one below."""
    if target.endswith(".*"):
        keys = [key for key in parameters if key.startswith(target[:-1])]
    else:
        keys = [key for key in (target,) if key in parameters]
    if not keys:
        raise BenchFileError("population.toml", target, "no such parameter")
    return keys


def _number(draw: Draw, generator: random.Random) -> float:
    if draw.kind == "uniform":
        return generator.uniform(draw.low, draw.high)
    if draw.kind == "rare":
        hit = generator.random() < draw.a
        return generator.uniform(draw.low, draw.high) if hit else 0.0
    for _ in range(MAX_TRIES):
        number = generator.gauss(draw.a, draw.b)
        if draw.low <= number <= draw.high:
            return number
    raise BenchFileError("population.toml", draw.target, "truncated to nothing")


def _applied(draw: Draw, default: Value, number: float) -> Value:
    result = number
    if draw.mode == "add":
        result = default + number
    elif draw.mode == "scale":
        result = default * number
    return round(result) if isinstance(default, int) else float(result)


def _draw(file: str, index: int, entry: dict[str, Any]) -> Draw:
    where = f"draw {index}"
    unknown = sorted(set(entry) - DRAW_KEYS)
    if unknown or not entry.get("source"):
        raise BenchFileError(file, where, f"unknown key {unknown} or no source")
    if entry["kind"] not in ("normal", "uniform", "rare"):
        raise BenchFileError(file, where, "kind is normal, uniform or rare")
    if entry["mode"] not in ("set", "add", "scale"):
        raise BenchFileError(file, where, "mode is set, add or scale")
    return Draw(
        entry["target"],
        entry["kind"],
        entry["mode"],
        float(entry.get("a", 0.0)),
        float(entry.get("b", 0.0)),
        float(entry["low"]),
        float(entry["high"]),
    )
