"""Keysight 34980A switch unit: the fixture's relays and digital inputs.

Dialect: instruments.md 1.13. ``ROUT:CLOS?`` is the drive state, not the contact; what
the contact does is read from an input. The dead-man relay is retriggered by edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from instruments.drivers.scpi_instrument import ScpiInstrument
from instruments.errors import OutOfRange
from instruments.roles import Identity
from instruments.scpi import ScpiLink

IDN_PATTERN = r"^(Keysight|Agilent) Technologies,34980A,"

DEAD_MAN = "dead_man"
_BYTE = 256


class Keysight34980a(ScpiInstrument):
    """The switchbox role.

    Args:
        link: its session.
        lines: line name to relay channel; ``dead_man`` is one of them.
        inputs: input name to its bit in the digital byte.
        input_channel: the channel of that byte.
    """

    def __init__(
        self,
        link: ScpiLink,
        *,
        lines: Mapping[str, int],
        inputs: Mapping[str, int],
        input_channel: int = 3001,
    ) -> None:
        super().__init__(link)
        self._lines = dict(lines)
        self.line_names = tuple(line for line in lines if line != DEAD_MAN)
        self._inputs = dict(inputs)
        self._read_byte = f"SENS:DIG:DATA:BYTE? (@{input_channel})"
        dead_man = self._channel(DEAD_MAN)
        self._feeds = (
            f"ROUT:CLOS (@{dead_man});:{self._read_byte}",
            f"ROUT:OPEN (@{dead_man});:{self._read_byte}",
        )
        self._dead_man = dead_man
        self._turn = 0
        self._states: dict[str, Mapping[str, bool]] = {}

    def set_line(self, line: str, closed: bool) -> None:
        """Close or open a relay and read the drive state back.

        Raises:
            OutOfRange: a line that the bench file does not have.
            SetpointMismatch, InstrumentRefused.
        """
        channel = self._channel(line)
        verb = "CLOS" if closed else "OPEN"
        (state,) = self._link.apply(
            f"ROUT:{verb} (@{channel})", f"ROUT:CLOS? (@{channel})"
        )
        self._check_switch(f"line {line}", closed, state)

    def open_lines(self, lines: Sequence[str]) -> None:
        """Open relays in one exchange and read every drive state back.

        Raises:
            OutOfRange: a line that the bench file does not have.
            SetpointMismatch, InstrumentRefused, BadReply.
        """
        channels = ",".join(str(self._channel(line)) for line in lines)
        (reply,) = self._link.apply(
            f"ROUT:OPEN (@{channels})", f"ROUT:CLOS? (@{channels})"
        )
        states = reply.split(",")
        if len(states) != len(lines):
            self._link.bad_reply("ROUT:CLOS?", reply, f"{len(lines)} states")
        for line, state in zip(lines, states, strict=True):
            self._check_switch(f"line {line}", False, state)

    def send_open(self, lines: Sequence[str]) -> None:
        """Tell relays to open without asking anything back; never raises."""
        channels = ",".join(str(self._lines[line]) for line in lines)
        self._link.send_blind(f"ROUT:OPEN (@{channels})")

    def read_line(self, line: str) -> bool:
        """Read a relay's drive state."""
        query = f"ROUT:CLOS? (@{self._channel(line)})"
        return self._link.to_bool(query, self._link.query(query))

    def read_inputs(self) -> Mapping[str, bool]:
        """Read every digital input in one exchange."""
        return self._ask_inputs(self._read_byte)

    def feed_dead_man(self) -> Mapping[str, bool]:
        """Retrigger the dead-man relay and read every digital input back.

        Closing and opening alternate: each is an edge, and each edge retriggers.
        """
        self._turn ^= 1
        return self._ask_inputs(self._feeds[self._turn ^ 1])

    def _start(self, identity: Identity) -> None:
        """Begin with the edge that the dead-man's relay has not made yet."""
        query = f"ROUT:CLOS? (@{self._dead_man})"
        self._turn = int(self._link.to_bool(query, self._link.query(query)))

    def _ask_inputs(self, query: str) -> Mapping[str, bool]:
        reply = self._link.query(query)
        states = self._states.get(reply)
        if states is None:
            states = self._decode(query, reply)
        return states

    def _decode(self, query: str, reply: str) -> Mapping[str, bool]:
        byte = self._link.to_int(query, reply)
        if not 0 <= byte < _BYTE:
            self._link.bad_reply(query, reply, "a byte")
        states = MappingProxyType(
            {name: bool(byte >> bit & 1) for name, bit in self._inputs.items()}
        )
        self._states[reply] = states
        return states

    def _channel(self, line: str) -> int:
        channel = self._lines.get(line)
        if channel is None:
            raise OutOfRange(
                self.role,
                f"no line {line!r}",
                "add it to lines of this role in the bench file",
            )
        return channel
