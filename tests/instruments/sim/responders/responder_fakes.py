"""A plant without physics, for tests of the dialects alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instruments.roles import SCPI_ROLES
from instruments.sim.parameters import load_parameters
from instruments.sim.simulated_bench import SimulatedBench
from instruments.sim.world import World

RESOURCES = {
    role: f"TCPIP0::{role.replace('_', '-')}::inst0::INSTR" for role in SCPI_ROLES
}


@dataclass(slots=True)
class FakeSupply:
    """The fields of the plant's SupplyState."""

    output_on: bool = False
    priority: str = "voltage"
    voltage_v: float = 0.0
    voltage_limit_v: float = 0.0
    current_a: float = 0.0
    current_limit_a: float = 0.0
    current_limit_neg_a: float = 0.0
    meas_v: float = 0.0
    meas_a: float = 0.0
    regulation: str = "off"


@dataclass(slots=True)
class FakeLoad:
    """The fields of the plant's LoadState."""

    input_on: bool = False
    mode: str = "current"
    current_a: float = 0.0
    voltage_v: float = 0.0
    current_limit_a: float = 0.0
    meas_v: float = 0.0
    meas_a: float = 0.0


@dataclass(slots=True)
class FakeFixture:
    """The fields of the plant's FixtureState."""

    contactor_drive: bool = False
    dead_man_until_us: int = 0
    peer1_contactor: bool = False
    peer2_contactor: bool = False
    peer1_bar: bool = False
    peer2_bar: bool = False
    ntc_mode: list[str] = field(default_factory=lambda: ["real"] * 4)
    ntc_ohm: list[float] = field(default_factory=lambda: [10_000.0] * 4)
    button: dict[str, bool] = field(
        default_factory=lambda: {"module": False, "peer1": False, "peer2": False}
    )
    dip: int = 0
    rs485_chain: bool = False
    rs485_head: bool = False
    rs485_port_a: bool = False
    dry_in: tuple[bool, bool] = (False, False)
    estop_ok: bool = True
    door_ok: bool = True
    inhibit_ok: bool = True

    @property
    def contactor_closed(self) -> bool:
        """Follow the drive at once."""
        return self.contactor_drive


@dataclass(slots=True)
class FakeModule:
    """What a cable can see of a module."""

    leds: tuple[str, ...] = ("off",) * 5
    button_led: str = "off"
    do: tuple[bool, bool] = (False, False)
    ntc_ohm: list[float] = field(default_factory=lambda: [10_000.0] * 4)
    can: list[tuple[int, bytes]] = field(default_factory=list)
    serial: list[bytes] = field(default_factory=list)

    def receive_can(self, frame_id: int, data: bytes) -> None:
        """Keep a frame."""
        self.can.append((frame_id, data))

    def receive_serial(self, data: bytes) -> None:
        """Keep bytes."""
        self.serial.append(data)


class FakePlant:
    """The plant's surface; `solve` stands for the circuit."""

    def __init__(self) -> None:
        self.supply = FakeSupply()
        self.load = FakeLoad()
        self.fixture = FakeFixture()
        self.modules = {name: FakeModule() for name in ("module", "peer1", "peer2")}
        self.on_step: list[Callable[[], None]] = []
        self.on_can_frame: list[Callable[[str, int, int, bytes], None]] = []
        self.on_serial: list[Callable[[str, int, bytes], None]] = []
        self.bench_v = 0.0
        self.module_v = 52.0
        self.current_a = 0.0
        self.peer1_v = self.peer2_v = 52.3
        self.case_c = self.ambient_c = 25.0
        self.contact_mohm = 0.3
        self.off_current_ma = 1.5
        self.solve: Callable[[], None] = lambda: None

    def change(self, mutate: Callable[[], None]) -> None:
        """Mutate, solve, and let the responders look."""
        mutate()
        self.solve()
        for callback in self.on_step:
            callback()


class Rig:
    """The real seams around the fake plant, taken down at the end of a test."""

    def __init__(self, defects: Sequence[Path] = (), latency: bool = True) -> None:
        self.world = World()
        self.plant = FakePlant()
        self.bench = SimulatedBench(
            self.world,
            self.plant,  # type: ignore[arg-type]
            load_parameters(defects),
            0,
            RESOURCES,
            latency=latency,
        )

    def open(self, role: str) -> Any:
        """Open one instrument as a driver does."""
        return self.bench.resource_manager().open_resource(
            RESOURCES[role],
            read_termination="\n",
            write_termination="\n",
            timeout=500,
        )

    def wait_s(self, duration_s: float) -> None:
        """Let bench time pass [s]."""
        self.world.advance_us(round(duration_s * 1e6))


def write_faults(
    folder: Path, target: str, name: str, when: float | None = None
) -> Path:
    """Write a defect file with one fault."""
    path = folder / f"{target}-{name}.toml"
    start = "" if when is None else f"when = {when}\n"
    fault = f'target = "{target}"\nname = "{name}"\n{start}'
    path.write_text(f'id = "x"\ntitle = "x"\n[[fault]]\n{fault}')
    return path
