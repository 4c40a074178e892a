"""Mirror the configured thresholds into the registers 51-70 (protocols.md 3.2).

Their scales are unpublished and therefore parameters; the station compares raw words
with a release image, so that a wrong threshold shows here without being exercised.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.derating import DeratingParameters
from instruments.sim.bms.over_current import OverCurrentParameters
from instruments.sim.bms.over_voltage import OverVoltageParameters
from instruments.sim.bms.service_node import ServiceParameters
from instruments.sim.bms.temperature import TemperatureParameters
from instruments.sim.bms.under_voltage import UnderVoltageParameters


@dataclass(frozen=True, slots=True)
class ThresholdSources:
    """The parameter tables that the registers mirror."""

    over_voltage: OverVoltageParameters
    under_voltage: UnderVoltageParameters
    over_current: OverCurrentParameters
    temperature: TemperatureParameters
    derating: DeratingParameters
    service: ServiceParameters


def threshold_words(sources: ThresholdSources) -> dict[str, int]:
    """Compute the raw words of registers 51-70, 77 and 78, by register name."""
    return {**_voltages(sources), **_currents(sources), **_temperatures(sources)}


def _voltages(sources: ThresholdSources) -> dict[str, int]:
    over, under = sources.over_voltage, sources.under_voltage
    cell, pack = sources.service.cell_words_per_v, sources.service.pack_words_per_v
    return {
        "threshold_cell_over_voltage_set_2": round(over.cell_trip_v * cell),
        "threshold_cell_over_voltage_set_1": round(over.cell_release_v * cell),
        "threshold_cell_under_voltage_set_2": round(under.cell_trip_v * cell),
        "threshold_cell_under_voltage_set_1": round(under.cell_release_v * cell),
        "threshold_pack_over_voltage_set": round(over.pack_trip_v * pack),
        "threshold_pack_over_voltage_recover": round(over.pack_release_v * pack),
        "threshold_pack_under_voltage_set": round(under.pack_trip_v * pack),
        "threshold_pack_under_voltage_recover": round(under.pack_release_v * pack),
        "recommended_charge_voltage": round(sources.derating.charge_voltage_v * pack),
        "discharge_limit_voltage": round(sources.derating.discharge_voltage_v * pack),
    }


def _currents(sources: ThresholdSources) -> dict[str, int]:
    over, scale = sources.over_current, sources.service.words_per_a
    return {
        "threshold_discharge_over_current": round(-over.discharge_trip_a * scale),
        "threshold_charge_over_current": round(over.charge_trip_a * scale),
        "recommended_charge_current": round(
            sources.service.recommended_charge_a * scale
        ),
    }


def _temperatures(sources: ThresholdSources) -> dict[str, int]:
    offset_c, limits = sources.service.temperature_offset_c, sources.temperature
    levels_c = {
        "threshold_charge_over_temperature_2": limits.charge_hot_trip_c,
        "threshold_charge_over_temperature_1": limits.charge_hot_release_c,
        "threshold_discharge_over_temperature_2": limits.discharge_hot_trip_c,
        "threshold_discharge_over_temperature_1": limits.discharge_hot_release_c,
        "threshold_charge_under_temperature_2": limits.charge_cold_trip_c,
        "threshold_charge_under_temperature_1": limits.charge_cold_release_c,
        "threshold_discharge_under_temperature_2": limits.discharge_cold_trip_c,
        "threshold_discharge_under_temperature_1": limits.discharge_cold_release_c,
    }
    return {name: round(level_c + offset_c) for name, level_c in levels_c.items()}
