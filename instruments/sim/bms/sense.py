"""What the BMS derives from its sensors at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from instruments.sim.bms.interface import BmsInputs
from instruments.sim.bms.parameters import Faults

_KELVIN = 273.15
_REFERENCE_K = 298.15


@dataclass(frozen=True, slots=True)
class SensingParameters:
    """How raw inputs are read: [module.bms.sensing]."""

    direction_a: float
    ntc_open_ohm: float
    ntc_short_ohm: float
    ntc_fault_delay_s: float
    sample_s: float
    terminal_live_v: float


@dataclass(frozen=True, slots=True)
class NtcParameters:
    """The curve that the BMS converts thermistors with: [module.ntc]."""

    r25_ohm: float
    b_k: float


class Sense:
    """Hold the measured quantities that the rules look at, updated in place.

    `temperatures_c` has the valid sensors only; `ntc_bad` tells that one is open or
    shorted. Current is positive into the module.
    """

    __slots__ = (
        "_faults",
        "_ntc",
        "_ntc_seen",
        "_parameters",
        "cell_max_v",
        "cell_min_v",
        "cell_v",
        "charging",
        "contactor_closed",
        "current_a",
        "discharging",
        "now_us",
        "ntc_bad",
        "pack_v",
        "temperature_max_c",
        "temperature_mean_c",
        "temperature_min_c",
        "temperatures_c",
        "terminal_v",
    )

    def __init__(
        self, parameters: SensingParameters, ntc: NtcParameters, faults: Faults
    ) -> None:
        self._parameters = parameters
        self._faults = faults
        self._ntc = ntc
        self._ntc_seen: list[float] | None = None
        self.now_us = 0
        self.cell_v: Sequence[float] = ()
        self.pack_v = self.terminal_v = self.current_a = 0.0
        self.cell_max_v = self.cell_min_v = 0.0
        self.charging = self.discharging = self.contactor_closed = False
        self.ntc_bad = False
        self.temperatures_c: list[float] = []
        self.temperature_max_c = self.temperature_min_c = 25.0
        self.temperature_mean_c = 25.0

    def take(self, inputs: BmsInputs) -> None:
        """Take voltages and current; temperatures are left to `take_temperatures`."""
        self.now_us = inputs.now_us
        self.cell_v = cell_v = inputs.cell_v
        self.pack_v = inputs.pack_v
        self.terminal_v = inputs.terminal_v
        self.current_a = current_a = inputs.current_a
        self.cell_max_v = max(cell_v)
        self.cell_min_v = min(cell_v)
        direction_a = self._parameters.direction_a
        self.charging = current_a > direction_a
        self.discharging = current_a < -direction_a
        self.contactor_closed = inputs.contactor_closed

    def take_temperatures(self, ntc_ohm: Sequence[float]) -> None:
        """Convert the thermistors [ohm] to [°C]; keep the last if none is valid."""
        if ntc_ohm == self._ntc_seen:
            return
        self._ntc_seen = list(ntc_ohm)  # a list, or it would never equal the next one
        parameters, ntc = self._parameters, self._ntc
        found = [
            ntc_temperature_c(ohm, ntc.r25_ohm, ntc.b_k)
            for ohm in ntc_ohm
            if parameters.ntc_short_ohm < ohm < parameters.ntc_open_ohm
        ]
        self.ntc_bad = len(found) < len(ntc_ohm) and self._is_noticed(ntc_ohm)
        if not found:
            return
        self.temperatures_c = found
        self.temperature_max_c = max(found)
        self.temperature_min_c = min(found)
        total = 0.0
        for value in found:
            total += value
        self.temperature_mean_c = total / len(found)

    def _is_noticed(self, ntc_ohm: Sequence[float]) -> bool:
        """Tell whether an invalid thermistor is noticed; a fault of a kind hides it."""
        if not self._faults.any:
            return True
        parameters, faults = self._parameters, self._faults
        is_open = max(ntc_ohm) >= parameters.ntc_open_ohm
        is_short = min(ntc_ohm) <= parameters.ntc_short_ohm
        return (is_open and not faults.active("ignores_open", self.now_us)) or (
            is_short and not faults.active("ignores_short", self.now_us)
        )

    @property
    def spread_v(self) -> float:
        """Return the spread between highest and lowest cell [V]."""
        return self.cell_max_v - self.cell_min_v


def ntc_ohm(temperature_c: float, ntc: NtcParameters) -> float:
    """Convert a temperature [°C] to the thermistor's resistance [ohm]."""
    inverse_k = 1.0 / (temperature_c + _KELVIN) - 1.0 / _REFERENCE_K
    return ntc.r25_ohm * exp(ntc.b_k * inverse_k)


def ntc_temperature_c(ohm: float, r25_ohm: float, b_k: float) -> float:
    """Convert a thermistor's resistance [ohm] to temperature [°C] (beta formula)."""
    return 1.0 / (1.0 / _REFERENCE_K + log(ohm / r25_ohm) / b_k) - _KELVIN
