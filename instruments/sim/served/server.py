"""The simulated bench on loopback sockets: one thread, one selector, one world.

Bench time follows real time, times a factor. Before a message is executed the world is
brought up to that instant, so what happens is a function of the order and the times at
which messages arrive. Only what arrives counts: a station that stands still feeds
nobody, however much its socket buffers still hold on its own side.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from instruments.clock import wall_s
from instruments.errors import BenchFileError
from instruments.sim.served.addresses import Address
from instruments.sim.served.sessions import Session
from instruments.sim.world import World

_LONGEST_PAUSE_S = 0.05
_CHUNK = 65_536
_MOST_PENDING = 262_144
"""A peer that stands still loses what it does not fetch, as on a bus."""


class Connection:
    """One accepted connection and what still has to be sent on it."""

    def __init__(self, peer: socket.socket, session: Session) -> None:
        self.socket = peer
        self.session = session
        self.pending = bytearray()


class Port:
    """One listening port of the bench, its connections, and whether its cable is in."""

    def __init__(self, address: Address, connect: Callable[[], Session | None]) -> None:
        self.address = address
        self.connect = connect
        self.listener: socket.socket | None = None
        self.connections: list[Connection] = []
        self.muted = False


class BenchServer:
    """Serves one world until it is told to stop.

    Args:
        world: bench time.
        ports: address by role, and what makes a session for a new connection (None
            refuses it).
        speed_factor: bench seconds in one real second.
        start_s: real time [s] at which bench time 0 is.
    """

    def __init__(
        self,
        world: World,
        ports: Mapping[str, tuple[Address, Callable[[], Session | None]]],
        speed_factor: float,
        start_s: float,
    ) -> None:
        self._world = world
        self._speed_factor = speed_factor
        self._start_s = start_s
        self._selector = selectors.DefaultSelector()
        self._ports = {role: Port(*found) for role, found in ports.items()}
        self._stopped = False

    def listen(self) -> None:
        """Open every port.

        Raises:
            BenchFileError: a port is taken by somebody else.
        """
        for role, port in self._ports.items():
            self._listen(role, port)

    def watch(self, file: int, arrived: Callable[[], None]) -> None:
        """Call back when something can be read from a file (its descriptor)."""
        self._selector.register(file, selectors.EVENT_READ, arrived)

    def unwatch(self, file: int) -> None:
        """Watch a file no longer."""
        self._selector.unregister(file)

    def stop(self) -> None:
        """End `serve` at its next turn; safe in a signal handler."""
        self._stopped = True

    def serve(self) -> None:
        """Serve until `stop`, then close every port."""
        try:
            while not self._stopped:
                self._catch_up()
                for port in self._ports.values():
                    for connection in list(port.connections):
                        self._deliver(port, connection)
                for key, _ in self._selector.select(self._pause_s()):
                    key.data()
        finally:
            for port in self._ports.values():
                self._close_port(port)
            self._selector.close()

    # -- faults of the cable ------------------------------------------------------

    def cut(self, role: str) -> None:
        """Close a port and its connections, as an adapter does that loses power."""
        self._close_port(self._ports[role])

    def mute(self, role: str) -> None:
        """Let a port swallow everything, as a cable does that was pulled."""
        self._ports[role].muted = True

    def mend(self, role: str) -> None:
        """Open a port that was cut, or let it speak again."""
        port = self._ports[role]
        port.muted = False
        if port.listener is None:
            self._listen(role, port)

    # -- time ------------------------------------------------------------------------

    def _now_us(self) -> int:
        return round((wall_s() - self._start_s) * self._speed_factor * 1e6)

    def _catch_up(self) -> None:
        """Bring bench time to real time; where it is ahead (an exposure), wait."""
        world = self._world
        ahead_us = world.now_us() - self._now_us()
        if ahead_us > 0:
            threading.Event().wait(ahead_us / 1e6 / self._speed_factor)
        else:
            world.advance_us(-ahead_us)

    def _pause_s(self) -> float:
        due_us = self._world.next_us()
        if due_us is None:
            return _LONGEST_PAUSE_S
        left_s = (due_us - self._now_us()) / 1e6 / self._speed_factor
        return min(max(left_s, 0.0), _LONGEST_PAUSE_S)

    # -- sockets ---------------------------------------------------------------------

    def _listen(self, role: str, port: Port) -> None:
        try:
            listener = socket.create_server(port.address)
        except OSError as cause:
            raise BenchFileError(
                role,
                f"port {port.address[1]}",
                f"cannot listen ({cause.strerror}); choose another in the bench file",
            ) from cause
        listener.setblocking(False)
        port.listener = listener
        self._selector.register(
            listener, selectors.EVENT_READ, partial(self._accept, port, listener)
        )

    def _accept(self, port: Port, listener: socket.socket) -> None:
        try:
            peer, _ = listener.accept()
        except OSError:  # gone again already
            return
        self._catch_up()
        session = port.connect()
        if session is None:
            peer.close()
            return
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(peer, session)
        port.connections.append(connection)
        self._selector.register(
            peer, selectors.EVENT_READ, partial(self._receive, port, connection)
        )

    def _receive(self, port: Port, connection: Connection) -> None:
        try:
            data = connection.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(port, connection)
            return
        if port.muted:
            return
        self._catch_up()
        try:
            connection.session.received(data)
        except OSError:  # the device itself drops the line
            self._drop(port, connection)
            return
        self._catch_up()
        self._deliver(port, connection)

    def _deliver(self, port: Port, connection: Connection) -> None:
        due = connection.session.due()
        if port.muted:
            return
        if due and len(connection.pending) < _MOST_PENDING:
            connection.pending += due
        if not connection.pending:
            return
        try:
            sent = connection.socket.send(connection.pending)
        except BlockingIOError:
            return
        except OSError:
            self._drop(port, connection)
            return
        del connection.pending[:sent]

    def _drop(self, port: Port, connection: Connection) -> None:
        if connection not in port.connections:
            return
        port.connections.remove(connection)
        self._selector.unregister(connection.socket)
        connection.socket.close()
        with suppress(OSError):
            connection.session.close()

    def _close_port(self, port: Port) -> None:
        for connection in list(port.connections):
            self._drop(port, connection)
        if port.listener is not None:
            self._selector.unregister(port.listener)
            port.listener.close()
            port.listener = None
