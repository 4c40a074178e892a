"""The cable between the station and the module's service port (RS232).

Bytes reach the BMS at once; its answer arrives after a latency as an emission event.
Faults: absent (no adapter), silent (nothing arrives), corrupt (every third reply has a
flipped bit).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.serial_port import PortEnd
from instruments.sim.world import World

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

_CORRUPT_EVERY = 3


class ServiceCable:
    """Joins a serial port of the bench to the module under test."""

    def __init__(
        self,
        world: World,
        plant: Plant,
        next_latency_us: Callable[[], int],
        faults: FaultSchedule,
    ) -> None:
        self.end = PortEnd(world, self)
        self._world = world
        self._plant = plant
        self._next_latency_us = next_latency_us
        self._faults = faults
        self._replies = 0
        plant.on_serial.append(self._reply)

    def present(self) -> bool:
        """Tell whether the adapter can be opened."""
        return not self._faults.active("absent")

    def receive(self, data: bytes) -> None:
        """Take bytes from the station to the module."""
        self._plant.modules["module"].receive_serial(data)

    def _reply(self, module: str, t_us: int, data: bytes) -> None:
        if module != "module" or self._faults.active("silent"):
            return
        self._replies += 1
        if self._faults.active("corrupt") and self._replies % _CORRUPT_EVERY == 0:
            data = data[:-1] + bytes((data[-1] ^ 1,))
        self.end.emit_at(t_us + self._next_latency_us(), data)
