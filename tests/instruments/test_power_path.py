"""What must stand behind a source before it is switched on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest

from instruments.bench import Bench
from instruments.errors import NotProtected
from instruments.fixture import NO_CURRENT_A
from instruments.trace import Sample
from phases.operate import ensure_running
from tests.instruments.test_bench import change, running
from tests.phases import rig


def discharge(bench: Bench) -> None:
    """Switch the load on at a constant current."""
    bench.discharge(20.0)


def discharge_to_v(bench: Bench) -> None:
    """Switch the load on at a constant voltage."""
    bench.discharge_to_v(50.0, 20.0)


@pytest.mark.parametrize("switch_on", [discharge, discharge_to_v])
def test_load_without_dead_man_is_never_switched_on(
    switch_on: Callable[[Bench], None],
) -> None:
    """A load that nothing turns off when the station dies is used."""
    shipped = rig.config()
    load = msgspec.structs.replace(shipped.load, dead_man=False)
    bare = msgspec.structs.replace(shipped, load=load)
    state = {"soc_pct": 50.0, "module": "running"}
    with rig.opened(state, bench_file=bare) as bench:
        ensure_running(bench)
        with pytest.raises(NotProtected, match="dead-man"):
            switch_on(bench)
        assert not bench.parts.load.read_input()
        assert not bench.parts.switchbox.read_inputs()["contactor_closed"]


@pytest.mark.parametrize(
    ("key", "switch_on"),
    [
        ("supply.output_on_delay_ms", lambda bench: bench.charge(20.0, 56.0)),
        ("load.input_on_delay_ms", discharge),
    ],
    ids=["supply", "load"],
)
def test_slow_source_is_no_module_that_opened(
    key: str, switch_on: Callable[[Bench], None]
) -> None:
    """The first look after a source was switched on finds no current yet."""
    with running(change(key, 700.0)) as bench:
        bench.close_contactor()
        switch_on(bench)
        assert abs(bench.sample().current_a) > NO_CURRENT_A


def test_every_change_of_source_is_sampled_four_times_a_second() -> None:
    """Current flows unseen between the switching of a source and the next look."""
    with running() as bench:
        seen: list[Sample] = []
        bench.sampler.on_sample = seen.append
        for _ in range(8):
            bench.charge(43.0, 56.0)
            bench.hold(1.0)
            bench.discharge(43.0)
            bench.hold(1.0)
            bench.charge(43.0, 56.0)
            bench.hold(1.0)
            bench.disconnect()
        gaps_us = [
            max(after.t_v_us - before.t_v_us, after.t_a_us - before.t_a_us)
            for before, after in pairwise(seen)
            if max(abs(before.current_a), abs(after.current_a)) > NO_CURRENT_A
        ]
        assert max(gaps_us) <= 250_000
