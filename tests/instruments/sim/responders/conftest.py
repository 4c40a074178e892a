"""Rigs for the tests of the dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.instruments.sim.responders.responder_fakes import Rig, write_faults


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Make a healthy rig."""
    made = Rig()
    yield made
    made.bench.close()


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Make rigs with one fault."""
    made: list[Rig] = []

    def make(target: str, name: str, when: float | None = None) -> Rig:
        made.append(Rig([write_faults(tmp_path, target, name, when)]))
        return made[-1]

    yield make
    for rig in made:
        rig.bench.close()
