"""make_safe as a phase: what is measured is judged, what is not is an error."""

from __future__ import annotations

import pytest

from instruments.bench import Bench
from instruments.errors import NotProtected
from phases.operate import ensure_running
from phases.results import PASS
from tests.phases import rig


def charging(bench: Bench) -> None:
    """Let current flow."""
    ensure_running(bench)
    bench.charge(20.0, 56.0)
    bench.hold(1.0)


def test_live_bench_ends_dead_and_dark() -> None:
    """make_safe leaves current, voltage or a running module behind."""
    with rig.opened({"soc_pct": 50.0, "module": "running"}) as bench:
        charging(bench)
        result = rig.run_make_safe(bench)
        assert {found.outcome for found in result.measurements} == {PASS}
        assert bench.last_safe is not None
        assert bench.last_safe.dead
        assert bench.last_safe.module_dead


def test_nothing_energises_after_make_safe_began() -> None:
    """A phase that goes on after the end switches a source on again."""
    with rig.opened({"soc_pct": 50.0, "module": "running"}) as bench:
        charging(bench)
        bench.make_safe(module_dead=False)
        with pytest.raises(NotProtected):
            bench.charge(20.0, 56.0)
        with pytest.raises(NotProtected):
            bench.discharge(20.0)
        with pytest.raises(NotProtected):
            bench.close_contactor()
        assert not bench.parts.supply.read_output()


def test_make_safe_again_says_the_same() -> None:
    """A second make_safe undoes or worsens the first."""
    with rig.opened({"soc_pct": 50.0, "module": "running"}) as bench:
        charging(bench)
        first = bench.make_safe()
        second = bench.make_safe()
        assert first.dead
        assert second.dead
