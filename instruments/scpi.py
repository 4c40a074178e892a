"""One SCPI session: one message per exchange, checked, never retried in place.

After a time-out or a reply of the wrong shape the late answer would be taken for the
answer to the next query, so the session is closed and every further exchange raises
until `reopen()` (instruments.md section 4 trap 8, section 5).
"""

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING, NoReturn

from instruments.clock import Clock
from instruments.errors import (
    BadReply,
    InstrumentRefused,
    NotConnected,
    WrongInstrument,
)
from instruments.roles import Identity
from instruments.scpi_errors import FOREIGN, shown, stood_still, translate
from instruments.scpi_session import TERMINATION, connect

if TYPE_CHECKING:
    from pyvisa import ResourceManager
    from pyvisa.resources import MessageBasedResource

    from instruments.exchange_log import ExchangeLog

_OVERLOAD = 9.8e37  # SCPI sends 9.9E37 for "not a number" and for overload
_FIELD = re.compile(r'(?:[^;"]|"[^"]*")+')
_NO_ERROR = re.compile(r"[+-]?0+,")
_ERROR = re.compile(r'[+-]?\d+,".*"$')  # a queue entry that was cut off is none
_ERROR_QUEUE = 30
_BOOLEANS = {"0": False, "1": True, "OFF": False, "ON": True}


class ScpiLink:
    """A session with one instrument.

    Args:
        manager: the one resource manager of this bench.
        role: the name used in messages and logs.
        address: the VISA resource string of the bench file.
        clock: stamps the log.
        timeout_s: how long one exchange may take [s].
        idn_pattern: regular expression that ``*IDN?`` must match.
        log: where every byte goes, or None.
    """

    def __init__(
        self,
        manager: ResourceManager,
        role: str,
        address: str,
        clock: Clock,
        *,
        timeout_s: float,
        idn_pattern: str,
        log: ExchangeLog | None = None,
    ) -> None:
        self.role = role
        self.address = address
        self._manager = manager
        self._clock = clock
        self._now_us = clock.now_us
        self._timeout_ms = round(timeout_s * 1000)
        self._longest_us = 2_000 * self._timeout_ms + 1_000_000
        if self._timeout_ms < 1:
            raise ValueError(f"{role}: a time-out of {timeout_s} s means no waiting")
        self._idn = re.compile(idn_pattern)
        self._log = log
        self._lock = threading.RLock()
        self._resource: MessageBasedResource | None = None
        self._closed_because = "it was not opened"
        self._messages: dict[str, bytes] = {}

    def open(self) -> Identity:
        """Open the session, prove who answers and clear its error queue.

        Raises:
            NotConnected: nothing there.
            WrongInstrument: the identity does not match.
            ReplyTimeout, BadReply: no or no proper identity.
        """
        with self._lock:
            self.close()
            self._resource = self._connect()
            text = self.query("*IDN?")
            parts = [part.strip() for part in text.split(",")]
            if not self._idn.search(text) or len(parts) < 4:
                self._end("another instrument answers")
                raise WrongInstrument(
                    self.role,
                    f"{self.address} answers {shown(text)}, not {self._idn.pattern}",
                    "correct the bench file or the cabling",
                )
            self.apply("*CLS")
            return Identity(parts[0], parts[1], parts[2], ",".join(parts[3:]))

    def reopen(self) -> Identity:
        """Close and open again: no old reply can answer the next query."""
        return self.open()

    def close(self) -> None:
        """Close the session; never raises."""
        with self._lock:
            self._end("it was closed")

    def send_blind(self, text: str) -> None:
        """Send one command on a session of its own and read nothing; never raises.

        For switching off an instrument that may not answer: whatever it says goes to
        a session that is closed, so it cannot be taken for the answer to a query.
        """
        with self._lock, contextlib.suppress(Exception):
            self._end("a command was sent without asking")
            resource = self._connect()
            try:
                message = self._message(text)
                if self._log is not None:
                    self._log.sent(self._clock.now_us(), self.role, message)
                resource.write_raw(message)
            finally:
                resource.close()

    def query(self, text: str) -> str:
        """Send one message and return its reply without CR and LF.

        Raises:
            ReplyTimeout, NotConnected, BadReply: and the session is closed.
        """
        with self._lock:
            resource = self._resource
            if resource is None:
                self._refuse()
            message = self._messages.get(text)
            if message is None:
                message = self._message(text)
            sent_us = self._now_us()
            try:
                if self._log is not None:
                    reply = self._logged(resource, message, self._log)
                else:
                    resource.write_raw(message)
                    reply = self._text(text, resource.read_raw())
            except FOREIGN as error:
                self._end(f"{text!r} failed")
                raise translate(self.role, repr(text), error) from error
            except BaseException:  # a reply may still come: nobody may read it
                self._end(f"{text!r} was cut short")
                raise
            if (took_us := self._now_us() - sent_us) > self._longest_us:
                self._end(f"{text!r} took far too long")
                raise stood_still(self.role, repr(text), took_us)
            return reply

    def command(self, text: str) -> None:
        """Send a command and wait until it is complete (``;*OPC?``).

        Raises:
            BadReply: anything but 1 comes back.
        """
        if (reply := self.query(text + ";*OPC?")) != "1":
            self.bad_reply(text, reply, "1")

    def apply(self, text: str, *queries: str) -> list[str]:
        """Send settings, read them back and check the error queue, in one message.

        Raises:
            InstrumentRefused: the error queue holds an entry.
            BadReply: not complete, or not one field for each query.
        """
        message = f"{text};*OPC?"
        for query in queries:
            message = f"{message};:{query}"
        with self._lock:
            reply = self.query(message + ";:SYST:ERR?")
            fields = _FIELD.findall(reply)
            if not fields or not _ERROR.match(fields[-1]):
                self.bad_reply(message, reply, "an error queue entry at its end")
            if not _NO_ERROR.match(fields[-1]):
                self._raise_refused(text, fields[-1])
            if len(fields) != len(queries) + 2 or fields[0] != "1":
                self.bad_reply(message, reply, f"1 and {len(queries)} fields")
            return fields[1:-1]

    def read_fields(self, text: str, count: int) -> list[str]:
        """Query and split the reply at ``;`` into exactly `count` fields."""
        reply = self.query(text)
        fields = reply.split(";")
        if len(fields) != count:
            self.bad_reply(text, reply, f"{count} fields")
        return fields

    def read_float(self, text: str) -> float:
        """Query one finite number."""
        return self.to_float(text, self.query(text))

    def to_float(self, text: str, field: str) -> float:
        """Convert a field of the reply to `text`; NaN and overload are refused."""
        try:
            value = float(field)
        except ValueError:
            value = _OVERLOAD
        if not -_OVERLOAD < value < _OVERLOAD or "_" in field:
            self.bad_reply(text, field, "a finite number")
        return value

    def to_int(self, text: str, field: str) -> int:
        """Convert a field of the reply to `text`; ``+8`` and ``8`` are integers."""
        try:
            value = int(field)
        except ValueError:
            self.bad_reply(text, field, "an integer")
        if "_" in field:  # Python's own way to write a number, and nobody else's
            self.bad_reply(text, field, "an integer")
        return value

    def to_bool(self, text: str, field: str) -> bool:
        """Convert a field of the reply to `text`: 0, 1, OFF or ON."""
        if (value := _BOOLEANS.get(field)) is None:
            self.bad_reply(text, field, "0, 1, OFF or ON")
        return value

    def bad_reply(self, text: str, reply: str, wanted: str) -> NoReturn:
        """Close the session and raise: this reply has the wrong shape.

        Raises:
            BadReply: always.
        """
        self._end(f"{text!r} got the wrong shape of answer")
        raise BadReply(
            self.role,
            f"{text!r} got {shown(reply)}, not {wanted}",
            "reopen the session; look for a second client on this instrument",
        )

    # -- one exchange -----------------------------------------------------

    def _connect(self) -> MessageBasedResource:
        return connect(self._manager, self.role, self.address, self._timeout_ms)

    def _message(self, text: str) -> bytes:
        message = (text + TERMINATION).encode("ascii")
        if len(self._messages) < 1000:
            self._messages[text] = message
        return message

    def _logged(
        self, resource: MessageBasedResource, message: bytes, log: ExchangeLog
    ) -> str:
        log.sent(self._clock.now_us(), self.role, message)
        reply = b""
        try:
            resource.write_raw(message)
            reply = resource.read_raw()
        finally:
            log.received(self._clock.now_us(), self.role, reply)
        return self._text(message.decode("ascii").rstrip(), reply)

    def _text(self, text: str, reply: bytes) -> str:
        if reply[-1:] != b"\n":
            self.bad_reply(text, repr(reply), "a reply that ends with LF")
        found = reply.decode("ascii").strip(" \t\r\n")
        if not found.isprintable():
            self.bad_reply(text, found, "one line of printable characters")
        return found

    def _raise_refused(self, text: str, first: str) -> NoReturn:
        """Empty the error queue, so that it cannot speak for the next setting."""
        entries = [first]
        for _ in range(_ERROR_QUEUE):
            entry = self.query("SYST:ERR?")
            if not _ERROR.match(entry):
                self.bad_reply("SYST:ERR?", entry, "an error queue entry")
            if _NO_ERROR.match(entry):
                break
            entries.append(entry)
        raise InstrumentRefused(
            self.role,
            f"{text!r} refused: {'; '.join(entries)}",
            "compare the setting with the instrument's ratings and firmware",
        )

    def _refuse(self) -> NoReturn:
        raise NotConnected(
            self.role,
            f"the session is closed because {self._closed_because}",
            "reopen it",
        )

    def _end(self, why: str) -> None:
        resource, self._resource = self._resource, None
        if resource is not None:
            self._closed_because = why
            with contextlib.suppress(Exception):
                resource.close()
