"""A set of limits as one file and its overlays give it, with its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from limits.errors import UnknownLimit
from limits.limit import Limit


class LimitSet(Mapping[str, Limit]):
    """Named limits in the order of the files, read-only.

    Args:
        name: name of the file that was asked for, for instance ``eol.toml``.
        title: what the file says about itself.
        limits: the merged limits.
        files: names of all files that took part, the base first.
    """

    def __init__(
        self, name: str, title: str, limits: Mapping[str, Limit], files: tuple[str, ...]
    ) -> None:
        self.name = name
        self.title = title
        self.files = files
        self._limits = dict(limits)
        self.sha256 = _fingerprint(self._limits)

    def __getitem__(self, name: str) -> Limit:
        try:
            return self._limits[name]
        except KeyError:
            why = "no such limit; `station limits show` lists the names"
            raise UnknownLimit(self.name, name, why) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._limits)

    def __len__(self) -> int:
        return len(self._limits)

    def behaviours(self) -> tuple[str, ...]:
        """List the behaviours (tables) that have a limit, in file order."""
        return tuple(dict.fromkeys(limit.behaviour for limit in self.values()))

    def for_behaviour(self, behaviour: str) -> tuple[Limit, ...]:
        """List the limits of one behaviour, in file order.

        Raises:
            UnknownLimit: no table has this name.
        """
        found = tuple(item for item in self.values() if item.behaviour == behaviour)
        if not found:
            known = ", ".join(self.behaviours())
            raise UnknownLimit(self.name, behaviour, f"no such table; known: {known}")
        return found


def _fingerprint(limits: Mapping[str, Limit]) -> str:
    """Hash the merged content; the order and layout of the files do not matter."""
    content = {name: asdict(limit) for name, limit in limits.items()}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
