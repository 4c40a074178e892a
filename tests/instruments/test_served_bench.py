"""The station's real seams on a served bench: sockets, cables, and the CAN adapter."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from instruments.bench import Bench
from instruments.bench_file import BenchConfig, load_bench_file
from instruments.clock import wall_s
from instruments.errors import BenchFileError, InstrumentError, NotConnected
from instruments.open import open_bench
from station.kills.bench_process import BenchProcess

pytestmark = pytest.mark.xdist_group("served")
SPEED_FACTOR = 4.0
HOLD_S = 120.0
"""So long [bench s] that only a lost link ends it, however busy the machine is."""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchProcess]:
    """Serve one bench for all tests of this module."""
    with BenchProcess(tmp_path_factory.mktemp("served"), SPEED_FACTOR) as process:
        yield process


@pytest.fixture
def config(process: BenchProcess) -> BenchConfig:
    """Read the bench file that both processes read."""
    return load_bench_file(process.file)


@pytest.fixture
def bench(config: BenchConfig) -> Iterator[Bench]:
    """Open the served bench as a bench of real instruments."""
    bench = open_bench(config)
    yield bench
    bench.close()


def test_served_bench_opens_dead_and_says_that_it_is_simulated(bench: Bench) -> None:
    """A record of a served bench would claim real instruments."""
    assert {one.serial[:4] for one in bench.identities.values()} == {"SIM-"}
    assert abs(bench.sample().module_v) < 1.0


def test_bench_can_be_opened_again_and_again(config: BenchConfig) -> None:
    """A session that is left open would lock the next run out."""
    for _ in range(2):
        open_bench(config).close()


def test_clock_runs_at_the_speed_of_the_bench(bench: Bench) -> None:
    """Watchdogs would be fed by another clock than they run by."""
    begun_s, bench_begun_us = wall_s(), bench.clock.now_us()
    bench.wait(2.0)
    spent_s, bench_spent_us = wall_s() - begun_s, bench.clock.now_us() - bench_begun_us
    assert spent_s >= 2.0 / SPEED_FACTOR
    # A busy machine may add to both, and not to their ratio.
    assert bench_spent_us / 1e6 == pytest.approx(spent_s * SPEED_FACTOR, rel=0.2)


@pytest.mark.parametrize("fault", ["cut", "mute"])
def test_lost_link_is_found_in_time_and_never_repaired_in_place(
    bench: Bench, process: BenchProcess, fault: str
) -> None:
    """A meter whose cable is gone would hold the station up or answer later."""
    process.command(f"{fault} module_meter")
    try:
        begun_us = bench.clock.now_us()
        with pytest.raises(InstrumentError):
            bench.hold(HOLD_S, 100_000)
        assert bench.clock.now_us() - begun_us < HOLD_S * 1e6
        with pytest.raises(NotConnected):
            bench.sample()
    finally:
        process.command("mend module_meter")
    bench.parts.module_meter.open()
    bench.sample()


# pyserial leaves a socket open whose far end has closed it; the collector closes it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_cut_service_link_is_an_error_of_the_family(
    bench: Bench, process: BenchProcess
) -> None:
    """A socket's own exception would end the run with a traceback."""
    process.command("cut service")
    try:
        with pytest.raises(InstrumentError, match="service"):
            bench.parts.service.read_block("summary")
    finally:
        process.command("mend service")


def test_can_port_that_nobody_serves_is_refused_at_once(
    config: BenchConfig, capfd: pytest.CaptureFixture[str]
) -> None:
    """python-can would try for ten seconds and write a line for every try."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]  # nobody listens there, now or in a moment
    options = {**config.can.options, "port": port}
    can = msgspec.structs.replace(config.can, options=options)
    begun_s = wall_s()
    with pytest.raises(InstrumentError, match="adapter did not open"):
        open_bench(msgspec.structs.replace(config, can=can))
    assert wall_s() - begun_s < 10.0
    assert capfd.readouterr().err == ""


def test_speed_is_refused_where_a_real_instrument_answers(tmp_path: Path) -> None:
    """Every time of a verdict would be wrong by that factor."""
    defect = tmp_path / "defect.toml"
    defect.write_text(
        'id = "d"\ntitle = "d"\n[[change]]\ntarget = "load.identity"\n'
        'set = "CHROMA,63210A-150-1000,63210A000123,1.00"\n',
        encoding="utf-8",
    )
    with (
        BenchProcess(tmp_path, SPEED_FACTOR, "--defect", str(defect)) as process,
        pytest.raises(BenchFileError, match=r"bench\.speed"),
    ):
        open_bench(load_bench_file(process.file))
