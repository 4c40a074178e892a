"""Hold the pack's voltage still within a step, whatever the current does.

The sources regulate the bench side. While the current of a constant-voltage step dies
away, the drops over leads and module contactor fade and the pack creeps on by tens of
millivolts: past a threshold, perhaps, seconds after the edge from which the delay
counts. So the setpoint gives way by a little more than those drops.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.trace import Sample

_LEAST_V = 0.002


class CreepTrim:
    """Takes a voltage setpoint back as the current dies away.

    Args:
        set_voltage_v: changes the setpoint [V] without making an edge.
        drop_ohm: resistance of leads and module contactor, with a margin [ohm].
        sign: -1 where the pack creeps upwards (charging), +1 where it creeps down.
    """

    def __init__(
        self, set_voltage_v: Callable[[float], None], drop_ohm: float, sign: float
    ) -> None:
        self._set_voltage_v = set_voltage_v
        self._drop_ohm = drop_ohm
        self._sign = sign
        self._level = 0.0
        self._standing_v = 0.0

    def __call__(self, level: float, first: Sample, now: Sample) -> None:
        """Trim one step whose first conducting sample is known."""
        if level != self._level:
            self._level = self._standing_v = level
        faded_a = abs(first.current_a) - abs(now.current_a)
        wanted_v = level + self._sign * self._drop_ohm * max(0.0, faded_a)
        if abs(wanted_v - self._standing_v) >= _LEAST_V:
            self._standing_v = wanted_v
            self._set_voltage_v(wanted_v)
