"""Which faults of one part are active now."""

from __future__ import annotations

from collections.abc import Mapping

from instruments.sim.world import World

NEVER_US = 1 << 62


class FaultSchedule:
    """The faults of one part, each from its own instant on.

    Args:
        world: bench time.
        from_us: bench time [µs] from which each fault is active, by name.
    """

    def __init__(self, world: World, from_us: Mapping[str, int] | None = None) -> None:
        self._world = world
        self._from_us = dict(from_us or {})
        self.first_us = min(self._from_us.values(), default=NEVER_US)

    def active(self, name: str) -> bool:
        """Tell whether a fault is active now."""
        return self._world.t_us >= self._from_us.get(name, NEVER_US)

    def begin(self, name: str) -> None:
        """Let a fault begin now, unless it is active already."""
        now_us = self._world.t_us
        self._from_us[name] = min(now_us, self._from_us.get(name, NEVER_US))
        self.first_us = min(self.first_us, now_us)

    def joined(self, other: FaultSchedule) -> FaultSchedule:
        """Take two parts' faults together."""
        return FaultSchedule(self._world, {**self._from_us, **other._from_us})
