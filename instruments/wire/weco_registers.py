"""The register table of the weco-service profile: names, addresses, scales.

The numbers are in ``weco_service.toml`` with the provenance of each field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from instruments.wire.errors import FrameError


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field: value = sign * scale * raw + offset, in `unit`."""

    address: int
    provenance: Literal["published", "inferred", "named", "unknown"]
    scale: float = 1
    sign: Literal[1, -1] = 1
    offset: float = 0
    signed: bool = False
    words: Literal[1, 2] = 1
    unit: str = ""


_Plan = tuple[tuple[str, int, Register, int, float], ...]


class WecoServiceProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the content of ``weco_service.toml``; times in [s], baud in [bit/s]."""

    name: str
    baud: int
    unit: int
    key: int
    max_count: int
    timeout_s: float
    status: str
    capabilities: tuple[str, ...]
    blocks: dict[str, tuple[int, int]]
    bits: dict[str, dict[str, int]]
    registers: dict[str, Register]

    def table(self) -> RegisterTable:
        """Build the register table of this profile."""
        return RegisterTable(self.registers, self.bits)


class RegisterTable(Mapping[str, Register]):
    """Canonical register names to fields, and values to words and back."""

    def __init__(
        self,
        registers: Mapping[str, Register],
        bits: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
    ) -> None:
        self._registers = dict(registers)
        self._bits = bits
        self._plans: dict[tuple[int, int], _Plan] = {}
        taken: set[int] = set()
        for name, register in self._registers.items():
            span = set(range(register.address, register.address + register.words))
            if span & taken:
                raise FrameError(f"{name}: register {register.address} is taken")
            taken |= span

    def __getitem__(self, name: str) -> Register:
        return self._registers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._registers)

    def __len__(self) -> int:
        return len(self._registers)

    def encode(self, name: str, value: float) -> int:
        """Encode a value as raw number (two's complement where signed).

        Raises:
            FrameError: the value does not fit the register.
        """
        field = self[name]
        bits = 16 * field.words
        try:
            raw = round((value - field.offset) / (field.scale * field.sign))
        except (ValueError, OverflowError):
            raise FrameError(f"{name}: {value} is not finite") from None
        low, high = (
            (-(1 << bits - 1), 1 << bits - 1) if field.signed else (0, 1 << bits)
        )
        if not low <= raw < high:
            raise FrameError(f"{name}: {value} does not fit register {field.address}")
        return raw & (1 << bits) - 1

    def encode_words(self, name: str, value: float) -> tuple[int, ...]:
        """Encode a value as its 16-bit words, high word first."""
        raw = self.encode(name, value)
        return (raw,) if self[name].words == 1 else (raw >> 16, raw & 0xFFFF)

    def decode(self, name: str, raw: int) -> float:
        """Decode a raw number into the value in the register's unit."""
        field = self[name]
        bits = 16 * field.words
        if field.signed and raw >> bits - 1:
            raw -= 1 << bits
        return round(field.sign * field.scale * raw + field.offset, 6)

    def decode_words(self, start: int, words: Sequence[int]) -> dict[str, float]:
        """Decode every field that lies wholly inside words read from `start`."""
        plan = self._plans.get((start, len(words)))
        if plan is None:
            plan = self._plan(start, len(words))
            self._plans[start, len(words)] = plan
        values: dict[str, float] = {}
        for name, index, field, limit, factor in plan:
            raw = words[index]
            if field.words == 2:
                raw = raw << 16 | words[index + 1]
            if raw >= limit:
                raw -= 2 * limit
            values[name] = round(factor * raw + field.offset, 6)
        return values

    def _plan(self, start: int, count: int) -> _Plan:
        """List what lies wholly inside a block: it is decoded once a second."""
        plan = []
        for name, field in self._registers.items():
            index = field.address - start
            if 0 <= index <= count - field.words:
                bits = 16 * field.words
                limit = 1 << (bits - 1 if field.signed else bits)
                plan.append((name, index, field, limit, field.sign * field.scale))
        return tuple(plan)

    def bits(self, name: str, value: float) -> dict[str, bool]:
        """Split a bit register (``io_bits``, ``slaves_online``) into named bits."""
        return {bit: bool(int(value) >> n & 1) for bit, n in self._bits[name].items()}

    def from_bits(self, name: str, **states: bool) -> int:
        """Join named bits into the value of a bit register.

        Raises:
            FrameError: a bit name that the profile does not have.
        """
        value = 0
        for bit, on in states.items():
            if bit not in self._bits[name]:
                raise FrameError(f"{name}: the profile has no bit {bit!r}")
            value |= on << self._bits[name][bit]
        return value


def load_profile() -> WecoServiceProfile:
    """Load the profile shipped beside this module."""
    text = files("instruments.wire").joinpath("weco_service.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=WecoServiceProfile)
