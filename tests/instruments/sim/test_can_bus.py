"""The simulated CAN adapter."""

from __future__ import annotations

import can
import pytest

from instruments.sim.can_bus import QUEUE_FRAMES, SimulatedCanBus
from instruments.sim.world import PRIORITY_EMISSION, World


class Cable:
    """A bus, its world and what was sent."""

    def __init__(self) -> None:
        self.world = World()
        self.sent: list[tuple[int, bytes]] = []
        self.closed: list[can.BusABC] = []
        self.bus = SimulatedCanBus(
            "module",
            self.world,
            lambda frame_id, data: self.sent.append((frame_id, data)),
            self.closed.append,
        )


@pytest.fixture
def cable() -> Cable:
    """Open a bus."""
    return Cable()


def test_zero_timeout_returns_what_is_queued(cable: Cable) -> None:
    """Draining the bus would cost bench time or lose frames."""
    cable.bus.deliver(1_500_000, 0x351, b"\x01\x02")
    message = cable.bus.recv(timeout=0)
    assert message is not None
    assert (message.arbitration_id, bytes(message.data)) == (0x351, b"\x01\x02")
    assert message.timestamp == pytest.approx(1.5)
    assert not message.is_extended_id
    assert cable.bus.recv(timeout=0) is None
    assert cable.world.now_us() == 0


def test_waiting_moves_the_world_to_the_frame(cable: Cable) -> None:
    """A waiting reader would not let the module run, or wait past the frame."""
    cable.world.at_us(
        30_000, PRIORITY_EMISSION, lambda: cable.bus.deliver(30_000, 0x355, b"")
    )
    message = cable.bus.recv(timeout=1.0)
    assert message is not None
    assert cable.world.now_us() == 30_000


def test_waiting_ends_at_the_deadline(cable: Cable) -> None:
    """A silent bus would block longer or shorter than asked."""
    assert cable.bus.recv(timeout=0.25) is None
    assert cable.world.now_us() == 250_000


def test_waiting_for_ever_is_refused(cable: Cable) -> None:
    """A reader without time-out would spin on a bus that stays silent."""
    with pytest.raises(can.CanOperationError):
        cable.bus.recv(timeout=None)


def test_sent_frames_are_copies(cable: Cable) -> None:
    """A frame changed after sending would change what the module got."""
    data = bytearray(b"\x00" * 8)
    cable.bus.send(can.Message(arbitration_id=0x305, data=data, is_extended_id=False))
    data[0] = 1
    assert cable.sent == [(0x305, b"\x00" * 8)]


def test_the_queue_is_bounded(cable: Cable) -> None:
    """A bus that nobody drains would grow for hours of bench time."""
    for number in range(QUEUE_FRAMES + 3):
        cable.bus.deliver(number, 0x351, b"")
    first = cable.bus.recv(timeout=0)
    assert first is not None
    assert first.timestamp == pytest.approx(3e-6)
    assert cable.bus.lost_frames == 3


def test_filters_are_applied(cable: Cable) -> None:
    """The adapter's filters would be ignored by the overridden recv."""
    cable.bus.set_filters([{"can_id": 0x355, "can_mask": 0x7FF, "extended": False}])
    cable.bus.deliver(1, 0x351, b"")
    cable.bus.deliver(2, 0x355, b"")
    message = cable.bus.recv(timeout=0)
    assert message is not None
    assert message.arbitration_id == 0x355


def test_cyclic_sending_is_refused(cable: Cable) -> None:
    """python-can would start a thread on the real clock."""
    with pytest.raises(can.CanOperationError):
        cable.bus.send_periodic(can.Message(arbitration_id=0x305), 1.0)


def test_a_shut_down_bus_is_refused(cable: Cable) -> None:
    """A closed adapter would go on answering."""
    cable.bus.shutdown()
    cable.bus.shutdown()
    assert cable.closed == [cable.bus]
    with pytest.raises(can.CanOperationError):
        cable.bus.recv(timeout=0)
    with pytest.raises(can.CanOperationError):
        cable.bus.send(can.Message(arbitration_id=0x305, is_extended_id=False))
