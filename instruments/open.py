"""Open a bench: the one place that knows whether it is real or simulated.

Drivers, links and `Bench` are the same on both; only what stands behind pyvisa,
python-can and pyserial differs, and who moves the clock.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instruments.bench import Bench
from instruments.bench_file import BenchConfig
from instruments.drivers import catalogue
from instruments.drivers.operator import ScriptedOperator, TerminalOperator
from instruments.errors import (
    BenchFileError,
    CanLinkError,
    InstrumentError,
    ServiceLinkError,
)
from instruments.links.can_link import CanLink
from instruments.links.service_link import ServiceLink
from instruments.parts import BenchParts
from instruments.real_seams import real_seams
from instruments.roles import Operator
from instruments.seams import Seams
from instruments.stand_in import is_stand_in
from instruments.start_dead import leave_dead, send_all_off, start_dead
from instruments.trace_files import TraceFiles, open_trace_files
from instruments.wire import weco_service
from instruments.wire.pylon_lv import PylonLv

if TYPE_CHECKING:
    import can

    from instruments.sim.defects import DefectFile
    from instruments.sim.faults.points import FaultPoints
    from instruments.sim.firmware import Firmware
    from instruments.sim.parameters import Parameters


def open_bench(
    config: BenchConfig,
    *,
    seed: int | None = None,
    defects: Sequence[Path | DefectFile] = (),
    state: Path | None = None,
    trace_dir: Path | None = None,
    operator: str = "",
    serial: str = "",
    every_byte: bool = False,
    fault_points: FaultPoints | None = None,
    firmware: Firmware | None = None,
    bench_type: type[Bench] = Bench,
) -> Bench:
    """Open every link of a bench, prove who answers, and switch everything off.

    Args:
        config: the bench file.
        seed: draws the simulated module from its population; None is the nominal one.
        defects, state: what is wrong with the simulated module and where it stands.
        trace_dir: where the V/I trace and the CAN log go; None keeps none.
        operator: who stands at the bench.
        serial: what the simulated module carries on its label.
        every_byte: keep every byte to and from instruments and service port as well.
        fault_points: what every call passes; simulated benches only. Given a second
            time they open the bench of the first time again, in its own world.
        firmware: what runs in the simulated module; None is the shipped model.
        bench_type: what to build; a test gives a bench that it has weakened.

    Raises:
        BenchFileError: a file cannot be used.
        InstrumentError: an instrument is silent or another one, or does not go off.
    """
    if config.simulated:
        seams = _simulated_seams(
            config, seed, defects, state, serial, fault_points, firmware
        )
    elif fault_points is not None:
        raise BenchFileError(
            config.bench.name, "bench.kind", 'is "simulated" where a fault is planned'
        )
    else:
        seams = real_seams(config)
    with ExitStack() as undo:
        undo.callback(seams.close)
        files = open_trace_files(trace_dir, every_byte, undo)
        parts = _build_parts(config, seams, files, operator)
        bench = bench_type(parts, seams.clock, config, files.trace)
        bench.trace_files = files.paths
        bench.world = seams.world
        bench.earlier_trips = seams.earlier_trips
        bench.after_close.append(undo.pop_all().close)
    _begin_dead(bench, config.self_off_s)
    return bench


def _begin_dead(bench: Bench, self_off_s: float) -> None:
    """Prove who answers and that everything is off; else close what was opened."""
    try:
        _identify(bench)
        start_dead(bench.parts, bench.clock, self_off_s)
    except BaseException as error:
        with closing(bench):
            failed = leave_dead(bench.parts, bench.clock, self_off_s, error)
        if failed is error:
            raise
        raise failed from error


def _identify(bench: Bench) -> None:
    """Open every instrument in turn; the first that does not answer ends it."""
    for instrument in bench.parts.instruments():
        bench.identities[instrument.role] = identity = instrument.open()
        if bench.config.bench.speed_factor != 1.0 and not is_stand_in(identity):
            raise BenchFileError(
                bench.config.bench.name,
                "bench.speed",
                f"is 1 where a real {instrument.role} answers",
            )


def _build_parts(
    config: BenchConfig, seams: Seams, files: TraceFiles, operator: str
) -> BenchParts:
    log = files.byte_log
    make = catalogue.Maker(config, seams.manager, seams.clock, seams.led_url, log)
    supply, load, switchbox = make.supply(), make.load(), make.switchbox()
    try:
        bus, port = _open_links(seams)
    except InstrumentError:
        send_all_off(supply, load, switchbox)
        raise
    return BenchParts(
        supply=supply,
        load=load,
        module_meter=make.module_meter(),
        shunt_meter=make.shunt_meter(),
        scan_meter=make.scan_meter(),
        switchbox=switchbox,
        ntc_emulator=make.ntc_emulator(),
        led_reader=make.led_reader(),
        can=CanLink(bus, seams.clock, PylonLv(), files.can_log, seams.can_offset_us),
        service=ServiceLink(
            port,
            seams.clock,
            weco_service.load_profile(),
            config.service.timeout_s,
            log,
        ),
        operator=_operator(config, operator, seams.read_module),
    )


def _open_links(seams: Seams) -> tuple[can.BusABC, Any]:
    """Open CAN adapter and service port.

    Raises:
        CanLinkError, ServiceLinkError: one of them does not open.
    """
    try:
        bus = seams.can_bus()
    except Exception as cause:  # python-can raises a family per adapter
        raise CanLinkError(
            "CAN", f"adapter did not open ({cause})", "check [can] of the bench file"
        ) from cause
    try:
        port = seams.service_port()
    except (OSError, ValueError) as cause:
        raise ServiceLinkError(
            "service port",
            f"did not open ({cause})",
            "check [service] of the bench file",
        ) from cause
    return bus, port


def _operator(
    config: BenchConfig, name: str, read_module: Callable[[str], str] | None
) -> Operator:
    if config.operator.driver == "terminal":
        return TerminalOperator(name, sys.stdin, sys.stderr)
    return ScriptedOperator(name or "script", config.operator.answers, read_module)


def _simulated_seams(
    config: BenchConfig,
    seed: int | None,
    defects: Sequence[Path | DefectFile],
    state: Path | None,
    serial: str,
    fault_points: FaultPoints | None,
    firmware: Firmware | None,
) -> Seams:
    import serial as pyserial

    from instruments.sim.firmware import SHIPPED
    from instruments.sim.simulated_bench import build_simulated_bench
    from instruments.sim.state import load_state

    if config.can.interface != "bench":
        raise BenchFileError(
            config.bench.name, "can.interface", 'is "bench" on a simulated bench'
        )
    start = load_state(state) if state is not None else None
    bench = build_simulated_bench(
        config.resources(),
        seed=seed,
        defects=defects,
        state=start,
        fault_points=fault_points,
        firmware=SHIPPED if firmware is None else firmware,
    )
    if fault_points is not None:
        fault_points.due_us = _line_timeouts_us(config)
    return Seams(
        clock=bench.world,
        manager=bench.resource_manager(),
        can_bus=lambda: bench.can_bus(config.can.channel),
        service_port=lambda: pyserial.serial_for_url(bench.serial_url("service")),
        led_url=bench.serial_url("led_reader"),
        read_module=lambda name: _read_off(bench.parameters, name, serial),
        close=bench.close,
        can_offset_us=0,  # the simulated bus stamps bench time
        earlier_trips=0 if start is None else start.trips,
        world=bench,
    )


def _line_timeouts_us(config: BenchConfig) -> dict[str, int]:
    """List how long an answer may take [µs] on the lines that are no SCPI sessions."""
    return {
        "led": round(config.led_reader.timeout_s * 1e6),
        "service": round(config.service.timeout_s * 1e6),
    }


def _read_off(params: Parameters, name: str, scanned: str) -> str:
    """Read nameplate, scale or torque wrench; a defect can change what is there."""
    if name == "label":
        serial = params.value("module.label.serial") or scanned
        return f"{params.value('module.label.model')} {serial}"
    value = params.value(f"module.label.{name}")
    return value if isinstance(value, str) else f"{value:.2f}"
