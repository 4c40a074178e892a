"""Compose the register image that the service port reads (protocols.md 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from instruments.wire.weco_registers import RegisterTable


class RegisterImage:
    """Answer (start, count) with words; what the table does not know reads 0.

    Args:
        table: where each register is and how it is coded.
        fixed: the values that never change, by register name.
        live: how to find each value that does, in the register's unit.
    """

    def __init__(
        self,
        table: RegisterTable,
        fixed: Mapping[str, float],
        live: Mapping[str, Callable[[], float]],
    ) -> None:
        self._table = table
        self._fixed: dict[int, int] = {}
        self._live: dict[int, tuple[str, int, Callable[[], float]]] = {}
        for name, field in table.items():
            if name in fixed:
                words = table.encode_words(name, fixed[name])
                self._fixed.update(enumerate(words, field.address))
            elif name in live:
                for k in range(field.words):
                    self._live[field.address + k] = (name, k, live[name])
        # Most values stay from one read to the next: the last words of each are kept.
        self._coded: dict[str, tuple[float, tuple[int, ...]]] = {}

    def read(self, start: int, count: int) -> Sequence[int]:
        """Return `count` words from register `start`."""
        fixed = self._fixed
        return [
            fixed[address] if address in fixed else self._word(address)
            for address in range(start, start + count)
        ]

    def _word(self, address: int) -> int:
        entry = self._live.get(address)
        if entry is None:
            return 0
        name, k, find = entry
        value = find()
        coded = self._coded.get(name)
        if coded is None or coded[0] != value:
            coded = self._coded[name] = (value, self._table.encode_words(name, value))
        return coded[1][k]
