"""The seams of one simulated bench with fault points in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyvisa.util import LibraryPath

from instruments.sim.bench_seams import BenchSeams
from instruments.sim.can_bus import SendFrame, SimulatedCanBus
from instruments.sim.faults.call import LED, SERVICE
from instruments.sim.faults.can import FaultedCanBus
from instruments.sim.faults.lines import FaultedLine, LineOwner
from instruments.sim.faults.scpi import FaultedVisaLibrary
from instruments.sim.faults.truth import Truth
from instruments.sim.world import World

if TYPE_CHECKING:
    from instruments.sim.faults.points import FaultPoints
    from instruments.sim.simulated_bench import SimulatedBench


class FaultedSeams(BenchSeams):
    """Every call passes the fault points on its way to the simulated bench.

    Args:
        bench: the bench, as far as it is built: world, plant, rack.
        points: the fault points; they get the truth of this bench.
        led_reader, service: the devices on the two serial lines.
    """

    def __init__(
        self,
        bench: SimulatedBench,
        points: FaultPoints,
        led_reader: LineOwner,
        service: LineOwner,
    ) -> None:
        world, module = bench.world, bench.plant.modules["module"]
        wiring = bench.parameters.section("switchbox.wiring")
        lines = {int(channel): str(line) for channel, line in wiring.items()}
        self._points = points
        self._truth = Truth(bench.plant, lines)
        points.attach(bench, self._truth)
        led_line = FaultedLine(
            world, points, LED, "led_reader", led_reader, lambda: True
        )
        service_line = FaultedLine(
            world, points, SERVICE, "service", service, lambda: module.awake
        )
        super().__init__(led_line.end, service_line.end)

    def library(self, path: LibraryPath) -> FaultedVisaLibrary:
        """Make the VISA library that pyvisa caches under a path."""
        library = FaultedVisaLibrary(path)
        library.observe(self._points, self._truth.messages)
        return library

    def can_bus(
        self,
        channel: str,
        world: World,
        send_frame: SendFrame,
        on_shutdown: Callable[[SimulatedCanBus], None],
    ) -> SimulatedCanBus:
        """Make one open CAN adapter."""
        return FaultedCanBus(channel, world, send_frame, on_shutdown, self._points)
