"""Tell when an answer contradicts the truth so far that a second witness must see it.

Tolerances: `witnesses.toml`, 2 % and 0.6 V or 1 A, the coarsest comparison of the
station's own witnesses.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import Enum
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from instruments.wire import weco_service
from instruments.wire.errors import FrameError
from instruments.wire.pylon_lv import PylonLv

_MEASURED = re.compile(r"[+-]?(\d+\.\d*([eE][+-]?\d+)?|\d+[eE][+-]?\d+)")


@cache
def load_witnesses() -> Mapping[str, Any]:
    """Load the tolerances."""
    path = Path(__file__).with_name("witnesses.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Parting(Enum):
    """How an answer differs from the truth.

    NOT: not at all, or no more than the witnesses allow. IN_VALUE: a number that a
    second witness contradicts. IN_FORM: text, a flag, or the number of fields.
    """

    NOT = 0
    IN_VALUE = 1
    IN_FORM = 2


def text_parting(role: str, message: str, true: str, given: str) -> Parting:
    """Compare two answers of a SCPI device or of the LED reader, field by field."""
    true_fields, given_fields = true.strip().split(";"), given.strip().split(";")
    if len(true_fields) != len(given_fields):
        return Parting.IN_FORM
    queries = [unit for unit in message.split(";") if "?" in unit]
    if len(queries) != len(true_fields):
        queries = [message] * len(true_fields)
    found = [
        _field_parting(role, query, one, other)
        for query, one, other in zip(queries, true_fields, given_fields, strict=True)
    ]
    return max(found, key=attrgetter("value"))


def service_parting(request: bytes, true: bytes, given: bytes) -> Parting:
    """Compare two replies of the service port to the same read request."""
    key = weco_service.load_profile().key
    try:
        asked = weco_service.parse_request(request, key)
        true_words = weco_service.parse_reply(true, asked.count, key)
        given_words = weco_service.parse_reply(given, asked.count, key)
    except FrameError:
        return Parting.NOT if true == given else Parting.IN_FORM
    table = _registers()
    return _values_parting(
        table.decode_words(asked.start, true_words),
        table.decode_words(asked.start, given_words),
    )


def frame_parting(can_id: int, true: bytes, given: bytes) -> Parting:
    """Compare two payloads of one CAN id."""
    codec = _codec()
    try:
        return _values_parting(codec.decode(can_id, true), codec.decode(can_id, given))
    except FrameError:
        return Parting.NOT if true == given else Parting.IN_FORM


@cache
def _registers() -> weco_service.RegisterTable:
    return weco_service.load_profile().table()


@cache
def _codec() -> PylonLv:
    return PylonLv()


@cache
def _unit_of(role: str, query: str) -> str:
    for entry in load_witnesses()["scpi"]:
        if entry["role"] in ("", role) and re.search(entry["query"], query):
            return str(entry["unit"])
    return "none"


@cache
def _bits_of(role: str, query: str) -> int | None:
    """Find the bits of a status byte that matter whenever it is read, or None."""
    for entry in load_witnesses()["bits"]:
        if entry["role"] == role and re.search(entry["query"], query):
            return int(entry["mask"])
    return None


def _field_parting(role: str, query: str, true: str, given: str) -> Parting:
    mask = _bits_of(role, query)
    if mask is None:
        return _list_parting(_unit_of(role, query), true, given)
    return _bits_parting(mask, true, given)


def _bits_parting(mask: int, true: str, given: str) -> Parting:
    if not (true.isdecimal() and given.isdecimal()):
        return Parting.NOT if true == given else Parting.IN_FORM
    same = int(true) & mask == int(given) & mask
    return Parting.NOT if same else Parting.IN_FORM


def _list_parting(unit: str, true: str, given: str) -> Parting:
    """Compare one field, or the fields of a list."""
    true_items, given_items = true.split(","), given.split(",")
    if len(true_items) != len(given_items):
        return Parting.IN_FORM
    found = Parting.NOT
    for one, other in zip(true_items, given_items, strict=True):
        if one == other:
            continue
        if not (_MEASURED.fullmatch(one) and _MEASURED.fullmatch(other)):
            return Parting.IN_FORM
        if _number_parts(unit, float(one), float(other)):
            found = Parting.IN_VALUE
    return found


def _values_parting(true: Mapping[str, Any], given: Mapping[str, Any]) -> Parting:
    """Compare what a module said where a meter is a witness; the rest is its word."""
    if true.keys() != given.keys():
        return Parting.IN_FORM
    parted = any(
        _number_parts(unit, true[name], given[name])
        for name, unit in load_witnesses()["said"].items()
        if name in true
    )
    return Parting.IN_VALUE if parted else Parting.NOT


def _number_parts(unit: str, true: float, given: float) -> bool:
    witnesses = load_witnesses()
    allowed = witnesses["share"] * abs(true) + witnesses["offset"][unit]
    return not abs(true - given) <= allowed
