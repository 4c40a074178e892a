"""Simulated resistance emulator: a programmable resistor in place of each NTC.

Such boxes share no language (instruments.md 1.15), so this dialect is our own:
``RES:CH1 10000``, ``MODE:CH1 OHM|OPEN|SHORT|REAL`` and their questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from instruments.sim.scpi_parameters import Params, choice, number
from instruments.sim.scpi_responder import Command, ScpiResponder

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

_MODES = ("OHM", "OPEN", "SHORT", "REAL")


@dataclass(frozen=True, slots=True)
class NtcEmulatorParameters:
    """Channels, range and accuracy (parameters/instruments.toml [ntc_emulator])."""

    channels: int
    min_ohm: float
    max_ohm: float
    gain_error_ppm: float


class ResistanceEmulator(ScpiResponder):
    """The emulator; `*RST` connects the real sensors."""

    def __init__(
        self, identity: str, plant: Plant, parameters: NtcEmulatorParameters
    ) -> None:
        self._plant = plant
        self._p = parameters
        self._gain = 1 + parameters.gain_error_ppm * 1e-6
        self._ohm = [10_000.0] * parameters.channels
        self._mode = ["REAL"] * parameters.channels
        commands: list[Command] = []
        for index in range(parameters.channels):
            commands += self._channel(index)
        super().__init__(identity, commands)

    def reset(self) -> None:
        """Do what *RST does: every channel back on the module's own sensor."""
        for index in range(self._p.channels):
            self._set(index, "REAL", self._ohm[index])

    def _channel(self, index: int) -> tuple[Command, Command]:
        def write_ohm(params: Params) -> None:
            ohm = number(params, self._p.min_ohm, self._p.max_ohm)
            self._set(index, self._mode[index], ohm)

        def write_mode(params: Params) -> None:
            self._set(index, choice(params, _MODES), self._ohm[index])

        return (
            Command(
                f"RESistance:CH{index + 1}",
                write_ohm,
                lambda _: f"{self._ohm[index]:.6E}",
            ),
            Command(f"MODE:CH{index + 1}", write_mode, lambda _: self._mode[index]),
        )

    def _set(self, index: int, mode: str, ohm: float) -> None:
        self._mode[index] = mode
        self._ohm[index] = ohm
        fixture = self._plant.fixture

        def substitute() -> None:
            fixture.ntc_mode[index] = mode.lower()
            fixture.ntc_ohm[index] = ohm * self._gain

        self._plant.change(substitute)
