"""One frame out, one frame in, on the module's service port.

Never ``readline``: pyserial's version watches the real clock (seams.md 5). A reply that
did not come in time may still come, so before another question is asked the line must
have been silent for one time-out.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from instruments.clock import Clock
from instruments.errors import ServicePortFailed
from instruments.links.serial_port import SerialPort
from instruments.wire import weco_service as wire
from instruments.wire.errors import FrameError

if TYPE_CHECKING:
    from instruments.exchange_log import ExchangeLog

ROLE = "service"
_ANYTHING = 512
_QUIET_READS = 8


class ServiceLine:
    """The framing of the service link, with its faults counted.

    Args:
        port: a pyserial port; its time-outs are set, and it is closed in the end.
        clock: stamps the log.
        key: the session key.
        timeout_s: how long one reply may take [s].
        log: where every byte goes, or None.

    Attributes:
        timeouts, bad_frames: counted since the start.
    """

    def __init__(
        self,
        port: SerialPort,
        clock: Clock,
        key: int,
        timeout_s: float,
        log: ExchangeLog | None,
    ) -> None:
        self.timeouts = 0
        self.bad_frames = 0
        self._port = port
        self._clock = clock
        self._key = key
        self._log = log
        self._sent = b""
        self._late: bytes | None = None  # the question that may still be answered
        port.timeout = timeout_s
        port.write_timeout = timeout_s

    def ask_words(self, start: int, count: int) -> None:
        """Send a read request.

        Raises:
            FrameError: the line does not fall silent. ServicePortFailed.
        """
        self._write(wire.encode_request(start, count, self._key))

    def take_words(self, count: int) -> tuple[int, ...]:
        """Take the reply to a read request off the line.

        Raises:
            FrameError: late, cut off or corrupt. ServicePortFailed.
        """
        reply = self._read(wire.reply_bytes(count))
        try:
            return wire.parse_reply(reply, count, self._key)
        except FrameError:
            self.bad_frames += 1
            raise

    def ask_key(self) -> None:
        """Announce the session key.

        Raises:
            FrameError: the line does not fall silent. ServicePortFailed.
        """
        self._write(wire.encode_announce(self._key))

    def take_key(self) -> None:
        """Take the confirmation of the session key off the line.

        Raises:
            FrameError: late, cut off or corrupt. ServicePortFailed.
        """
        reply = self._read(wire.ANNOUNCE_ACK_BYTES)
        try:
            wire.parse_announce_ack(reply, self._key)
        except FrameError:
            self.bad_frames += 1
            raise

    def close(self) -> None:
        """Close the port; never raises."""
        with contextlib.suppress(Exception):
            self._port.close()

    def _write(self, frame: bytes) -> None:
        try:
            if self._late is not None and self._late != frame:
                self._let_pass()
            self._late = None
            self._port.reset_input_buffer()
            self._port.write(frame)
        except OSError as error:
            raise _port_failed(error) from error
        self._sent = frame
        if self._log is not None:
            self._log.sent(self._clock.now_us(), ROLE, frame)

    def _let_pass(self) -> None:
        """Wait until the line has been silent for one time-out."""
        for _ in range(_QUIET_READS):
            if not self._port.read(_ANYTHING):
                return
        raise FrameError("the line does not fall silent")

    def _read(self, size: int) -> bytes:
        try:
            reply = self._port.read(size)
        except OSError as error:
            raise _port_failed(error) from error
        if self._log is not None:
            self._log.received(self._clock.now_us(), ROLE, reply)
        if len(reply) < size:
            self.timeouts += 1
            self._late = self._sent
            raise FrameError(f"{len(reply)} of {size} bytes came in time")
        return reply


def _port_failed(error: OSError) -> ServicePortFailed:
    return ServicePortFailed(
        ROLE, f"port failed: {error}", "check the adapter and its cable"
    )
