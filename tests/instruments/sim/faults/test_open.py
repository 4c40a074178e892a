"""Fault points given to `open_bench`, and the same bench opened twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from instruments.bench import Bench
from instruments.bench_file import BenchConfig, load_bench_file
from instruments.errors import BenchFileError, InstrumentError
from instruments.open import open_bench
from instruments.sim.faults.plan import FaultPlan
from instruments.sim.faults.points import FaultPoints, StationKilled
from station.wiring import DEFAULT_BENCH


class WeakBench(Bench):
    """A bench that a test has weakened."""


@pytest.fixture
def config() -> BenchConfig:
    """Load the simulated bench that is shipped."""
    return load_bench_file(DEFAULT_BENCH)


@pytest.fixture
def points() -> Iterator[FaultPoints]:
    """Give fault points without a plan, and close their bench afterwards."""
    given = FaultPoints(keep_calls=True)
    yield given
    if given.bench is not None:
        given.bench.close()


def test_bench_type_is_what_is_built(config: BenchConfig, points: FaultPoints) -> None:
    """A weakened part could not be tried without editing the station."""
    bench = open_bench(config, fault_points=points, bench_type=WeakBench)
    assert isinstance(bench, WeakBench)
    assert points.calls > 30
    assert points.truth is not None
    bench.close()


def test_killed_start_is_followed_by_another_on_the_same_world(
    config: BenchConfig,
) -> None:
    """What the dead station left behind could not be met by the next start."""
    points = FaultPoints(FaultPlan("killed", "on", 30))
    with pytest.raises(StationKilled):
        open_bench(config, fault_points=points)
    world = points.world
    assert world is not None
    world.advance_us(10_000_000)
    points.restart()
    bench = open_bench(config, fault_points=points)
    assert bench.clock is world
    assert world.t_us > 10_000_000
    assert points.truth is not None
    assert points.truth.dead_now
    bench.close()


def test_broken_instrument_is_still_broken_after_a_restart(
    config: BenchConfig,
) -> None:
    """A new start would find a bench that repaired itself."""
    points = FaultPoints(FaultPlan("link_lost", "on", 3))
    for _ in range(2):
        with pytest.raises(InstrumentError, match="supply"):
            open_bench(config, fault_points=points)
        points.restart()


def test_real_bench_takes_no_faults(config: BenchConfig, points: FaultPoints) -> None:
    """A plan would be given, and nothing would happen."""
    real = replace(config, bench=replace(config.bench, kind="real"))
    with pytest.raises(BenchFileError, match="simulated"):
        open_bench(real, fault_points=points)
