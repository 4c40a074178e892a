"""Compose the register image that the service port reads (protocols.md 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from instruments.wire.weco_registers import RegisterTable

_COLDEST_C, _HOTTEST_C = -40.0, 215.0


class LiveValues(Protocol):
    """Give the values of all registers that change, by register name."""

    def registers(self) -> Mapping[str, float]:
        """Return values in the unit of each register; raw ones as they go out."""
        ...


class RegisterImage:
    """Answer (start, count) with words; what the table does not know reads 0."""

    def __init__(
        self, table: RegisterTable, fixed: Mapping[str, float], live: LiveValues
    ) -> None:
        self._table = table
        self._live = live
        self._places: dict[int, tuple[str, int]] = {}
        for name, field in table.items():
            for k in range(field.words):
                self._places[field.address + k] = (name, k)
        self._fixed = {
            name: table.encode_words(name, value) for name, value in fixed.items()
        }

    def read(self, start: int, count: int) -> Sequence[int]:
        """Return `count` words from register `start`."""
        live = self._live.registers()
        return [self._word(address, live) for address in range(start, start + count)]

    def _word(self, address: int, live: Mapping[str, float]) -> int:
        place = self._places.get(address)
        if place is None:
            return 0
        name, k = place
        fixed = self._fixed.get(name)
        if fixed is not None:
            return fixed[k]
        value = live.get(name)
        return 0 if value is None else self._table.encode_words(name, value)[k]


def temperature_register_c(temperature_c: float) -> float:
    """Limit a temperature [°C] to what its unsigned register can hold."""
    return min(max(temperature_c, _COLDEST_C), _HOTTEST_C)
