"""The instruments of the simulated bench, each built from its parameters.

Noise and latency of each come from streams of their own (seed, role), so that one more
instrument moves no other draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.parameters import Parameters, stream
from instruments.sim.responders.analogue import normal_noise, uniform_latency_us
from instruments.sim.responders.chroma_63200a import Chroma63200a, LoadParameters
from instruments.sim.responders.feasa import FeasaLedAnalyser
from instruments.sim.responders.keysight_34465a import (
    Keysight34465a,
    MeterParameters,
)
from instruments.sim.responders.keysight_34980a import Keysight34980a
from instruments.sim.responders.keysight_daq970a import (
    KeysightDaq970a,
    ScanParameters,
)
from instruments.sim.responders.keysight_rp7900 import KeysightRp7900, SupplyParameters
from instruments.sim.responders.resistance import (
    NtcEmulatorParameters,
    ResistanceEmulator,
)
from instruments.sim.serial_port import LineDevice
from instruments.sim.simulated_device import Responder, SimulatedDevice
from instruments.sim.world import World

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

_WRONG_MODEL = "Other Instruments,X-1,0,0"
_Section = TypeVar("_Section")


def _no_latency() -> int:
    return 0


class InstrumentRack:
    """Builds the instruments around one plant.

    Args:
        world: bench time.
        plant: what the instruments are wired to.
        params: all numbers, defects applied.
        seed: for noise and latency.
        latency: False makes every exchange instantaneous.
    """

    def __init__(
        self, world: World, plant: Plant, params: Parameters, seed: int, latency: bool
    ) -> None:
        self._world = world
        self._plant = plant
        self._params = params
        self._seed = seed
        self._latency = latency
        self._schedules: dict[str, FaultSchedule] = {}

    def devices(self) -> dict[str, SimulatedDevice]:
        """Build every SCPI instrument, by role."""
        return {role: self._device(role, build()) for role, build in self._builders()}

    def _builders(self) -> Iterable[tuple[str, Callable[[], Responder]]]:
        builders: dict[str, Callable[[], Responder]] = {
            "supply": self._supply,
            "load": self._load,
            "module_meter": lambda: self._meter("module_meter", self._module_v),
            "shunt_meter": lambda: self._meter("shunt_meter", self._shunt()),
            "scan_meter": self._scan_meter,
            "switchbox": self._switchbox,
            "ntc_emulator": self._ntc_emulator,
        }
        return builders.items()

    def _device(self, role: str, responder: Responder) -> SimulatedDevice:
        latency_us = self.latency_of(role)
        return SimulatedDevice(
            role, responder, self._world, latency_us, self.faults_of(role)
        )

    def latency_of(self, prefix: str) -> Callable[[], int]:
        """Make the generator of one part's latencies [µs]."""
        if not self._latency:
            return _no_latency
        return uniform_latency_us(
            stream(self._seed, f"{prefix}/latency"),
            self._params.value(f"{prefix}.latency_min_ms"),
            self._params.value(f"{prefix}.latency_max_ms"),
        )

    def faults_of(self, role: str) -> FaultSchedule:
        """Tell from which bench time [µs] each fault of a role is active.

        Always the same schedule, so that a fault which begins later begins for all.
        """
        if role not in self._schedules:
            from_us = {f.name: f.from_us for f in self._params.faults(role)}
            self._schedules[role] = FaultSchedule(self._world, from_us)
        return self._schedules[role]

    def _noise(self, role: str) -> Callable[[], float]:
        return normal_noise(stream(self._seed, f"{role}/noise"))

    def _identity(self, role: str) -> str:
        if self.faults_of(role).active("wrong_model"):
            return _WRONG_MODEL
        return str(self._params.value(f"{role}.identity"))

    def _section(self, role: str, kind: type[_Section]) -> _Section:
        """Read the fields of a parameter class from its role's table."""
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        values: dict[str, Any] = {n: self._params.value(f"{role}.{n}") for n in names}
        return kind(**values)

    def _supply(self) -> KeysightRp7900:
        return KeysightRp7900(
            self._identity("supply"),
            self._plant,
            self._world,
            self._section("supply", SupplyParameters),
            self._noise("supply"),
            self.faults_of("supply"),
        )

    def _load(self) -> Chroma63200a:
        return Chroma63200a(
            self._identity("load"),
            self._plant,
            self._world,
            self._section("load", LoadParameters),
            self._noise("load"),
            self.faults_of("load"),
        )

    def _meter(self, role: str, truth_v: Callable[[], float]) -> Keysight34465a:
        return Keysight34465a(
            self._identity(role),
            self._world,
            self._section(role, MeterParameters),
            self._noise(role),
            truth_v,
        )

    def _module_v(self) -> float:
        return self._plant.module_v

    def _shunt(self) -> Callable[[], float]:
        """Make the voltage across the fixture's shunt [V], + charging."""
        nominal_ohm: float = self._params.value("shunt_meter.shunt_ohm")
        error_ppm: float = self._params.value("shunt_meter.shunt_error_ppm")
        ohm = nominal_ohm * (1 + error_ppm * 1e-6)
        plant = self._plant
        return lambda: plant.current_a * ohm

    def _scan_meter(self) -> KeysightDaq970a:
        wiring = self._params.section("scan_meter.wiring")
        return KeysightDaq970a(
            self._identity("scan_meter"),
            self._world,
            self._section("scan_meter", ScanParameters),
            self._noise("scan_meter"),
            {int(channel): name for channel, name in wiring.items()},
            self._scanned(),
        )

    def _scanned(self) -> dict[str, Callable[[], float]]:
        plant = self._plant

        def ntc(index: int) -> Callable[[], float]:
            return lambda: plant.modules["module"].ntc_ohm[index]

        return {
            "bench_side_v": lambda: plant.bench_v,
            "peer1_v": lambda: plant.peer1_v,
            "peer2_v": lambda: plant.peer2_v,
            "case_c": lambda: plant.case_c,
            "ambient_c": lambda: plant.ambient_c,
            "contact_ohm": lambda: plant.contact_mohm * 1e-3,
            "off_current_a": lambda: plant.off_current_ma * 1e-3,
            **{f"ntc{index + 1}_ohm": ntc(index) for index in range(4)},
        }

    def _switchbox(self) -> Keysight34980a:
        params = self._params
        wiring = params.section("switchbox.wiring")
        return Keysight34980a(
            self._identity("switchbox"),
            self._plant,
            self._world,
            {int(channel): line for channel, line in wiring.items()},
            params.section("switchbox.input_bits"),
            params.value("switchbox.input_channel"),
            params.value("switchbox.dead_man_s"),
            self.faults_of("switchbox").joined(self.faults_of("fixture")),
        )

    def _ntc_emulator(self) -> ResistanceEmulator:
        return ResistanceEmulator(
            self._identity("ntc_emulator"),
            self._plant,
            self._section("ntc_emulator", NtcEmulatorParameters),
        )

    def led_reader(self) -> LineDevice:
        """Build the LED analyser behind its serial line."""
        params = self._params
        analyser = FeasaLedAnalyser(
            self._plant,
            self._world,
            params.section("led_reader.colours"),
            params.value("led_reader.hue_noise_deg"),
            round(params.value("led_reader.capture_ms") * 1000),
            self._noise("led_reader"),
        )
        latency_us = self.latency_of("led_reader")
        faults = self.faults_of("led_reader")
        return LineDevice(self._world, analyser.execute, latency_us, faults)
