"""One call through a seam: where it stands in the program and in the bench's state."""

from __future__ import annotations

import re
from dataclasses import dataclass

SCPI = "scpi"
LED = "led"
SERVICE = "service"
CAN = "can"
CLOCK = "clock"
RECORD = "record"
SEAMS = (SCPI, LED, SERVICE, CAN, CLOCK, RECORD)

OPEN = "open"
RECV_FRAME = "recv frame"
RECV_NOTHING = "recv nothing"
SEND = "send"

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBERS = re.compile(rf"(?<= ){_NUMBER}(?:,{_NUMBER})*(?=[;,\s]|$)")


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the program: seam, role, and the message without its numbers."""

    seam: str
    role: str
    what: str

    def __str__(self) -> str:
        return f"{self.seam} {self.role} {self.what}"


@dataclass(frozen=True, slots=True)
class BenchState:
    """What the bench was doing, by the plant's truth; `phase` as the station says."""

    phase: str
    supply_on: bool
    load_on: bool
    fixture_closed: bool
    module_closed: bool

    def __str__(self) -> str:
        switches = (
            ("supply on", self.supply_on),
            ("load on", self.load_on),
            ("fixture closed", self.fixture_closed),
            ("module closed", self.module_closed),
        )
        active = [name for name, on in switches if on]
        return f"{self.phase or 'outside a phase'}: {', '.join(active) or 'all off'}"


@dataclass(frozen=True, slots=True)
class SeenCall:
    """The k-th call of a run, at bench time [µs]."""

    k: int
    t_us: int
    site: Site
    state: BenchState


def without_numbers(what: str) -> str:
    """Write a message with ``#`` for its numbers; channels and registers are names."""
    return _NUMBERS.sub("#", what)
