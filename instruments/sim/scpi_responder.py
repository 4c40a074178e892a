"""The engine of every simulated SCPI instrument: headers, compounds, error queue.

A header is accepted in its short or its long form and in nothing between, as
SCPI-99 6.2.1 has it: a driver that spells ``VOLTA`` must fail here too.
Each message is parsed once; the parsed form is cached under its bytes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from instruments.sim.scpi_parameters import (
    Params,
    ScpiFault,
    no_parameter,
    short_form,
)

Handler: TypeAlias = Callable[[Params], str | None]
_Step: TypeAlias = tuple[Handler, Params]

_CACHE_ENTRIES = 1024
_POWER_ON = 128
_EVENT_OF_CLASS = {1: 32, 2: 16, 3: 8, 4: 4}
_SPLIT_PARAMETERS = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Command:
    """One line of an instrument's dialect.

    `header` is written as manuals print it, optional nodes in brackets:
    ``[SOURce:]VOLTage[:LEVel]``. `write` serves the command, `query` the question.
    """

    header: str
    write: Handler | None = None
    query: Handler | None = None


def expand_header(header: str) -> list[tuple[str, ...]]:
    """List the mnemonic paths that a header with optional nodes stands for."""
    parts = re.findall(r"\[[^\]]+\]|[^\[\]]+", header)
    paths: list[tuple[str, ...]] = [()]
    for part in parts:
        nodes = tuple(node for node in part.strip("[]").split(":") if node)
        longer = [path + nodes for path in paths]
        paths = paths + longer if part.startswith("[") else longer
    return paths


class ScpiResponder:
    """A SCPI instrument without transport: bytes in, bytes or nothing out.

    Args:
        identity: the reply to ``*IDN?``.
        commands: the instrument's own dialect; the common commands are built in.
        queue_entries: length of the error queue; the last entry becomes -350.
    """

    def __init__(
        self, identity: str, commands: Iterable[Command], queue_entries: int = 20
    ) -> None:
        self.identity = identity
        self._handlers: dict[str, Handler] = {}
        self._forms: dict[str, str] = {}
        self._errors: deque[tuple[int, str]] = deque()
        self._queue_entries = queue_entries
        self._events = _POWER_ON
        self._event_mask = 0
        self._cache: dict[bytes, Sequence[_Step]] = {}
        for command in (*self._common(), *commands):
            self._learn(command)

    def reset(self) -> None:
        """Do what ``*RST`` does; instruments extend it."""

    def execute(self, message: bytes) -> bytes | None:
        """Execute one message and return its reply, terminated, or None.

        After an error the rest of the message is still executed, so that the
        driver's ``*OPC?`` is answered and the error is found in the queue.
        """
        steps = self._cache.get(message)
        if steps is None:
            steps = self._parse(message)
        replies = []
        for handler, params in steps:
            try:
                reply = handler(params)
            except ScpiFault as fault:
                self.report(fault)
            else:
                if reply is not None:
                    replies.append(reply)
        if not replies:
            return None
        return (";".join(replies) + "\n").encode()

    def report(self, fault: ScpiFault) -> None:
        """Put an error into the queue and set its standard event bit."""
        self._events |= _EVENT_OF_CLASS[-fault.code // 100]
        if len(self._errors) < self._queue_entries:
            self._errors.append((fault.code, fault.text))
        else:
            overflow = ScpiFault(-350)
            self._errors[-1] = (overflow.code, overflow.text)

    def forget(self, header: str) -> None:
        """Remove a command, as an older firmware would lack it."""
        for path in expand_header(header):
            key = ":".join(short_form(node) for node in path)
            self._handlers.pop(key, None)
            self._handlers.pop(key + "?", None)
        self._cache.clear()

    # -- headers ----------------------------------------------------------

    def _learn(self, command: Command) -> None:
        for path in expand_header(command.header):
            for node in path:
                self._forms[node.upper()] = self._forms[short_form(node)] = short_form(
                    node
                )
            key = ":".join(short_form(node) for node in path)
            if command.write is not None:
                self._handlers[key] = command.write
            if command.query is not None:
                self._handlers[key + "?"] = command.query

    def _parse(self, message: bytes) -> Sequence[_Step]:
        text = message.decode("ascii", "replace").strip()
        steps: list[_Step] = []
        path = ""
        for unit in text.split(";"):
            if unit.strip():
                step, path = self._parse_unit(unit.strip(), path)
                steps.append(step)
        if len(self._cache) >= _CACHE_ENTRIES:
            self._cache.clear()
        self._cache[message] = steps
        return steps

    def _parse_unit(self, unit: str, path: str) -> tuple[_Step, str]:
        """Parse one unit and return it with the path that the next one inherits."""
        header, _, rest = unit.partition(" ")
        params = tuple(p.strip() for p in _SPLIT_PARAMETERS.split(rest.strip()) if p)
        if header.startswith("*"):
            handler = self._handlers.get(header.upper())
            return (handler or _refuse(-113, header), params), path
        if header.startswith(":"):
            header, path = header[1:], ""
        forms = [
            self._forms.get(node, "\0")
            for node in header.upper().rstrip("?").split(":")
        ]
        key = path + ":".join(forms)
        inherited = key[: key.rfind(":") + 1]
        handler = self._handlers.get(key + "?" if header.endswith("?") else key)
        if handler is None:
            return (_refuse(-113, header), params), inherited
        return (handler, params), inherited

    # -- common commands (IEEE 488.2) ---------------------------------------

    def _common(self) -> tuple[Command, ...]:
        return (
            Command("*IDN", query=lambda _: self.identity),
            Command("*RST", write=self._write_reset),
            Command("*CLS", write=self._write_clear),
            Command("*ESR", query=self._query_events),
            Command("*ESE", self._write_mask, lambda _: f"{self._event_mask:d}"),
            Command("*OPC", write=self._write_complete, query=lambda _: "1"),
            Command("*STB", query=self._query_status),
            Command("*WAI", write=no_parameter),
            Command("*TST", query=lambda _: "0"),
            Command("SYSTem:ERRor[:NEXT]", query=self._query_error),
            Command("SYSTem:ERRor:COUNt", query=lambda _: f"{len(self._errors):d}"),
            Command("SYSTem:VERSion", query=lambda _: "1999.0"),
        )

    def _write_reset(self, params: Params) -> None:
        no_parameter(params)
        self.reset()

    def _write_clear(self, params: Params) -> None:
        no_parameter(params)
        self._errors.clear()
        self._events = 0

    def _write_mask(self, params: Params) -> None:
        if len(params) != 1 or not params[0].isdigit():
            raise ScpiFault(-104)
        self._event_mask = int(params[0]) & 255

    def _write_complete(self, params: Params) -> None:
        no_parameter(params)
        self._events |= 1

    def _query_events(self, params: Params) -> str:
        no_parameter(params)
        events, self._events = self._events, 0
        return f"{events:d}"

    def _query_status(self, params: Params) -> str:
        no_parameter(params)
        status = 4 if self._errors else 0
        if self._events & self._event_mask:
            status |= 32
        return f"{status:d}"

    def _query_error(self, params: Params) -> str:
        no_parameter(params)
        if not self._errors:
            return '+0,"No error"'
        code, text = self._errors.popleft()
        return f'{code:d},"{text}"'


def _refuse(code: int, detail: str) -> Handler:
    def refuse(_: Params) -> str | None:
        raise ScpiFault(code, detail)

    return refuse
