"""What a link says wrongly: scale and offset of single values, nothing else.

The values that the rules work with stay right; only one link disagrees with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from instruments.sim.bms.can_node import CanImage

_NEVER_NEGATIVE = ("charge_current_a", "discharge_current_a", "soc_pct", "soh_pct")


class Misstatement:
    """Falsify what is said, by the names of the tables ``scale`` and ``offset``."""

    def __init__(self, scale: Mapping[str, float], offset: Mapping[str, float]) -> None:
        self._wrong = {
            name: (scale.get(name, 1.0), offset.get(name, 0.0))
            for name in (*scale, *offset)
            if (scale.get(name, 1.0), offset.get(name, 0.0)) != (1.0, 0.0)
        }

    def image(self, image: CanImage) -> CanImage:
        """Falsify a CAN image; a sound one comes back as it is."""
        if not self._wrong:
            return image
        said = {name: self._said(name, getattr(image, name)) for name in self._wrong}
        return replace(image, **said)  # type: ignore[arg-type]

    def values(
        self, found: Mapping[str, Callable[[], float]]
    ) -> Mapping[str, Callable[[], float]]:
        """Falsify register values, each when it is read."""
        if not self._wrong:
            return found
        return {name: self._finder(name, find) for name, find in found.items()}

    def _finder(self, name: str, find: Callable[[], float]) -> Callable[[], float]:
        if name not in self._wrong:
            return find
        return lambda: self._said(name, find())

    def _said(self, name: str, value: float) -> float:
        scale, offset = self._wrong[name]
        said = value * scale + offset
        return max(said, 0.0) if name in _NEVER_NEGATIVE else said
