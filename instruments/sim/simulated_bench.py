"""The simulated bench as one object: world, plant, instruments, CAN and serial ports.

`instruments.open` builds it and hands its resource manager, its bus and its ports to
the same drivers and links that a real bench gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

import pyvisa
from pyvisa.util import LibraryPath

from instruments.errors import BenchFileError
from instruments.sim.bench_seams import BenchSeams
from instruments.sim.can_bus import SimulatedCanBus
from instruments.sim.firmware import SHIPPED, Firmware
from instruments.sim.instrument_rack import InstrumentRack
from instruments.sim.parameters import Parameters, load_parameters
from instruments.sim.serial_port import PROTOCOL, enter_port, remove_port
from instruments.sim.service_cable import ServiceCable
from instruments.sim.world import World

if TYPE_CHECKING:
    from pathlib import Path

    import can

    from instruments.clock import StopSwitch
    from instruments.sim.defects import DefectFile
    from instruments.sim.faults.points import FaultPoints
    from instruments.sim.plant import Plant
    from instruments.sim.state import BenchState
    from instruments.sim.visa_backend import SimulatedVisaLibrary

_bench_numbers = count(1)


class SimulatedBench:
    """Every seam of the simulated bench.

    Args:
        world: bench time.
        plant: circuit, modules and fixture.
        params: all numbers, defects applied.
        seed: for noise and latency; 0 when the user gave none.
        resources: VISA resource name by role (`BenchConfig.resources()`).
        latency: False makes every exchange instantaneous, by explicit option only.
        fault_points: what every call passes; None is the bench without them.
    """

    name: str
    _library: SimulatedVisaLibrary
    _seams: BenchSeams
    _urls: dict[str, str]

    def __init__(
        self,
        world: World,
        plant: Plant,
        params: Parameters,
        seed: int,
        resources: Mapping[str, str],
        *,
        latency: bool = True,
        fault_points: FaultPoints | None = None,
    ) -> None:
        self.world = world
        self.plant = plant
        self.parameters = params
        self.rack = rack = InstrumentRack(world, plant, params, seed, latency)
        self.devices = rack.devices()
        self._by_resource = {
            resource: self.devices[role] for role, resource in resources.items()
        }
        self._manager: pyvisa.ResourceManager | None = None
        self._buses: list[SimulatedCanBus] = []
        self._can_faults = rack.faults_of("can")
        plant.on_can_frame.append(self._deliver_frame)
        service = ServiceCable(
            world,
            plant,
            rack.latency_of("module.service"),
            rack.faults_of("service"),
        )
        led_reader = rack.led_reader()
        if fault_points is None:
            self._seams = BenchSeams(led_reader.end, service.end)
        else:
            from instruments.sim.faults.seams import FaultedSeams

            self._seams = FaultedSeams(self, fault_points, led_reader, service)
        self.connect()

    # -- seams -------------------------------------------------------------------

    def connect(self) -> None:
        """Offer the seams under names of their own; after `close` once more."""
        self.name = f"bench{next(_bench_numbers)}"
        path = LibraryPath(f"simulated-bench/{self.name}")
        self._library = self._seams.library(path)
        self._library.attach(self.world, self._by_resource)
        self._urls = {}
        for port, end in self._seams.ends.items():
            end.is_open = False
            self._urls[port] = f"{PROTOCOL}://{self.name}/{port}"
            enter_port(self._urls[port], end)

    def resource_manager(self) -> pyvisa.ResourceManager:
        """Give the bench's own resource manager, always the same one."""
        if self._manager is None:
            self._manager = pyvisa.ResourceManager(self._library)
        return self._manager

    def can_bus(self, channel: str = "module") -> can.BusABC:
        """Open an adapter on the CAN port of the module under test.

        Raises:
            CanInitializationError: the adapter is absent.
        """
        import can

        if self._can_faults.active("absent"):
            raise can.CanInitializationError(f"no adapter for channel {channel}")
        bus = self._seams.can_bus(
            channel, self.world, self._send_frame, self._buses.remove
        )
        self._buses.append(bus)
        return bus

    def serial_url(self, name: str) -> str:
        """Name the URL of a port, "service" or "led_reader", for `serial_for_url`."""
        return self._urls[name]

    def close(self) -> None:
        """Close every seam; a second call does nothing."""
        for url in self._urls.values():
            remove_port(url)
        for bus in list(self._buses):
            bus.shutdown()
        if self._manager is not None:
            self._manager.close()
            self._manager = None
        self._library.detach()

    # -- CAN ---------------------------------------------------------------------

    def _deliver_frame(
        self, module: str, t_us: int, frame_id: int, data: bytes
    ) -> None:
        if module != "module":
            return
        if t_us >= self._can_faults.first_us and self._can_faults.active("silent"):
            return
        for bus in self._buses:
            bus.deliver(t_us, frame_id, data)

    def _send_frame(self, frame_id: int, data: bytes) -> None:
        import can

        if self._can_faults.active("send_fails"):
            raise can.CanOperationError("the adapter cannot send")
        self.plant.modules["module"].receive_can(frame_id, data)


def build_simulated_bench(
    resources: Mapping[str, str],
    *,
    seed: int | None = None,
    defects: Sequence[Path | DefectFile] = (),
    state: BenchState | None = None,
    stop: StopSwitch | None = None,
    latency: bool = True,
    fault_points: FaultPoints | None = None,
    firmware: Firmware = SHIPPED,
) -> SimulatedBench:
    """Build world, plant and seams from what the command line gives.

    Args:
        resources: VISA resource name by role.
        seed: draws the population; None is the nominal bench, noise from seed 0.
        defects: defect files, applied after the draw.
        state: where the module stands; None is the shipped state.
        stop: the switch that signals press.
        latency: False makes exchanges instantaneous.
        fault_points: what every call passes; given a second time, their bench is
            opened again as it stands, and nothing is built.
        firmware: what runs in the module under test.

    Raises:
        BenchFileError: a defect file or a firmware that cannot be used.
    """
    from instruments.sim.build import build_plant

    if fault_points is not None and fault_points.bench is not None:
        fault_points.bench.close()
        fault_points.bench.connect()
        return fault_points.bench
    params = load_parameters(defects, seed, firmware=firmware.changes)
    world = _make_world(stop, fault_points)
    noise_seed = 0 if seed is None else seed
    try:
        return SimulatedBench(
            world,
            build_plant(params, world, state, noise_seed, firmware.make_unit),
            params,
            noise_seed,
            resources,
            latency=latency,
            fault_points=fault_points,
        )
    except (ValueError, LookupError, ArithmeticError) as cause:
        if isinstance(cause, BenchFileError) or not defects:
            raise
        names = ", ".join(str(path) for path in defects)
        why = f"no bench can be built from these values ({cause}); correct them"
        raise BenchFileError(names, "change", why) from cause


def _make_world(stop: StopSwitch | None, points: FaultPoints | None) -> World:
    if points is None:
        return World(stop)
    from instruments.sim.faults.clock import FaultedWorld

    return FaultedWorld(stop, points)
