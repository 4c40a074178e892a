"""What the station's messages do to the energy of the bench, by the plant's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from instruments.sim.faults.history import DEAD_A, DEAD_V
from instruments.sim.faults.writes import (
    CLEAR_PROTECTION,
    CONTACTOR_CLOSED,
    CONTACTOR_OPENED,
    INPUT_OFF,
    INPUT_ON,
    OUTPUT_OFF,
    OUTPUT_ON,
    SETPOINT_RAISED,
    EnergisingWrite,
    WritePatterns,
)

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

Settings = tuple[float, ...] | None


class MessageTruth:
    """Judges every message on its way to an instrument.

    Args:
        plant: what the messages act on.
        lines: line of the fixture by channel of the switchbox.

    Attributes:
        writes: what could have energised.
    """

    def __init__(self, plant: Plant, lines: Mapping[int, str]) -> None:
        self.writes: list[EnergisingWrite] = []
        self._plant = plant
        self._patterns = WritePatterns(lines)
        self._asked_on = False

    def settings(self, role: str) -> Settings:
        """Read what decides how much flows while a source is on; None while off."""
        supply, load = self._plant.supply, self._plant.load
        if role == "supply" and supply.output_on:
            return (abs(supply.current_a), supply.voltage_v, supply.voltage_limit_v)
        if role == "load" and load.input_on:
            holds_v = load.mode == "voltage"
            return (
                load.current_limit_a if holds_v else load.current_a,
                -load.voltage_v if holds_v else 0.0,
            )
        return None

    def wrote(
        self, k: int, role: str, message: str, before: Settings, *, executed: bool
    ) -> None:
        """Judge one message after it was executed or lost."""
        now_us = self._plant.world.t_us
        for name in self._patterns.names(role, message):
            if name == OUTPUT_ON:
                self._asked_on = True
            elif name == OUTPUT_OFF and executed:
                self._asked_on = False
            if name == CLEAR_PROTECTION and not self._asked_on:
                continue
            if name in self._patterns.energising:
                write = EnergisingWrite(k, now_us, role, name, message, executed)
                self.writes.append(write)
        after = self.settings(role)
        if before is None or after is None:
            return
        if any(new > old for old, new in zip(before, after, strict=True)):
            raised = EnergisingWrite(k, now_us, role, SETPOINT_RAISED, message, True)
            self.writes.append(raised)

    def is_source_on(self) -> bool:
        """Tell whether supply or load is on behind the closed fixture contactor."""
        plant = self._plant
        on = plant.supply.output_on or plant.load.input_on
        return on and plant.fixture.contactor_closed

    def is_told_on(self, role: str, message: str) -> bool:
        """Tell whether a message switches something on."""
        names = self._patterns.names(role, message)
        return any(name in names for name in (OUTPUT_ON, INPUT_ON, CONTACTOR_CLOSED))

    def shows(self, role: str) -> bool:
        """Tell whether a meter or an input sees what sticks on there."""
        plant = self._plant
        if role == "supply":
            return plant.supply.output_on and abs(plant.bench_v) >= DEAD_V
        if role == "load":
            return plant.load.input_on and abs(plant.current_a) >= DEAD_A
        return plant.fixture.contactor_closed

    def is_told_off(self, role: str, message: str) -> bool:
        """Tell whether a message switches something off that is on."""
        plant, names = self._plant, self._patterns.names(role, message)
        return (
            (OUTPUT_OFF in names and plant.supply.output_on)
            or (INPUT_OFF in names and plant.load.input_on)
            or (CONTACTOR_OPENED in names and plant.fixture.contactor_closed)
        )
