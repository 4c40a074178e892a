"""The seams of a bench of real instruments, or of one that is served over sockets."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any

from instruments.bench_file import BenchConfig, CanTable
from instruments.clock import WallClock
from instruments.seams import Seams
from instruments.wire import pylon_lv_profile, weco_service

if TYPE_CHECKING:
    import can

_CONNECT_S = 2.0


def real_seams(config: BenchConfig) -> Seams:
    """Make the seams on pyvisa-py, python-can and pyserial.

    One resource manager for the process: closing it ends every session
    (instruments.md section 4, trap 4).
    """
    import pyvisa
    import serial as pyserial

    manager = pyvisa.ResourceManager("@py")
    url = config.service.url
    only_one = {} if "://" in url else {"exclusive": True}
    return Seams(
        clock=WallClock(config.bench.speed_factor),
        manager=manager,
        can_bus=lambda: _can_bus(config.can),
        service_port=lambda: pyserial.serial_for_url(
            url, baudrate=weco_service.load_profile().baud, **only_one
        ),
        led_url=config.led_reader.resource,
        read_module=None,
        close=manager.close,
    )


def _can_bus(table: CanTable) -> can.BusABC:
    """Open the CAN adapter that the bench file names.

    python-can tries a refused socketcand port for 10 s in a tight loop and logs every
    try and every split frame: the port is tried first, and its logger is quiet.
    """
    import can

    logging.getLogger("can").setLevel(logging.CRITICAL)
    options: dict[str, Any] = dict(table.options)
    host, port = options.get("host"), options.get("port")
    if table.interface == "socketcand" and host and port:
        socket.create_connection((str(host), int(port)), _CONNECT_S).close()
    return can.Bus(
        interface=table.interface,
        channel=table.channel,
        bitrate=pylon_lv_profile.load_profile().bitrate,
        ignore_config=True,
        **options,
    )
