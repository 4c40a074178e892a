"""Wiring of the bench file: names, channels and addresses that cannot be meant.

Two lines on one relay, two instruments at one address, or a second command hidden in
a channel's function would do what nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from instruments.errors import BenchFileError
from instruments.roles import INSTRUMENT_ROLES

if TYPE_CHECKING:
    from instruments.bench_file import BenchConfig

_FUNCTION = re.compile(r"[A-Z]+(:[A-Z]+)*( [A-Z0-9.,]+)?", re.ASCII)
_HIGHEST_CHANNEL = 99_999
_HIGHEST_BIT = 7  # the inputs are one byte
_FIBRES = 20  # of the LED reader
_MOST_NTC = 32
NEEDED_LINES = ("fixture_contactor", "dead_man", "button")
NEEDED_INPUTS = (
    "contactor_closed",
    "dead_man_alive",
    "estop_ok",
    "door_ok",
    "inhibit_ok",
)

Fault = tuple[str, str]
"""Where something is wrong, and what to write instead."""


def check_wiring(file: str, config: BenchConfig) -> None:
    """Check names, channels and addresses of a bench file.

    Raises:
        BenchFileError: names the first table and key that cannot be meant.
    """
    for where, why in _faults(config):
        raise BenchFileError(file, where, why)


def _faults(config: BenchConfig) -> Iterator[Fault]:
    yield from _channels(config)
    box = config.switchbox
    yield from _numbers("switchbox.lines", box.lines, NEEDED_LINES, _HIGHEST_CHANNEL)
    yield from _numbers("switchbox.inputs", box.inputs, NEEDED_INPUTS, _HIGHEST_BIT)
    if not 1 <= box.input_channel <= _HIGHEST_CHANNEL:
        yield "switchbox.input_channel", f"write 1 to {_HIGHEST_CHANNEL}"
    for bar, fibres in config.led_reader.bars.items():
        if len(set(fibres)) < len(fibres) or not set(fibres) <= set(
            range(1, _FIBRES + 1)
        ):
            yield f"led_reader.bars.{bar}", f"write six fibres of 1 to {_FIBRES}"
    if not 1 <= config.ntc_emulator.channels <= _MOST_NTC:
        yield "ntc_emulator.channels", f"write 1 to {_MOST_NTC}"
    yield from _addresses(config)


def _channels(config: BenchConfig) -> Iterator[Fault]:
    for name, (number, function) in config.scan_meter.channels.items():
        where = f"scan_meter.channels.{name}"
        if not 1 <= number <= _HIGHEST_CHANNEL:
            yield where, f"{number} is no channel; write 1 to {_HIGHEST_CHANNEL}"
        if not _FUNCTION.fullmatch(function):
            yield where, f"{function!r} is no function; write one as 'VOLT:DC 100'"


def _numbers(
    table: str, given: Mapping[str, int], needed: tuple[str, ...], highest: int
) -> Iterator[Fault]:
    for name in needed:
        if name not in given:
            yield f"{table}.{name}", "is missing; write its number"
    taken: dict[int, str] = {}
    for name, number in given.items():
        if not 0 <= number <= highest:
            yield f"{table}.{name}", f"{number} is no number of it; 0 to {highest}"
        if number in taken:
            yield f"{table}.{name}", f"{number} is {taken[number]} already"
        taken[number] = name


def _addresses(config: BenchConfig) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    texts = {
        f"{role}.resource": getattr(config, role).resource for role in INSTRUMENT_ROLES
    }
    texts["can.interface"] = config.can.interface
    texts["can.channel"] = config.can.channel
    texts["service.url"] = config.service.url
    for where, text in texts.items():
        plain = text.isascii() and text.isprintable() and text == text.strip() != ""
        if not plain:
            yield where, f"{text!r} is no address; write printable ASCII characters"
        if text in taken and not where.startswith("can."):
            yield where, f"{text!r} is {taken[text]} already"
        taken[text] = where
