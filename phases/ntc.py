"""Temperature as resistance: the sensor curve that the bench file names."""

from __future__ import annotations

import math

from instruments.bench import Bench

_KELVIN = 273.15
_T25_K = 298.15


def ohm_of(bench: Bench, temperature_c: float) -> float:
    """Compute the sensor's resistance [ohm] at a temperature [°C]."""
    table = bench.config.ntc_emulator
    return table.r25_ohm * math.exp(
        table.beta_k * (1.0 / (temperature_c + _KELVIN) - 1.0 / _T25_K)
    )


def celsius_of(bench: Bench, ohm: float) -> float:
    """Compute the temperature [°C] for a sensor resistance [ohm]."""
    table = bench.config.ntc_emulator
    inverse = 1.0 / _T25_K + math.log(ohm / table.r25_ohm) / table.beta_k
    return 1.0 / inverse - _KELVIN


def substitute(bench: Bench, temperature_c: float) -> None:
    """Put every channel at a temperature [°C]."""
    ohm = ohm_of(bench, temperature_c)
    for channel in range(1, bench.parts.ntc_emulator.channels + 1):
        bench.parts.ntc_emulator.set_ohm(channel, ohm)


def measure_c(bench: Bench, channel: int) -> float:
    """Measure what stands on a channel with the scanning meter [°C]."""
    name = f"ntc{channel}_ohm"
    return celsius_of(bench, bench.parts.scan_meter.measure((name,))[name])
