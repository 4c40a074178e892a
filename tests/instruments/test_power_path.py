"""What must stand behind a source before it is switched on."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from instruments.bench import Bench
from instruments.errors import NotProtected
from phases.operate import ensure_running
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
