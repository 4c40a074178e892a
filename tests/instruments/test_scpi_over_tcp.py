"""The SCPI link on pyvisa-py and a real socket: the traps that only a socket has."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import pyvisa

from instruments.clock import WallClock, wall_s
from instruments.errors import BadReply, NotConnected, ReplyTimeout
from instruments.scpi import ScpiLink

IDN = b"Maker,MODEL,S1,F1\r\n"
Answer = Callable[[bytes], bytes]


class Server:
    """An instrument on a loopback socket: one answer for each line."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.clients = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.clients += 1
            with suppress(OSError), client, client.makefile("rb") as lines:
                for line in lines:
                    client.sendall(self._answer(line.strip()))

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@pytest.fixture(scope="module")
def manager() -> Iterator[pyvisa.ResourceManager]:
    """Open the one resource manager of this process."""
    manager = pyvisa.ResourceManager("@py")
    yield manager
    manager.close()


def link_to(manager: pyvisa.ResourceManager, port: int) -> ScpiLink:
    """Make a link to a loopback port."""
    return ScpiLink(
        manager,
        "supply",
        f"TCPIP::127.0.0.1::{port}::SOCKET",
        WallClock(),
        timeout_s=0.1,
        idn_pattern="^Maker,",
    )


def answer_well(line: bytes) -> bytes:
    """Answer identity and completion, and 52.2 to the rest."""
    if line == b"*IDN?":
        return IDN
    if line.endswith(b"SYST:ERR?"):
        return b'1;+0,"No error"\r\n'
    return b"1\r\n" if line.endswith(b"*OPC?") else b"+5.22E+01\r\n"


def test_replies_with_cr_lf_are_read_without_waiting(
    manager: pyvisa.ResourceManager,
) -> None:
    """Without a read termination every query lasts its whole time-out."""
    server = Server(answer_well)
    link = link_to(manager, server.port)
    link.open()
    assert [link.read_float("MEAS:VOLT?") for _ in range(20)] == [52.2] * 20
    link.close()
    server.close()


def test_a_refused_port_is_found_while_opening(manager: pyvisa.ResourceManager) -> None:
    """pyvisa-py opens a refused port without complaint."""
    server = Server(answer_well)
    server.close()
    with pytest.raises(NotConnected):
        link_to(manager, server.port).open()


def test_a_late_reply_never_answers_the_next_query(
    manager: pyvisa.ResourceManager,
) -> None:
    """The voltage would be taken for the current."""

    def answer(line: bytes) -> bytes:
        if line == b"SLOW?":
            return b""
        return b"LATE\nLATER\n" if line == b"TWICE?" else answer_well(line)

    server = Server(answer)
    link = link_to(manager, server.port)
    link.open()
    with pytest.raises(ReplyTimeout):
        link.query("SLOW?")
    with pytest.raises(NotConnected, match="reopen"):
        link.query("MEAS:VOLT?")
    link.reopen()
    assert link.read_float("MEAS:VOLT?") == 52.2
    assert link.query("TWICE?") == "LATE"
    with pytest.raises(BadReply):  # the unsolicited line has no number's shape
        link.read_float("MEAS:VOLT?")
    assert server.clients == 2
    link.close()
    server.close()


def test_a_session_sends_at_once(manager: pyvisa.ResourceManager) -> None:
    """A command would wait 40 ms for the acknowledgement of the one before."""
    server = Server(answer_well)
    link = link_to(manager, server.port)
    link.open()
    sockets = [
        session.interface
        for session in manager.visalib.sessions.values()
        if isinstance(getattr(session, "interface", None), socket.socket)
    ]
    assert len(sockets) == 1
    assert sockets[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    link.close()
    server.close()


def test_a_closed_peer_costs_one_time_out(manager: pyvisa.ResourceManager) -> None:
    """pyvisa-py takes a closed connection for silence; without a bound it spins."""

    def answer(line: bytes) -> bytes:
        if line == b"HANG UP?":
            raise ConnectionError
        return answer_well(line)

    server = Server(answer)
    link = link_to(manager, server.port)
    link.open()
    begun_s = wall_s()
    with pytest.raises(ReplyTimeout):
        link.query("HANG UP?")
    assert wall_s() - begun_s < 1.0
    link.close()
    server.close()
