"""Scripted counterparts: what must be sent, in order, and what comes back.

Anything sent that the script does not expect fails at once; anything left over fails
at the end (`done`). Nothing here knows what the values mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import can
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError
from pyvisa.resources import MessageBasedResource

from instruments.clock import StopSwitch
from instruments.scpi import ScpiLink

SENT_OK = '1;+0,"No error"'
IDN = "Maker,MODEL,S1,F1"
CLEARED = ("*CLS;*OPC?;:SYST:ERR?", '1;+0,"No error"')
OPENING = (("*IDN?", IDN), CLEARED)
TIMEOUT = VisaIOError(StatusCode.error_timeout)


class FakeClock:
    """Bench time that the test moves."""

    def __init__(self, now_us: int = 0) -> None:
        self.stop = StopSwitch()
        self.t_us = now_us

    def now_us(self) -> int:
        """Read the time [µs]."""
        return self.t_us

    def wait_us(self, duration_us: int) -> None:
        """Move the time [µs]."""
        self.t_us += duration_us


class ScriptedResource(MessageBasedResource):
    """A session that follows a script; a reply that is an exception is raised."""

    def __init__(self, script: Iterable[tuple[str, str | bytes | Exception]]) -> None:
        self.script = list(script)
        self.closed = False
        self._reply: str | bytes | Exception = b""

    def write_raw(self, message: bytes) -> int:
        """Take the next message of the script."""
        assert self.script, f"nothing more was expected, got {message!r}"
        expected, self._reply = self.script.pop(0)
        assert message == expected.encode() + b"\n"
        return len(message)

    def read_raw(self, size: int | None = None) -> bytes:
        """Give the reply that belongs to the last message."""
        if isinstance(self._reply, Exception):
            raise self._reply
        if isinstance(self._reply, bytes):
            return self._reply
        return self._reply.encode() + b"\n"

    def close(self) -> None:
        """Note that the session was closed."""
        self.closed = True

    def __del__(self) -> None:
        """Nothing to release."""


class ScriptedManager:
    """A resource manager that opens one scripted session after the other."""

    def __init__(self, *scripts: Iterable[tuple[str, str | bytes | Exception]]) -> None:
        self.resources = [ScriptedResource(script) for script in scripts]
        self.opened: list[tuple[str, dict[str, object]]] = []

    def open_resource(self, address: str, **options: object) -> ScriptedResource:
        """Open the next session."""
        self.opened.append((address, options))
        return self.resources[len(self.opened) - 1]

    def done(self) -> None:
        """Check that every script was used up."""
        for resource in self.resources:
            assert resource.script == []


def scripted_link(
    *exchanges: tuple[str, str | bytes | Exception],
    idn: str = IDN,
    pattern: str = "^Maker,",
    role: str = "role",
) -> tuple[ScpiLink, ScriptedManager]:
    """Make a link whose session opens and then follows the exchanges."""
    manager = ScriptedManager((("*IDN?", idn), CLEARED, *exchanges))
    link = ScpiLink(
        manager,  # type: ignore[arg-type]
        role,
        "TCPIP::box::5025::SOCKET",
        FakeClock(),
        timeout_s=0.5,
        idn_pattern=pattern,
    )
    return link, manager


class ScriptedPort:
    """A serial port that follows a script of (sent, received)."""

    def __init__(self, script: Sequence[tuple[bytes, bytes | Exception]]) -> None:
        self.script = list(script)
        self.timeout: float | None = None
        self.write_timeout: float | None = None
        self.inbox = b""
        self.late: list[bytes] = []
        self.resets = 0
        self.closed = False

    @property
    def in_waiting(self) -> int:
        """Count what has arrived."""
        return len(self.inbox)

    def write(self, data: bytes, /) -> int:
        """Take the next message of the script."""
        assert self.script, f"nothing more was expected, got {data!r}"
        expected, reply = self.script.pop(0)
        assert data == expected
        if isinstance(reply, Exception):
            raise reply
        self.inbox += reply
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        """Give what has arrived; `late` arrives while the caller waits."""
        if self.late:
            self.inbox = self.late.pop(0) + self.inbox
        chunk, self.inbox = self.inbox[:size], self.inbox[size:]
        return chunk

    def reset_input_buffer(self) -> None:
        """Discard what has arrived."""
        self.resets += 1
        self.inbox = b""

    def close(self) -> None:
        """Note that the port was closed."""
        self.closed = True


class ScriptedBus:
    """A CAN bus with a queue of frames and a list of what was sent."""

    def __init__(self) -> None:
        self.queue: list[can.Message] = []
        self.sent: list[can.Message] = []
        self.failure: Exception | None = None
        self.closed = False

    def put(self, can_id: int, data: bytes, t_us: int, extended: bool = False) -> None:
        """Let a frame arrive with a time stamp [µs]."""
        self.queue.append(
            can.Message(
                timestamp=t_us / 1e6,
                arbitration_id=can_id,
                data=data,
                is_extended_id=extended,
            )
        )

    def recv(self, timeout: float | None = None) -> can.Message | None:
        """Give the next frame; waiting is refused."""
        assert timeout == 0
        if self.failure is not None:
            raise self.failure
        return self.queue.pop(0) if self.queue else None

    def send(self, message: can.Message, timeout: float | None = None) -> None:
        """Keep what was sent."""
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)

    def shutdown(self) -> None:
        """Note that the bus was shut down."""
        self.closed = True
