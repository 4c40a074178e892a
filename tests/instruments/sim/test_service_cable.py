"""The cable to the module's service port, and its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from tests.instruments.sim.responders.responder_fakes import Rig, write_faults


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Make a rig, with the fault that the test names."""
    fault = getattr(request, "param", None)
    made = Rig([write_faults(tmp_path, "service", fault)] if fault else [])
    yield made
    made.bench.close()


def exchange(rig: Rig) -> bytes:
    """Send two bytes and let the module answer four."""
    port = serial.serial_for_url(rig.bench.serial_url("service"), timeout=0.3)
    port.write(b"\x01\x02")
    answer: Callable[[str, int, bytes], None] = rig.plant.on_serial[0]
    answer("module", rig.world.now_us(), b"\x10\x20\x30\x40")
    reply: bytes = port.read(4)
    port.close()
    return reply


def test_bytes_go_both_ways_with_a_latency(rig: Rig) -> None:
    """The module's answer would come at once, or not at all."""
    assert exchange(rig) == b"\x10\x20\x30\x40"
    assert rig.plant.modules["module"].serial == [b"\x01\x02"]
    assert 5_000 <= rig.world.now_us() <= 21_000


def test_a_peer_does_not_answer_here(rig: Rig) -> None:
    """A peer's service port would be read as the module's."""
    port = serial.serial_for_url(rig.bench.serial_url("service"), timeout=0.3)
    rig.plant.on_serial[0]("peer1", 0, b"\x10")
    assert port.read(1) == b""
    port.close()


@pytest.mark.parametrize("rig", ["silent"], indirect=True)
def test_a_silent_cable_costs_the_timeout(rig: Rig) -> None:
    """A broken service cable would cost no bench time."""
    assert exchange(rig) == b""
    assert rig.world.now_us() == 300_000


@pytest.mark.parametrize("rig", ["corrupt"], indirect=True)
def test_every_third_answer_is_corrupt(rig: Rig) -> None:
    """A disturbed line would carry clean frames only, or none."""
    replies = [exchange(rig) for _ in range(6)]
    assert [reply == b"\x10\x20\x30\x40" for reply in replies] == [
        *(True, True, False),
        *(True, True, False),
    ]
