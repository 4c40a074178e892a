"""Compute the current limits that the module sends on CAN (TC-01..06, TD-01..06).

The C-rate tables of manual L1062-1076 by hottest and coldest sensor, then the end of
charge: the table holds until 54.5 V, tapers to 10 A (EL-14), and is 0 at 100 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from instruments.sim.bms.parameters import US_PER_S, ParameterSource, build
from instruments.sim.bms.sense import Sense


@dataclass(frozen=True, slots=True)
class DeratingParameters:
    """Rating, ends of the tables and end of charge: [module.bms.derating]."""

    rated_a: float
    charge_from_c: float
    discharge_from_c: float
    charge_voltage_v: float
    discharge_voltage_v: float
    taper_from_v: float
    taper_a_per_s: float
    taper_a: float
    taper_reset_soc_pct: float
    full_soc_pct: float
    empty_soc_pct: float
    cluster_ceiling_a: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the rate [C] that holds up to a temperature [°C]."""

    upto_c: float
    rate_c: float


def load_rows(source: ParameterSource, prefix: str) -> tuple[Row, ...]:
    """Load the rows `prefix`_1, `prefix`_2, ... in their order."""
    parent, _, stem = prefix.rpartition(".")
    names = {key.partition(".")[0] for key in source.section(parent)}
    count = 0
    while f"{stem}_{count + 1}" in names:
        count += 1
    return tuple(build(Row, source, f"{prefix}_{k}") for k in range(1, count + 1))


def rate_c(rows: Sequence[Row], from_c: float, temperature_c: float) -> float:
    """Look up the rate [C] at a temperature; 0 outside the table."""
    if temperature_c < from_c:
        return 0.0
    for row in rows:
        if temperature_c <= row.upto_c:
            return row.rate_c
    return 0.0


class Derating:
    """Hold the limits of this module [A], magnitudes, recomputed once a second."""

    def __init__(
        self,
        parameters: DeratingParameters,
        charge: Sequence[Row],
        discharge: Sequence[Row],
    ) -> None:
        self.parameters = parameters
        self._charge = tuple(charge)
        self._discharge = tuple(discharge)
        self._taper_a: float | None = None
        self._full = False
        self._last_us = 0
        self._seen: tuple[float, float] | None = None
        self._rates = (0.0, 0.0)
        self.charge_a = 0.0
        self.discharge_a = 0.0

    def update(self, sense: Sense, soc_pct: float) -> None:
        """Recompute both limits from temperature, voltage and state of charge."""
        p = self.parameters
        charge_c, discharge_c = self._table_rates(sense)
        charge_a = charge_c * p.rated_a
        self._update_taper(sense, soc_pct, charge_a)
        if self._taper_a is not None:
            charge_a = min(charge_a, self._taper_a)
        self.charge_a = 0.0 if self._full else charge_a
        self.discharge_a = (
            0.0 if soc_pct <= p.empty_soc_pct else discharge_c * p.rated_a
        )
        self._last_us = sense.now_us

    def block(self) -> None:
        """Set both limits to 0."""
        self.charge_a = self.discharge_a = 0.0

    def _table_rates(self, sense: Sense) -> tuple[float, float]:
        seen = (sense.temperature_min_c, sense.temperature_max_c)
        if seen != self._seen:
            self._seen = seen
            p = self.parameters
            self._rates = (
                min(rate_c(self._charge, p.charge_from_c, t) for t in seen),
                min(rate_c(self._discharge, p.discharge_from_c, t) for t in seen),
            )
        return self._rates

    def _update_taper(self, sense: Sense, soc_pct: float, table_a: float) -> None:
        p = self.parameters
        if soc_pct < p.taper_reset_soc_pct:
            self._taper_a = None
            self._full = False
        elif soc_pct >= p.full_soc_pct:
            self._full = True
        if self._taper_a is not None:
            step_a = p.taper_a_per_s * (sense.now_us - self._last_us) / US_PER_S
            self._taper_a = max(p.taper_a, self._taper_a - step_a)
        elif sense.charging and sense.pack_v >= p.taper_from_v:
            self._taper_a = max(p.taper_a, table_a)
