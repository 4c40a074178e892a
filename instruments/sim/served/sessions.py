"""What one connection to a served bench talks: SCPI lines, plain bytes, or socketcand.

A session knows no socket: bytes go in by `received`, and what is due to go out is
fetched by `due` after each step of the world.
"""

from __future__ import annotations

import re
from typing import Protocol

import can

from instruments.sim.simulated_device import SimulatedDevice
from instruments.sim.world import World

LONGEST_LINE = 65_536
_FRAME = re.compile(rb"<([^<>]*)>")
_SEND = re.compile(r"send ([0-9A-Fa-f]{1,8}) ([0-8])((?: [0-9A-Fa-f]{1,2})*)")
_QUIET_US = 500_000


class Session(Protocol):
    """One connection's side of the bench."""

    def received(self, data: bytes) -> None:
        """Take bytes from the station.

        Raises:
            ConnectionError: the device drops the connection.
        """
        ...

    def due(self) -> bytes:
        """Give what the bench has to say since the last call."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


class ScpiSession:
    """An instrument on a raw socket: one message a line."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._buffer = bytearray()
        self._inbox: list[bytes] = []

    def received(self, data: bytes) -> None:
        """Execute every complete line; the rest waits for its end."""
        self._buffer += data
        while (end := self._buffer.find(b"\n") + 1) > 0:
            message = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._device.exchange(message, self._inbox)
        if len(self._buffer) > LONGEST_LINE:
            raise ConnectionError("a line without end")

    def due(self) -> bytes:
        """Give the replies."""
        if not self._inbox:
            return b""
        replies = b"".join(self._inbox)
        self._inbox.clear()
        return replies

    def close(self) -> None:
        """Do nothing: an instrument keeps its settings when a client leaves."""


class Port(Protocol):
    """What a byte session uses of a pyserial port of the simulated bench."""

    @property
    def in_waiting(self) -> int:
        """Count the bytes that can be read."""
        ...

    def read(self, size: int = 1, /) -> bytes:
        """Read bytes."""
        ...

    def write(self, data: bytes, /) -> int | None:
        """Write bytes."""
        ...

    def close(self) -> None:
        """Close the port."""
        ...


class ByteSession:
    """A serial line behind a socket, as a serial-to-network adapter makes it."""

    def __init__(self, port: Port) -> None:
        self._port = port

    def received(self, data: bytes) -> None:
        """Pass bytes on to the line."""
        self._port.write(data)

    def due(self) -> bytes:
        """Give the bytes that came over the line."""
        waiting = self._port.in_waiting
        return self._port.read(waiting) if waiting else b""

    def close(self) -> None:
        """Close the line."""
        self._port.close()


class SocketcandSession:
    """The protocol of socketcand in raw mode, as far as python-can speaks it.

    python-can reads ``< ok >`` with one `recv` and takes no more than that, so frames
    begin only a moment after it.

    Args:
        bus: the adapter on the simulated bench.
        world: bench time, which stamps the frames.
        speed_factor: bench seconds in one real second.
    """

    def __init__(self, bus: can.BusABC, world: World, speed_factor: float) -> None:
        self._bus = bus
        self._world = world
        self._quiet_us = round(_QUIET_US * speed_factor)
        self._frames_from_us: int | None = None
        self._buffer = b""
        self._out = bytearray(b"< hi >")

    def received(self, data: bytes) -> None:
        """Answer the handshake; send frames to the module."""
        self._buffer += data
        end = 0
        for match in _FRAME.finditer(self._buffer):
            end = match.end()
            self._command(match[1].decode("ascii", "replace").strip())
        self._buffer = self._buffer[end:]
        if len(self._buffer) > LONGEST_LINE:
            raise ConnectionError("a command without end")

    def _command(self, text: str) -> None:
        if text.startswith("open "):
            self._out += b"< ok >"
        elif text == "rawmode":
            self._out += b"< ok >"
            self._frames_from_us = self._world.now_us() + self._quiet_us
        elif match := _SEND.fullmatch(text):
            self._send(match[1], int(match[2]), match[3].split())
        else:
            self._out += b"< error unknown command >"

    def _send(self, can_id: str, length: int, octets: list[str]) -> None:
        if len(octets) != length:
            raise ConnectionError("a frame with another length than it says")
        frame = can.Message(
            arbitration_id=int(can_id, 16),
            is_extended_id=len(can_id) > 3,
            data=bytes(int(octet, 16) for octet in octets),
        )
        try:
            self._bus.send(frame)
        except can.CanError as error:  # socketcand ends the connection of a dead bus
            raise ConnectionError(str(error)) from error

    def due(self) -> bytes:
        """Give answers and the module's frames, stamped with bench time [s]."""
        begin_us = self._frames_from_us
        if begin_us is not None and self._world.now_us() >= begin_us:
            while (message := self._bus.recv(0)) is not None:
                self._out += (
                    f"< frame {message.arbitration_id:03X} {message.timestamp:.6f}"
                    f" {message.data.hex().upper()} >"
                ).encode("ascii")
        if not self._out:
            return b""
        out = bytes(self._out)
        self._out.clear()
        return out

    def close(self) -> None:
        """Leave the bus."""
        self._bus.shutdown()
