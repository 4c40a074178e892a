"""Build the simulated plant out of its parameters: module under test and two peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from instruments.errors import BenchFileError
from instruments.sim.bms.interface import BmsInitial, BmsUnit
from instruments.sim.bms.unit import make_bms
from instruments.sim.busbar import FixtureParameters
from instruments.sim.cell import CellParameters, CellString
from instruments.sim.contactor import Contactor, ContactorParameters
from instruments.sim.harness import Harness, Lamps
from instruments.sim.module import SimModule, TerminalParameters
from instruments.sim.ocv import OcvTable, load_ocv
from instruments.sim.parameter_files import FOLDER
from instruments.sim.parameters import PEERS, Parameters
from instruments.sim.plant import Plant
from instruments.sim.sensors import ModuleSensors, cell_names
from instruments.sim.state import BenchState
from instruments.sim.thermal import HeatBalance, ThermalParameters
from instruments.sim.world import World

MakeBms = Callable[[Parameters, str, int, BmsInitial], BmsUnit]
POSITIVE = (
    "cells.usable_capacity_ah",
    "cells.physical_per_usable",
    "cells.r0_mohm",
    "cells.tau1_s",
    "cells.tau2_s",
    "cells.hysteresis_soc_pct",
    "cells.top_current_a",
    "cells.top_tau_s",
    "cells.bleed_ohm",
    "sensors.current_resolution_a",
    "terminals.remnant_tau_s",
    "thermal.heat_capacity_j_per_k",
    "thermal.step_s",
)
"""Parameters of a module that something is divided by."""
MILLI = 1e-3
PERCENT = 1e-2


def build_plant(
    parameters: Parameters,
    world: World,
    state: BenchState | None = None,
    seed: int = 0,
    make_unit: MakeBms = make_bms,
) -> Plant:
    """Build the plant: the module as the state file says, both peers off.

    Args:
        parameters: the numbers of module, peers and fixture.
        world: the clock that moves the plant.
        state: where the module under test stands; None is the shipped state.
        seed: handed to each BMS for its own streams.
        make_unit: makes the BMS of a module; a firmware can take its place.

    Raises:
        BenchFileError: a defect leaves nothing that could be simulated.
    """
    start = state if state is not None else BenchState()
    _check_positive(parameters)
    ocv = load_ocv(FOLDER / "ocv_lfp.csv")
    room_c = start.temperature_c
    if room_c is None:
        room_c = parameters.value("fixture.ambient_c")
    modules = [_module(parameters, "module", start, room_c, ocv, seed, make_unit)]
    for name in PEERS:
        at_rest = BenchState(temperature_c=room_c)
        modules.append(_module(parameters, name, at_rest, room_c, ocv, seed, make_unit))
    fixture = _fixture(parameters, room_c)
    return Plant(world, modules, fixture, parameters.faults("fixture"))


def _check_positive(parameters: Parameters) -> None:
    """Refuse what no physics can be made of, before anything divides by it."""
    keys = ["fixture.bleeder_ohm", "fixture.bench_farad", "fixture.link_ohm"]
    keys.append("fixture.bar_mohm")
    for unit in ("module", *PEERS):
        keys += [f"{unit}.{name}" for name in POSITIVE]
        keys += [f"{unit}.cells.capacity_scale.{cell}" for cell in cell_names()]
    for key in keys:
        if not parameters.value(key) > 0:
            raise BenchFileError("simulated bench", key, "must be above zero")


def build_cells(
    section: Mapping[str, Any],
    thermal: Mapping[str, Any],
    ocv: OcvTable,
    soc_pct: float,
    cell_c: float,
    room_c: float,
) -> CellString:
    """Build the cells from ``module.cells`` and ``module.thermal``.

    `soc_pct` is the module's own scale; cells are balanced at the top of charge, so a
    larger cell stands higher below it.
    """
    names = cell_names()
    physical_ah = section["usable_capacity_ah"] * section["physical_per_usable"]
    scale = [section[f"capacity_scale.{name}"] for name in names]
    full = section["full_soc_pct"] * PERCENT
    empty = section["empty_soc_pct"] * PERCENT
    missing = (full - empty) * (1.0 - soc_pct * PERCENT)
    soc = [
        full - missing / s + section[f"soc_offset_pct.{name}"] * PERCENT
        for s, name in zip(scale, names, strict=True)
    ]
    cells = CellParameters(
        capacity_ah=[physical_ah * s for s in scale],
        resistance_scale=[section[f"resistance_scale.{name}"] for name in names],
        r0_ohm=section["r0_mohm"] * MILLI,
        r1_ohm=section["r1_mohm"] * MILLI,
        tau1_s=section["tau1_s"],
        r2_ohm=section["r2_mohm"] * MILLI,
        tau2_s=section["tau2_s"],
        hysteresis_v=section["hysteresis_mv"] * MILLI,
        hysteresis_soc=section["hysteresis_soc_pct"] * PERCENT,
        top_current_a=section["top_current_a"],
        top_tau_s=section["top_tau_s"],
        leak_a=section["leak_ma"] * MILLI,
        bleed_ohm=section["bleed_ohm"],
        short_a=_short_a(section),
    )
    names_of_heat = {k: v for k, v in thermal.items() if k != "offset_c"}
    heat = HeatBalance(
        ThermalParameters(**names_of_heat),
        cells.r0_ohm,
        [cell_c] * len(names),
        room_c,
    )
    return CellString(cells, ocv, heat, soc)


def _short_a(section: Mapping[str, Any]) -> list[float]:
    """List what an inner short takes from each cell [A]; nothing where it is sound."""
    short_a = [0.0] * len(cell_names())
    short_a[section["short_cell"] - 1] = section["short_ma"] * MILLI
    return short_a


def _module(
    parameters: Parameters,
    name: str,
    state: BenchState,
    room_c: float,
    ocv: OcvTable,
    seed: int,
    make_unit: MakeBms,
) -> SimModule:
    section = parameters.section(f"{name}.cells")
    thermal = parameters.section(f"{name}.thermal")
    soc_pct = state.soc_pct
    if soc_pct is None:
        soc_pct = section["arrival_soc_pct"]
    cell_c = room_c
    if state.temperature_c is None:
        cell_c += thermal["offset_c"]
    initial = BmsInitial(
        soc_pct=min(max(soc_pct, 0.0), 100.0),
        mode=state.module,  # type: ignore[arg-type]
        last_opening=state.last_opening,
        trips=state.trips,
    )
    contactor = Contactor(
        ContactorParameters(**parameters.section(f"{name}.contactor")),
        parameters.faults(f"{name}.contactor"),
        closed=state.module == "running",
    )
    sensors = ModuleSensors(
        parameters.section(f"{name}.sensors"), parameters.faults(f"{name}.sensors")
    )
    return SimModule(
        name,
        build_cells(section, thermal, ocv, soc_pct, cell_c, room_c),
        contactor,
        sensors,
        _terminals(parameters, name),
        make_unit(parameters, name, seed, initial),
        parameters.faults(f"{name}.button"),
        Harness(
            parameters.section(f"{name}.harness"), parameters.faults(f"{name}.harness")
        ),
        Lamps(parameters.faults(f"{name}.led_bar")),
    )


def _terminals(parameters: Parameters, name: str) -> TerminalParameters:
    section = parameters.section(f"{name}.terminals")
    return TerminalParameters(
        contact_ohm=section["contact_mohm"] * MILLI,
        pack_ohm=parameters.value(f"{name}.pack.resistance_mohm") * MILLI,
        remnant_v=section["remnant_v"],
        remnant_tau_s=section["remnant_tau_s"],
        off_current_ma=section["off_current_ma"],
        running_current_ma=section["running_current_ma"],
        reversed_=parameters.has_fault(f"{name}.terminals", "reversed"),
        joint_ohm=parameters.value(f"{name}.pack.joint_mohm") * MILLI,
        joint_cell=parameters.value(f"{name}.pack.joint_cell"),
    )


def _fixture(parameters: Parameters, room_c: float) -> FixtureParameters:
    section = parameters.section("fixture")
    harness = {name: parameters.section(f"{name}.harness") for name in PEERS}
    return FixtureParameters(
        ambient_c=room_c,
        lead_ohm=section["lead_mohm"] * MILLI,
        link_ohm=section["link_ohm"],
        bar_ohm=section["bar_mohm"] * MILLI,
        bleeder_ohm=section["bleeder_ohm"],
        bench_tau_s=section["bleeder_ohm"] * section["bench_farad"],
        contactor_close_us=round(section["contactor_close_s"] * 1e6),
        contactor_open_us=round(section["contactor_open_s"] * 1e6),
        dip_module_leads={n: harness[n]["dip_module_leads"] for n in PEERS},
        dip_peer_leads={n: harness[n]["dip_peer_leads"] for n in PEERS},
    )
