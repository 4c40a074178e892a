"""Look up what a power instrument can carry by the model it says it is."""

from __future__ import annotations

import re
from importlib.resources import files

import msgspec

from instruments.errors import WrongInstrument
from instruments.roles import Ratings

NO_RATINGS = Ratings(0.0, 0.0, 0.0)
"""Before an instrument is identified everything is out of its range."""


class _Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pattern: str
    voltage_v: float
    current_a: float
    power_w: float
    source: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    model: tuple[_Model, ...]


def load_ratings(role: str, model: str) -> Ratings:
    """Load voltage [V], current [A] and power [W] of a model from ``ratings.toml``.

    Raises:
        WrongInstrument: the model is not in the file.
    """
    text = files("instruments.drivers").joinpath("ratings.toml").read_text("utf-8")
    for entry in msgspec.toml.decode(text, type=_File).model:
        if re.search(entry.pattern, model):
            return Ratings(entry.voltage_v, entry.current_a, entry.power_w)
    raise WrongInstrument(
        role,
        f"no ratings known for model {model!r}",
        "add it to instruments/drivers/ratings.toml from its data sheet",
    )
