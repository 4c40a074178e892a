"""What a simulated bench puts behind pyvisa, python-can and pyserial."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyvisa.util import LibraryPath

from instruments.sim.can_bus import SendFrame, SimulatedCanBus
from instruments.sim.serial_port import PortEnd
from instruments.sim.visa_backend import SimulatedVisaLibrary
from instruments.sim.world import World


class BenchSeams:
    """The seams as they are; `faults.seams` puts fault points into them.

    Attributes:
        ends: the bench's end of each serial port, by its name.
    """

    def __init__(self, led_reader: PortEnd, service: PortEnd) -> None:
        self.ends: Mapping[str, PortEnd] = {
            "led_reader": led_reader,
            "service": service,
        }

    def library(self, path: LibraryPath) -> SimulatedVisaLibrary:
        """Make the VISA library that pyvisa caches under a path."""
        return SimulatedVisaLibrary(path)

    def can_bus(
        self,
        channel: str,
        world: World,
        send_frame: SendFrame,
        on_shutdown: Callable[[SimulatedCanBus], None],
    ) -> SimulatedCanBus:
        """Make one open CAN adapter."""
        return SimulatedCanBus(channel, world, send_frame, on_shutdown)
