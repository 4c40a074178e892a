"""Serial ports of the simulated bench behind pyserial: ``bench://<bench>/<port>``.

pyserial builds the port from its URL alone, so benches enter their ports into a
register and take them out again in `close`. `read(n)` waits in bench time, up to the
port's own time-out; pyserial's `read_until` and `readline` ask the real clock and are
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Protocol

import serial

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.world import PRIORITY_EMISSION, World

PROTOCOL = "bench"
_POLL_US = 1_000


class Peer(Protocol):
    """What sits at the other end of a port's cable."""

    def present(self) -> bool:
        """Tell whether the port can be opened."""
        ...

    def receive(self, data: bytes) -> None:
        """Take bytes from the station."""
        ...


class PortEnd:
    """The bench's end of one port: what the peer sends waits here for the station."""

    def __init__(self, world: World, peer: Peer) -> None:
        self.world = world
        self.peer = peer
        self.incoming = bytearray()
        self.is_open = False

    def emit_at(self, t_us: int, data: bytes) -> None:
        """Let bytes arrive at the station at bench time [µs]."""
        self.world.at_us(t_us, PRIORITY_EMISSION, lambda: self._arrive(data))

    def _arrive(self, data: bytes) -> None:
        if self.is_open:
            self.incoming += data


class LineDevice:
    """A peer that answers each line of text after its latency.

    The exchange's own time (an exposure, say) passes in `execute`.
    """

    def __init__(
        self,
        world: World,
        execute: Callable[[bytes], bytes | None],
        next_latency_us: Callable[[], int],
        faults: FaultSchedule,
    ) -> None:
        self.end = PortEnd(world, self)
        self._world = world
        self._execute = execute
        self._next_latency_us = next_latency_us
        self._faults = faults
        self._line = bytearray()

    def present(self) -> bool:
        """Tell whether the port can be opened."""
        return not self._faults.active("absent")

    def receive(self, data: bytes) -> None:
        """Collect bytes and answer each complete line."""
        for byte in data:
            if byte not in b"\r\n":
                self._line.append(byte)
            elif self._line:
                line = bytes(self._line)
                self._line.clear()
                self._answer(line)

    def _answer(self, line: bytes) -> None:
        self._world.spend_exchange_us(self._next_latency_us())
        if self._faults.active("silent"):
            return
        reply = self._execute(line)
        if reply is not None:
            self.end.incoming += reply


_ports: dict[str, PortEnd] = {}


def enter_port(url: str, end: PortEnd) -> None:
    """Make a port reachable for ``serial.serial_for_url(url)``."""
    package = __name__.rpartition(".")[0]
    if package not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append(package)
    _ports[url] = end


def remove_port(url: str) -> None:
    """Take a port out of the register; unknown ones are ignored."""
    _ports.pop(url, None)


class SimulatedSerial(serial.SerialBase):  # type: ignore[misc]  # pyserial is untyped
    """A port of the simulated bench, as pyserial's users know it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        self._end: PortEnd | None = None
        super().__init__(*args, **kwargs)

    def open(self) -> None:
        """Open the port.

        Raises:
            SerialException: no such port, no adapter, or somebody has it open.
        """
        end = _ports.get(str(self._port))
        if end is None or not end.peer.present():
            raise serial.SerialException(f"could not open port {self._port}: not found")
        if end.is_open:
            raise serial.SerialException(f"could not open port {self._port}: in use")
        end.incoming.clear()
        end.is_open = True
        self._end = end
        self.is_open = True

    def close(self) -> None:
        """Close the port; a second call does nothing."""
        if self._end is not None:
            self._end.is_open = False
            self._end = None
        self.is_open = False

    def _opened(self) -> PortEnd:
        if self._end is None:
            raise serial.PortNotOpenError
        return self._end

    @property
    def in_waiting(self) -> int:
        """Count the bytes that wait to be read."""
        return len(self._opened().incoming)

    def read(self, size: int = 1) -> bytes:
        """Read up to `size` bytes, waiting at most the time-out in bench time.

        Raises:
            SerialException: no time-out is set and too few bytes are there.
        """
        end = self._opened()
        incoming, world = end.incoming, end.world
        if len(incoming) < size:
            if self._timeout is None:
                raise serial.SerialException(
                    "read without time-out could wait for ever"
                )
            end_us = world.now_us() + round(self._timeout * 1e6)
            while len(incoming) < size and (left_us := end_us - world.now_us()) > 0:
                world.spend_exchange_us(min(_POLL_US, left_us))
        data = bytes(incoming[:size])
        del incoming[:size]
        return data

    def write(self, b: Any) -> int:  # noqa: ANN401  pyserial takes any buffer
        """Send bytes to the device at the other end."""
        data = bytes(b)
        self._opened().peer.receive(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: a write has left when it returns."""
        self._opened()

    def reset_input_buffer(self) -> None:
        """Forget what has arrived."""
        self._opened().incoming.clear()

    def reset_output_buffer(self) -> None:
        """Do nothing: nothing waits to be sent."""
        self._opened()

    def read_until(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse: pyserial would ask the real clock."""
        raise NotImplementedError("use read(n) with a deadline in bench time")

    def readline(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse: pyserial would ask the real clock."""
        raise NotImplementedError("use read(n) with a deadline in bench time")

    def __iter__(self) -> Iterator[bytes]:
        raise NotImplementedError("use read(n) with a deadline in bench time")

    def _reconfigure_port(self, *args: object, **kwargs: object) -> None:
        """Accept any line setting: the model has no baud rate."""

    def _update_rts_state(self) -> None:
        """Accept: the model has no control lines."""

    def _update_dtr_state(self) -> None:
        """Accept: the model has no control lines."""

    def _update_break_state(self) -> None:
        """Accept: the model has no control lines."""
