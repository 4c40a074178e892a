"""Simulated Feasa LED Analyser: fibres on the LED bars, read over a serial port.

Dialect: instruments.md 1.16. Readings stay those of the last `capture`; an unlit fibre
reads ``999.99 999 00000``. Fibres: 1-5 module bar, 6 its button, then the same six for
peer1 (7-12) and peer2 (13-18). 19 and 20 look at nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from instruments.sim.world import World

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

FIBRES = 20
_BARS = ("module", "peer1", "peer2")
_DARK = "999.99 999 00000"

# Spelling and form of both replies are assumed (provisional).
_IDENTITY = {"getserial": b"SIM-LED\r\n", "getversion": b"F207\r\n"}


class FeasaLedAnalyser:
    """The analyser: one text line in, text lines out.

    Args:
        colours: hue [deg], saturation [%] and intensity [counts] of each colour.
        capture_us: exposure time [µs]; the LEDs are seen as they are at its end.
    """

    def __init__(
        self,
        plant: Plant,
        world: World,
        colours: Mapping[str, Sequence[float]],
        hue_noise_deg: float,
        capture_us: int,
        noise: Callable[[], float],
    ) -> None:
        self._plant = plant
        self._world = world
        self._colours = colours
        self._hue_noise_deg = hue_noise_deg
        self._capture_us = capture_us
        self._noise = noise
        self._readings = [_DARK] * FIBRES

    def execute(self, message: bytes) -> bytes | None:
        """Execute one line; an unknown command is answered with an error."""
        command = message.decode("ascii", "replace").strip().lower()
        if command.startswith("capture"):
            self._capture()
            return b"OK\r\n"
        if command == "gethsiall":
            lines = [f"{n:02d} {text}" for n, text in enumerate(self._readings, 1)]
            return ("\r\n".join(lines) + "\r\n").encode()
        if command.startswith("gethsi") and command[6:].isdigit():
            fibre = int(command[6:])
            if 1 <= fibre <= FIBRES:
                return (self._readings[fibre - 1] + "\r\n").encode()
        if command in _IDENTITY:
            return _IDENTITY[command]
        return b"Syntax Error\r\n"

    def _capture(self) -> None:
        self._world.spend_exchange_us(self._capture_us)
        colours: list[str] = []
        for bar in _BARS:
            module = self._plant.modules.get(bar)
            if module is None:
                colours += ["off"] * 6
            else:
                colours += [*module.leds, module.button_led]
        colours += ["off"] * (FIBRES - len(colours))
        self._readings = [self._reading(colour) for colour in colours]

    def _reading(self, colour: str) -> str:
        seen = self._colours.get(colour)
        if seen is None:
            return _DARK
        hue_deg = (seen[0] + self._hue_noise_deg * self._noise()) % 360.0
        return f"{hue_deg:06.2f} {seen[1]:03.0f} {seen[2]:05.0f}"
