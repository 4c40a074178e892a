"""A trivial BMS and a plant around it."""

from __future__ import annotations

from instruments.sim.bms.interface import (
    NEVER_US,
    BmsInitial,
    BmsInputs,
    BmsOutputs,
)
from instruments.sim.build import build_plant
from instruments.sim.parameters import Parameters, load_parameters
from instruments.sim.plant import Plant
from instruments.sim.state import BenchState
from instruments.sim.world import World

SECOND_US = 1_000_000
OFF = ("off", "off", "off", "off", "off")
NO_BLEED = (False,) * 16


class FakeBms:
    """Run while told to; close or open the contactor when told to."""

    def __init__(self, initial: BmsInitial) -> None:
        self.running = initial.mode == "running"
        self.command: str | None = None
        self.seen: list[BmsInputs] = []
        self.rs485_b: tuple[bytes, ...] = ()

    def step(self, inputs: BmsInputs) -> BmsOutputs:
        """Keep the inputs and give back what was asked for."""
        self.seen.append(inputs)
        if inputs.button_pressed:
            self.running = True
            self.command = "close"
        command, self.command = self.command, None
        messages, self.rs485_b = self.rs485_b, ()
        wake_us = inputs.now_us + SECOND_US if self.running else NEVER_US
        frames = ((0x359, b"\x00"),) if self.running else ()
        return BmsOutputs(
            wake_us, command, NO_BLEED, OFF, "off", (False, False),  # type: ignore[arg-type]
            frames, inputs.serial_rx, (), messages,
        )  # fmt: skip


def make_fake(
    parameters: Parameters, name: str, seed: int, initial: BmsInitial
) -> FakeBms:
    """Make a fake BMS with the signature of `make_bms`."""
    return FakeBms(initial)


def make_plant(
    state: BenchState | None = None, parameters: Parameters | None = None
) -> Plant:
    """Build a plant of three modules with fake BMS units."""
    chosen = parameters if parameters is not None else load_parameters()
    return build_plant(chosen, World(), state, make_unit=make_fake)


def bms_of(plant: Plant, name: str = "module") -> FakeBms:
    """Reach the fake BMS of a module."""
    bms = plant.modules[name].bms
    assert isinstance(bms, FakeBms)
    return bms


def wait_s(plant: Plant, seconds: float) -> None:
    """Let bench time pass [s]."""
    plant.world.wait_us(round(seconds * SECOND_US))


def close_fixture(plant: Plant) -> None:
    """Close the fixture contactor and wait until it has moved."""
    plant.change(lambda: setattr(plant.fixture, "contactor_drive", True))
    wait_s(plant, 0.1)


def charge(plant: Plant, current_a: float, limit_v: float) -> None:
    """Switch the supply on in current priority."""

    def switch() -> None:
        supply = plant.supply
        supply.output_on, supply.priority = True, "current"
        supply.current_a, supply.voltage_limit_v = current_a, limit_v
        supply.current_limit_neg_a = 120.0

    plant.change(switch)


def discharge(plant: Plant, current_a: float) -> None:
    """Switch supply off and load on in constant current; 0 switches both off."""

    def switch() -> None:
        plant.supply.output_on = False
        plant.load.input_on = current_a > 0.0
        plant.load.mode, plant.load.current_a = "current", current_a

    plant.change(switch)
