"""Ranges of the bench file: numbers that would take the protection or a verdict away.

A type says nothing about a watchdog of an hour, a NaN uncertainty that no limit can
fail, or a shunt of zero ohm. Sources: test-plan.md, fixture (watchdog 2 s, dead-man
2.5 s), and the sampler's pace for the lower ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from instruments.errors import BenchFileError
from instruments.roles import SCPI_ROLES

if TYPE_CHECKING:
    from instruments.bench_file import BenchConfig, Uncertainty

_LONGEST_NAME = 40
_WATCHDOG_S = (1.0, 2.0)
_DEAD_MAN_S = (1.5, 2.5)
"""The station retriggers about once a second; less would drop the contactor."""
_SPEED_FACTOR = (0.1, 100.0)
_LONGEST_EXCHANGE_S = 0.5
"""A silent instrument must be noticed before watchdog and dead-man act."""

Entry = tuple[str, float, float, float]
"""Where a number stands, the number, and the least and the most that it may be."""


def check_ranges(file: str, config: BenchConfig) -> None:
    """Check every number of a bench file against its range.

    Raises:
        BenchFileError: names the first table and key that is out of range.
    """
    name = config.bench.name
    plain = name.isascii() and name.isprintable() and name.strip() == name
    if not plain or not 0 < len(name) <= _LONGEST_NAME:
        why = f"write 1 to {_LONGEST_NAME} printable ASCII characters"
        raise BenchFileError(file, "bench.name", why)
    for where, value, low, high in _entries(config):
        if not math.isfinite(value) or not low <= value <= high:
            span = f"{low:g} to {high:g}" if high < math.inf else f"{low:g} or more"
            raise BenchFileError(file, where, f"{value:g} is no use; write {span}")


def _entries(config: BenchConfig) -> Iterator[Entry]:
    yield ("bench.speed", config.bench.speed_factor, *_SPEED_FACTOR)
    yield ("supply.watchdog_s", config.supply.watchdog_s, *_WATCHDOG_S)
    yield ("switchbox.dead_man_s", config.switchbox.dead_man_s, *_DEAD_MAN_S)
    for role in SCPI_ROLES:
        timeout_s = getattr(config, role).timeout_s
        yield (f"{role}.timeout_s", timeout_s, 0.001, _LONGEST_EXCHANGE_S)
    yield ("service.timeout_s", config.service.timeout_s, 0.001, _LONGEST_EXCHANGE_S)
    led_s = config.led_reader.timeout_s
    yield ("led_reader.timeout_s", led_s, 0.001, _LONGEST_EXCHANGE_S)
    yield ("shunt_meter.shunt_ohm", config.shunt_meter.shunt_ohm, 1e-6, 1.0)
    ntc, scan = config.ntc_emulator, config.scan_meter
    yield ("ntc_emulator.r25_ohm", ntc.r25_ohm, 1.0, math.inf)
    yield ("ntc_emulator.beta_k", ntc.beta_k, 1.0, math.inf)
    yield from _uncertainties(config)
    yield ("ntc_emulator.uncertainty_c", ntc.uncertainty_c, 0.0, math.inf)
    temperature_c = scan.temperature_uncertainty_c
    yield ("scan_meter.temperature_uncertainty_c", temperature_c, 0.0, math.inf)
    yield ("scan_meter.resistance_gain_pct", scan.resistance_gain_pct, 0.0, math.inf)


def _uncertainties(config: BenchConfig) -> Iterator[Entry]:
    tables: dict[str, Uncertainty] = {
        "supply.read_back": config.supply.read_back,
        "load.read_back": config.load.read_back,
        "module_meter.uncertainty": config.module_meter.uncertainty,
        "shunt_meter.uncertainty": config.shunt_meter.uncertainty,
        "scan_meter.uncertainty": config.scan_meter.uncertainty,
    }
    for where, uncertainty in tables.items():
        yield (f"{where}.gain_pct", uncertainty.gain_pct, 0.0, math.inf)
        yield (f"{where}.offset", uncertainty.offset, 0.0, math.inf)
