"""The serial line of the LED analyser: one command, a known number of lines back.

Never ``readline``: pyserial's version watches the real clock (seams.md 5). After a
time-out or a wrong line the port is closed until it is opened again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import serial

from instruments.clock import Clock
from instruments.errors import BadReply, NotConnected, ReplyTimeout
from instruments.links.serial_port import SerialPort

if TYPE_CHECKING:
    from instruments.exchange_log import ExchangeLog

_BAUD = 57600
_MORE_THAN_ANY_REPLY = 4096


class FeasaLine:
    """A serial port or pyserial URL with a line protocol on it.

    Args:
        role: the name used in messages and logs.
        url: port or URL of the bench file.
        clock: its deadlines and time stamps.
        timeout_s: how long one exchange may take [s].
        speed_factor: bench seconds in one real second; the time-out is in real ones.
        log: where every byte goes, or None.
        open_port: pyserial's opener, or a stand-in.
    """

    def __init__(
        self,
        role: str,
        url: str,
        clock: Clock,
        *,
        timeout_s: float,
        speed_factor: float = 1.0,
        log: ExchangeLog | None = None,
        open_port: Callable[..., SerialPort] = serial.serial_for_url,
    ) -> None:
        self.role = role
        self._url = url
        self._clock = clock
        self._timeout_s = timeout_s
        self._deadline_us = round(timeout_s * speed_factor * 1e6)
        self._log = log
        self._open_port = open_port
        self._port: SerialPort | None = None

    def open(self) -> None:
        """Open the port.

        Raises:
            NotConnected: it cannot be opened.
        """
        self.close()
        try:
            self._port = self._open_port(
                self._url,
                baudrate=_BAUD,
                timeout=self._timeout_s,
                write_timeout=self._timeout_s,
            )
        except (OSError, ValueError) as error:
            raise NotConnected(
                self.role,
                f"cannot open {self._url}: {error}",
                "check the cable and the resource in the bench file",
            ) from error

    def close(self) -> None:
        """Close the port; never raises."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(Exception):
                port.close()

    def exchange(self, command: str, lines: int) -> list[str]:
        """Send one command and return exactly `lines` lines without CR and LF.

        Raises:
            ReplyTimeout, NotConnected, BadReply: and the port is closed.
        """
        reply = self._exchange(command.encode("ascii") + b"\r", lines)
        found = [line.strip() for line in reply.decode("ascii", "replace").splitlines()]
        if reply.count(b"\n") < lines:
            self.close()
            raise ReplyTimeout(
                self.role,
                f"{command!r} got {len(found)} of {lines} lines: {found}",
                "reopen the port; check power and cable",
            )
        plain = reply.isascii() and all(line.isprintable() for line in found)
        if len(found) != lines or not plain:
            self.bad_reply(command, str(found), f"{lines} lines of ASCII")
        return found

    def bad_reply(self, command: str, reply: str, wanted: str) -> NoReturn:
        """Close the port and raise: this reply has the wrong shape."""
        self.close()
        raise BadReply(
            self.role, f"{command!r} got {reply!r}, not {wanted}", "reopen the port"
        )

    def _exchange(self, command: bytes, lines: int) -> bytes:
        """Send and collect; whatever goes wrong closes the port."""
        port = self._port
        if port is None:
            raise NotConnected(self.role, "the port is closed", "reopen it")
        try:
            port.reset_input_buffer()
            if self._log is not None:
                self._log.sent(self._clock.now_us(), self.role, command)
            port.write(command)
            reply = self._collect(port, lines)
        except OSError as error:
            self.close()
            raise NotConnected(
                self.role, f"{command!r}: {error}", "check the cable, then reopen"
            ) from error
        except BaseException:  # a reply may still come: nobody may read it
            self.close()
            raise
        if self._log is not None:
            self._log.received(self._clock.now_us(), self.role, reply)
        return reply

    def _collect(self, port: SerialPort, lines: int) -> bytes:
        """Read until all lines are there, or the line falls silent, or time is up."""
        deadline_us = self._clock.now_us() + self._deadline_us
        reply = bytearray()
        while reply.count(b"\n") < lines and len(reply) < _MORE_THAN_ANY_REPLY:
            chunk = port.read(max(1, port.in_waiting))
            reply += chunk
            if not chunk or self._clock.now_us() > deadline_us:
                break
        return bytes(reply)
