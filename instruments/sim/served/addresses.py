"""Where each part of a served bench listens, as its bench file says.

Server and station read the same file, so port 0 ("any free port") is of no use here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from instruments.bench_file import BenchConfig
from instruments.errors import BenchFileError

CAN_INTERFACE = "socketcand"
_SOCKET = re.compile(r"TCPIP\d*::(?P<host>[^:]+)::(?P<port>\d+)::SOCKET")

Address = tuple[str, int]


def read_addresses(config: BenchConfig) -> Mapping[str, Address]:
    """List host and port by role; beside SCPI led_reader, service and can.

    Raises:
        BenchFileError: not a real bench on loopback sockets, or one port twice.
    """
    name = config.bench.name
    if config.simulated:
        raise BenchFileError(
            name, "bench.kind", 'is "real" on a bench that is served over sockets'
        )
    found = {
        role: _visa(name, f"{role}.resource", resource)
        for role, resource in config.resources().items()
    }
    found["led_reader"] = _url(name, "led_reader.resource", config.led_reader.resource)
    found["service"] = _url(name, "service.url", config.service.url)
    found["can"] = _can(config)
    taken: dict[int, str] = {}
    for role, (_, port) in found.items():
        other = taken.setdefault(port, role)
        if other != role:
            raise BenchFileError(
                name, role, f"port {port} is that of {other} already; choose another"
            )
    return found


def _visa(name: str, where: str, resource: str) -> Address:
    match = _SOCKET.fullmatch(resource)
    if match is None:
        why = f"write TCPIP0::127.0.0.1::PORT::SOCKET, not {resource!r}"
        raise BenchFileError(name, where, why)
    return _loopback(name, where, match["host"], int(match["port"]))


def _url(name: str, where: str, url: str) -> Address:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme != "socket" or host is None or port is None:
        why = f"write socket://127.0.0.1:PORT, not {url!r}"
        raise BenchFileError(name, where, why)
    return _loopback(name, where, host, port)


def _can(config: BenchConfig) -> Address:
    name, options = config.bench.name, config.can.options
    if config.can.interface != CAN_INTERFACE:
        raise BenchFileError(
            name, "can.interface", f'is "{CAN_INTERFACE}" on a served bench'
        )
    host, port = options.get("host"), options.get("port")
    if not isinstance(host, str) or not isinstance(port, int):
        why = 'write options = { host = "127.0.0.1", port = PORT }'
        raise BenchFileError(name, "can.options", why)
    return _loopback(name, "can.options", host, port)


def _loopback(name: str, where: str, host: str, port: int) -> Address:
    """Check that nobody else on the network can switch this bench."""
    try:
        near = ip_address(host).is_loopback
    except ValueError:
        near = False
    if not near:
        raise BenchFileError(name, where, f"{host!r} is no loopback address")
    if not 0 < port < 65536:
        raise BenchFileError(name, where, f"port {port} is none; write 1 to 65535")
    return host, port
