"""The busbar: supply, load and bleeder, fixture contactor, module and peers.

Linear: every battery is a voltage behind a resistance, so the node voltages follow
from one formula and the regulation of supply and load from a few passes.

    supply, load, bleeder = bench side --contactor, leads-- module side
    module side -- module (own contactor), peer1 and peer2 (contactor, link or bar)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

PASSES = 4
OFF = "off"
CV = "cv"
CC = "cc"


@dataclass(slots=True)
class SupplyState:
    """What the supply is told, and what it does (`meas_v`, `meas_a`, `regulation`).

    In current priority `voltage_limit_v` is VOLT:LIM; below the battery's voltage it
    makes the supply sink current, as the real one does. `meas_a` is + into the module.
    """

    output_on: bool = False
    priority: str = "voltage"
    voltage_v: float = 0.0
    voltage_limit_v: float = 0.0
    current_a: float = 0.0
    current_limit_a: float = 0.0
    current_limit_neg_a: float = 0.0
    meas_v: float = 0.0
    meas_a: float = 0.0
    regulation: str = OFF


@dataclass(slots=True)
class LoadState:
    """What the load is told, and what it draws (`meas_v`, `meas_a`, >= 0)."""

    input_on: bool = False
    mode: str = "current"
    current_a: float = 0.0
    voltage_v: float = 0.0
    current_limit_a: float = 0.0
    meas_v: float = 0.0
    meas_a: float = 0.0


def _released() -> dict[str, bool]:
    return {"module": False, "peer1": False, "peer2": False}


@dataclass(slots=True)
class FixtureState:
    """Relays, substitutions and inputs of the fixture.

    `contactor_closed` is derived from `contactor_drive` after its delay. A peer joins
    the module side when its contactor is closed, through its link, or directly where
    its bar is closed too. `dip` has bit 0 = switch 1.
    """

    contactor_drive: bool = False
    dead_man_until_us: int = 0
    contactor_closed: bool = False
    peer1_contactor: bool = False
    peer2_contactor: bool = False
    peer1_bar: bool = False
    peer2_bar: bool = False
    ntc_mode: list[str] = field(default_factory=lambda: ["real"] * 4)
    ntc_ohm: list[float] = field(default_factory=lambda: [10_000.0] * 4)
    button: dict[str, bool] = field(default_factory=_released)
    dip: int = 0
    rs485_chain: bool = False
    rs485_head: bool = False
    rs485_port_a: bool = False
    dry_in: tuple[bool, bool] = (False, False)
    estop_ok: bool = True
    door_ok: bool = True
    inhibit_ok: bool = True


class Solution(NamedTuple):
    """Node voltages [V] and currents [A] of one instant.

    `source_a` is the current into each battery on the module side, in their order.
    A tuple, because one is made at every step of the plant.
    """

    bench_v: float
    module_v: float
    supply_a: float
    load_a: float
    bleeder_a: float
    lead_a: float
    regulation: str
    source_a: tuple[float, ...]


def solve(
    supply: SupplyState,
    load: LoadState,
    contactor_closed: bool,
    sources: Sequence[tuple[float, float]],
    lead_ohm: float,
    bleeder_ohm: float,
) -> Solution:
    """Solve the busbar for batteries given as (voltage [V], resistance [ohm])."""
    conductance = emf_a = 0.0
    for emf_v, ohm in sources:
        conductance += 1.0 / ohm
        emf_a += emf_v / ohm
    joined = contactor_closed and conductance > 0.0
    bleeder_s = 1.0 / bleeder_ohm
    if joined:
        series_s = 1.0 / (1.0 / conductance + lead_ohm)
        seen_ohm = 1.0 / (series_s + bleeder_s)
        seen_v = emf_a / conductance * series_s * seen_ohm
    else:
        seen_ohm, seen_v = bleeder_ohm, 0.0
    supply_a, load_a, regulation = _regulate(supply, load, seen_v, seen_ohm)
    bench_v = seen_v + seen_ohm * (supply_a - load_a)
    bleeder_a = bench_v * bleeder_s
    lead_a = supply_a - load_a - bleeder_a if joined else 0.0
    if conductance > 0.0:
        module_v = (emf_a + lead_a) / conductance
    else:
        module_v = bench_v if contactor_closed else 0.0
    source_a = tuple([(module_v - emf_v) / ohm for emf_v, ohm in sources])
    return Solution(
        bench_v, module_v, supply_a, load_a, bleeder_a, lead_a, regulation, source_a
    )


def _regulate(
    supply: SupplyState, load: LoadState, seen_v: float, seen_ohm: float
) -> tuple[float, float, str]:
    """Find what supply and load carry [A] on a node seen as voltage and resistance."""
    if not supply.output_on:
        load_a = _load_a(load, seen_v, seen_ohm) if load.input_on else 0.0
        return 0.0, load_a, OFF
    supply_a, regulation = _supply_a(supply, seen_v, seen_ohm)
    if not load.input_on:
        return supply_a, 0.0, regulation
    load_a = 0.0
    for _ in range(PASSES):
        load_a = _load_a(load, seen_v + seen_ohm * supply_a, seen_ohm)
        supply_a, regulation = _supply_a(supply, seen_v - seen_ohm * load_a, seen_ohm)
    return supply_a, load_a, regulation


def _supply_a(supply: SupplyState, seen_v: float, seen_ohm: float) -> tuple[float, str]:
    if supply.priority == "current":
        goal_v, most_a = supply.voltage_limit_v, supply.current_a
    else:
        goal_v, most_a = supply.voltage_v, supply.current_limit_a
    least_a = min(-abs(supply.current_limit_neg_a), most_a)
    wanted_a = (goal_v - seen_v) / seen_ohm
    if wanted_a >= most_a:
        return most_a, CC
    if wanted_a <= least_a:
        return least_a, CC
    return wanted_a, CV


def _load_a(load: LoadState, seen_v: float, seen_ohm: float) -> float:
    """A load cannot pull its terminals below zero, and never feeds back."""
    available_a = max(seen_v / seen_ohm, 0.0)
    if load.mode == "voltage":
        wanted_a = (seen_v - load.voltage_v) / seen_ohm
        return max(0.0, min(wanted_a, load.current_limit_a, available_a))
    return max(0.0, min(load.current_a, available_a))
