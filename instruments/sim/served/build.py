"""Build the served bench: the simulated bench, its ports, and what can be done to them.

It is the same simulated bench as in the station's own process, without latency of its
own: loopback and the two processes have some already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import can
import serial

from instruments.bench_file import BenchConfig
from instruments.clock import wall_s
from instruments.sim.served.addresses import Address, read_addresses
from instruments.sim.served.server import BenchServer
from instruments.sim.served.sessions import (
    ByteSession,
    ScpiSession,
    Session,
    SocketcandSession,
)
from instruments.sim.served.truth_log import TruthLog
from instruments.sim.simulated_bench import SimulatedBench, build_simulated_bench
from instruments.sim.simulated_device import SimulatedDevice
from instruments.sim.state import load_state


@dataclass(frozen=True, slots=True)
class ServedBench:
    """A served bench that listens, and how it is closed."""

    server: BenchServer
    ports: dict[str, int]
    close: Callable[[], None]


def build_served_bench(
    config: BenchConfig,
    *,
    seed: int | None = None,
    defects: Sequence[Path] = (),
    state: Path | None = None,
    truth: TextIO | None = None,
) -> ServedBench:
    """Build a bench whose bench time begins now, and open its ports.

    Args:
        config: the bench file that the station gets too.
        seed: draws the simulated module from its population.
        defects, state: what is wrong with the module and where it stands.
        truth: where the truth log goes; it is closed with the bench.

    Raises:
        BenchFileError: a file cannot be used, or a port is taken.
    """
    addresses = read_addresses(config)
    bench = build_simulated_bench(
        config.resources(),
        seed=seed,
        defects=defects,
        state=load_state(state) if state is not None else None,
        latency=False,
    )
    speed_factor = config.bench.speed_factor
    connects = _connects(bench, config, speed_factor)
    start_s = wall_s()
    ports: dict[str, tuple[Address, Callable[[], Session | None]]] = {
        role: (address, connects[role]) for role, address in addresses.items()
    }
    server = BenchServer(bench.world, ports, speed_factor, start_s)
    server.listen()
    log = None
    if truth is not None:
        log = TruthLog(truth, bench.world, bench.plant, start_s, speed_factor)

    def close() -> None:
        if log is not None:
            log.close()
        bench.close()

    return ServedBench(server, {role: a[1] for role, a in addresses.items()}, close)


def _connects(
    bench: SimulatedBench, config: BenchConfig, speed_factor: float
) -> dict[str, Callable[[], Session | None]]:
    """Make, by role, what answers a new connection."""
    found: dict[str, Callable[[], Session | None]] = {
        role: partial(_scpi, device) for role, device in bench.devices.items()
    }
    for name in ("led_reader", "service"):
        found[name] = partial(_serial, bench.serial_url(name))
    found["can"] = partial(_can, bench, config.can.channel, speed_factor)
    return found


def _scpi(device: SimulatedDevice) -> Session | None:
    return ScpiSession(device) if device.present() else None


def _serial(url: str) -> Session | None:
    try:
        return ByteSession(serial.serial_for_url(url, timeout=0))
    except serial.SerialException:  # no adapter, or somebody has it open
        return None


def _can(bench: SimulatedBench, channel: str, speed_factor: float) -> Session | None:
    try:
        return SocketcandSession(bench.can_bus(channel), bench.world, speed_factor)
    except can.CanError:
        return None
