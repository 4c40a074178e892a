"""What the BMS measures: the truth behind gains, offsets and thermistors.

The sensors as built have their own curve (``module.sensors``); the BMS converts
with its own (``module.bms.sensing``), so the two can differ like on a real module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, inf
from typing import Any

from instruments.sim.cell import CELLS
from instruments.sim.defects import Fault
from instruments.sim.sense_plug import SensePlug
from instruments.sim.thermal import KELVIN, REFERENCE_K

NTC_CHANNELS = 4


class ModuleSensors:
    """Cell, pack, current and temperature sensors of one module."""

    __slots__ = (
        "_cell_gain",
        "_cell_offset_v",
        "_cell_plain",
        "_current_gain",
        "_current_offset_a",
        "_current_range_a",
        "_faults",
        "_ntc_b_k",
        "_ntc_cell",
        "_ntc_offset_c",
        "_ntc_r25_ohm",
        "_pack_gain",
        "_pack_offset_v",
        "_plug",
        "_resolution_a",
        "terminal_gain",
    )

    def __init__(self, values: Mapping[str, Any], faults: Sequence[Fault]) -> None:
        self._cell_gain = [values[f"cell_gain.{c}"] for c in cell_names()]
        self._cell_offset_v = [
            values[f"cell_offset_mv.{c}"] * 1e-3 for c in cell_names()
        ]
        self._plug = SensePlug(
            values["swapped_tap"], values["open_tap"], values["crossed_cell"]
        )
        self._cell_plain = (
            self._cell_gain == [1.0] * CELLS
            and not any(self._cell_offset_v)
            and self._plug.sound
        )
        self._current_gain: float = values["current_gain"]
        self._current_offset_a: float = values["current_offset_a"]
        self._current_range_a: float = values["current_range_a"]
        self._resolution_a: float = values["current_resolution_a"]
        self._pack_gain: float = values["pack_gain"]
        self._pack_offset_v: float = values["pack_offset_v"]
        self.terminal_gain: float = values["terminal_gain"]
        names = [f"n{channel}" for channel in range(1, NTC_CHANNELS + 1)]
        self._ntc_offset_c = [values[f"ntc_offset_c.{name}"] for name in names]
        self._ntc_cell = [values[f"ntc_cell.{name}"] - 1 for name in names]
        self._ntc_r25_ohm = values["ntc_r25_ohm"]
        self._ntc_b_k = values["ntc_b_k"]
        self._faults = tuple(faults)

    @property
    def has_faults(self) -> bool:
        """Tell whether a sensor has a fault, now or later."""
        return bool(self._faults)

    def cell_v(self, true_v: list[float]) -> list[float]:
        """Measure the sixteen cell voltages [V]."""
        if self._cell_plain:
            return true_v
        return [
            v * gain + offset
            for v, gain, offset in zip(
                self._plug.carry(true_v),
                self._cell_gain,
                self._cell_offset_v,
                strict=True,
            )
        ]

    def pack_v(self, true_v: float) -> float:
        """Measure the pack voltage [V]."""
        return true_v * self._pack_gain + self._pack_offset_v

    def current_a(self, true_a: float, now_us: int) -> float:
        """Measure the current [A, + charging], in steps of the converter."""
        if self._faults and self._active("current_dead", now_us):
            return 0.0
        measured_a = true_a * self._current_gain + self._current_offset_a
        if abs(measured_a) > self._current_range_a:  # the amplifier is at its end
            measured_a = self._current_range_a * (1.0 if measured_a > 0.0 else -1.0)
        return round(measured_a / self._resolution_a) * self._resolution_a

    def ntc_ohm(self, cell_c: Sequence[float], now_us: int) -> list[float]:
        """Calculate the four sensors' resistances [ohm]; inf = open, 0 = short."""
        found = []
        for channel in range(NTC_CHANNELS):
            celsius = cell_c[self._ntc_cell[channel]] + self._ntc_offset_c[channel]
            ohm = self._ntc_r25_ohm * exp(
                self._ntc_b_k * (1.0 / (celsius + KELVIN) - 1.0 / REFERENCE_K)
            )
            if self._faults:
                ohm = self._with_faults(channel, ohm, now_us)
            found.append(ohm)
        return found

    def _with_faults(self, channel: int, ohm: float, now_us: int) -> float:
        if self._active(f"ntc{channel + 1}_open", now_us):
            return inf
        if self._active(f"ntc{channel + 1}_fixed", now_us):
            return float(self._ntc_r25_ohm)
        return 0.0 if self._active(f"ntc{channel + 1}_short", now_us) else ohm

    def _active(self, name: str, now_us: int) -> bool:
        return any(f.name == name and f.from_us <= now_us for f in self._faults)


def cell_names() -> tuple[str, ...]:
    """List the cells as the parameter files call them: c01 .. c16."""
    return tuple(f"c{number:02d}" for number in range(1, CELLS + 1))
