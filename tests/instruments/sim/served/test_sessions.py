"""What one connection talks: lines that come in pieces, and socketcand's handshake."""

from __future__ import annotations

import can
import pytest

from instruments.sim.can_bus import SimulatedCanBus
from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.served.sessions import LONGEST_LINE, ScpiSession, SocketcandSession
from instruments.sim.simulated_device import SimulatedDevice
from instruments.sim.world import World


class Echo:
    """An instrument that answers with what it was sent."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def execute(self, message: bytes) -> bytes | None:
        self.messages.append(message)
        return message if b"?" in message else None


@pytest.fixture
def echo() -> Echo:
    """Make the instrument."""
    return Echo()


@pytest.fixture
def scpi(echo: Echo) -> ScpiSession:
    """Make a connection to it."""
    world = World()
    return ScpiSession(
        SimulatedDevice("echo", echo, world, lambda: 0, FaultSchedule(world, {}))
    )


def test_message_in_pieces_is_one_message(scpi: ScpiSession, echo: Echo) -> None:
    """Half a command would be executed."""
    scpi.received(b"OUTP O")
    assert echo.messages == []
    scpi.received(b"FF\nA?\nB")
    assert echo.messages == [b"OUTP OFF\n", b"A?\n"]
    assert scpi.due() == b"A?\n"
    assert scpi.due() == b""


def test_line_without_end_ends_the_connection(scpi: ScpiSession) -> None:
    """A stream of garbage would fill the memory."""
    with pytest.raises(ConnectionError):
        scpi.received(b"x" * (LONGEST_LINE + 1))


class Bus:
    """The module's side of a CAN bus, and a socketcand session on it."""

    def __init__(self) -> None:
        self.world = World()
        self.sent: list[tuple[int, bytes]] = []
        self.left = 0
        self.bus = SimulatedCanBus(
            "module", self.world, lambda *frame: self.sent.append(frame), self._leave
        )
        self.session = SocketcandSession(self.bus, self.world, 2.0)

    def _leave(self, bus: can.BusABC) -> None:
        del bus
        self.left += 1

    def shake_hands(self) -> None:
        """Do what python-can does when it opens the bus."""
        assert self.session.due() == b"< hi >"
        self.session.received(b"< open module >")
        assert self.session.due() == b"< ok >"
        self.session.received(b"< raw")
        self.session.received(b"mode >")
        assert self.session.due() == b"< ok >"


def test_frames_wait_until_the_handshake_was_read() -> None:
    """python-can takes "< ok >" and a frame in one piece for a failed handshake."""
    bus = Bus()
    bus.bus.deliver(0, 0x359, b"\x01")
    bus.shake_hands()
    assert bus.session.due() == b""
    bus.world.advance_us(1_000_000)
    bus.bus.deliver(1_000_000, 0x35C, b"\xc0\x00")
    assert bus.session.due() == (
        b"< frame 359 0.000000 01 >< frame 35C 1.000000 C000 >"
    )


def test_frame_of_the_station_reaches_the_module() -> None:
    """The keep-alive would be lost."""
    bus = Bus()
    bus.shake_hands()
    bus.session.received(b"< send 305 8 0 0 0 0 0 0 0 ff >")
    assert bus.sent == [(0x305, bytes(7) + b"\xff")]


def test_command_of_another_mode_is_refused_in_words() -> None:
    """A client that speaks more than raw mode would wait for ever."""
    bus = Bus()
    bus.shake_hands()
    bus.session.received(b"< echo >")
    assert bus.session.due() == b"< error unknown command >"


def test_frame_of_another_length_ends_the_connection() -> None:
    """A frame that was cut would reach the module as another one."""
    bus = Bus()
    bus.shake_hands()
    with pytest.raises(ConnectionError):
        bus.session.received(b"< send 305 8 0 0 >")
    bus.session.close()
    assert bus.left == 1


def test_bus_that_cannot_send_ends_the_connection() -> None:
    """A fault of the simulated adapter would end the whole served bench."""

    def refuse(can_id: int, data: bytes) -> None:
        raise can.CanOperationError(f"0x{can_id:03X} with {len(data)} bytes")

    world = World()
    bus = SimulatedCanBus("module", world, refuse, lambda _: None)
    session = SocketcandSession(bus, world, 1.0)
    with pytest.raises(ConnectionError):
        session.received(b"< send 305 0 >")
    session.close()
