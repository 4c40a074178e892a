"""Fixtures that the station's tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.admission import RunOrder
from station.results.store import Store
from station.run import Run, RunResult
from station.signals import StopSignals
from tests.station.fakes import SERIAL, FakeRig, SilentDisplay

GoRun = Callable[..., RunResult]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a new record store."""
    opened = Store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def go(store: Store) -> GoRun:
    """Run a rig into the store, without touching the process's signals."""

    def run(rig: FakeRig, signals: StopSignals | None = None) -> RunResult:
        order = RunOrder(SERIAL, "A. Nother", rig.inputs())
        stop = signals or StopSignals()
        return Run(rig, order, store, stop, SilentDisplay()).go()

    return run
