"""The shape of ``pylon_lv.toml``: what the DBC beside it cannot say."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import msgspec


class MessageProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold lengths [bytes], period [s] and oddities of one id.

    The first of `lengths` is sent, all are accepted; `tail` says what bytes beyond
    the described ones may hold.
    """

    can_id: int
    lengths: tuple[int, ...]
    period_s: float
    provenance: str
    tail: Literal["zero", "any"] = "zero"
    marker: tuple[int, ...] = ()
    magnitude: tuple[str, ...] = ()
    text: str = ""


class Stale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How old a value may be: a number of periods plus a time [s]."""

    periods: float
    plus_s: float


class KeepAlive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The frame that the host owes the module, and its period [s]."""

    can_id: int
    data_hex: str
    period_s: float


class PylonLvProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the content of ``pylon_lv.toml``; bitrate in [bit/s]."""

    name: str
    bitrate: int
    status: str
    capabilities: tuple[str, ...]
    stale: Stale
    keep_alive: KeepAlive
    message: tuple[MessageProfile, ...]
    flags: dict[str, dict[str, str]]


def load_profile() -> PylonLvProfile:
    """Load the profile shipped beside this module."""
    text = files("instruments.wire").joinpath("pylon_lv.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=PylonLvProfile)
