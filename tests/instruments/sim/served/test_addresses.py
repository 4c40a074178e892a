"""Addresses of a served bench: loopback, one port each, or refused with the reason."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from instruments.bench_file import BenchConfig, load_bench_file
from instruments.errors import BenchFileError
from instruments.sim.served.addresses import read_addresses

BENCHES = Path(__file__).parents[4] / "station" / "benches"


@pytest.fixture(scope="module")
def config() -> BenchConfig:
    """Read the shipped served bench."""
    return load_bench_file(BENCHES / "served.toml")


def test_shipped_bench_has_a_port_for_every_part(config: BenchConfig) -> None:
    """A part of the bench would not be served."""
    addresses = read_addresses(config)
    assert len(addresses) == 10
    assert len({port for _, port in addresses.values()}) == 10
    assert {host for host, _ in addresses.values()} == {"127.0.0.1"}


def test_simulated_bench_is_not_served() -> None:
    """The station would open a bench of its own beside the served one."""
    with pytest.raises(BenchFileError, match=r"bench\.kind"):
        read_addresses(load_bench_file(BENCHES / "simulated.toml"))


@pytest.mark.parametrize(
    "resource",
    [
        "TCPIP0::192.168.1.5::5025::SOCKET",
        "TCPIP0::bench.example::5025::SOCKET",
        "TCPIP0::127.0.0.1::INSTR",
        "TCPIP0::127.0.0.1::0::SOCKET",
        "TCPIP0::127.0.0.1::70000::SOCKET",
        "TCPIP0::127.0.0.1::15011::SOCKET",
        "",
    ],
)
def test_resource_that_cannot_be_served_is_refused(
    config: BenchConfig, resource: str
) -> None:
    """A bench would listen where others reach it, or two parts on one port."""
    load = msgspec.structs.replace(config.load, resource=resource)
    with pytest.raises(BenchFileError, match="load"):
        read_addresses(msgspec.structs.replace(config, load=load))


@pytest.mark.parametrize("url", ["/dev/ttyUSB0", "socket://127.0.0.1", "socket://a:b"])
def test_service_url_that_cannot_be_served_is_refused(
    config: BenchConfig, url: str
) -> None:
    """The service link would be missing without a word."""
    service = msgspec.structs.replace(config.service, url=url)
    with pytest.raises(BenchFileError, match=r"service\.url"):
        read_addresses(msgspec.structs.replace(config, service=service))


@pytest.mark.parametrize("key", ["interface", "options"])
def test_can_adapter_that_cannot_be_served_is_refused(
    config: BenchConfig, key: str
) -> None:
    """The module's CAN would be missing without a word."""
    wrong = {"interface": "socketcan"} if key == "interface" else {"options": {}}
    can = msgspec.structs.replace(config.can, **wrong)
    with pytest.raises(BenchFileError, match=f"can.{key}"):
        read_addresses(msgspec.structs.replace(config, can=can))
