"""One instrument on the simulated bench: what it takes to reach it, and how that fails.

The responder knows the dialect; this is the cable, the interface card and their faults.
Faults of the link (parameter file `faults_instruments.toml`): absent, silent,
link_dropped, late_reply, partial_reply, unsolicited, frozen (readings repeat), and
wrong_model (played by the bench, which gives the responder another identity).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.world import PRIORITY_INSTRUMENT, World

_READINGS = (b"READ?", b"MEAS:", b"FETC")
_LATE_US = 1_000_000


class Responder(Protocol):
    """A dialect: bytes in, bytes or nothing out."""

    def execute(self, message: bytes) -> bytes | None:
        """Execute one message and return its reply or None."""
        ...


class LinkDropped(ConnectionError):
    """The instrument closed the connection."""


class SimulatedDevice:
    """A responder behind an interface with latency.

    Args:
        role: the role on the bench.
        responder: the dialect.
        world: bench time.
        next_latency_us: draws the latency of the next exchange [µs].
        faults: the faults of its link.
    """

    def __init__(
        self,
        role: str,
        responder: Responder,
        world: World,
        next_latency_us: Callable[[], int],
        faults: FaultSchedule,
    ) -> None:
        self.role = role
        self.responder = responder
        self.exchanges = 0
        self._world = world
        self._next_latency_us = next_latency_us
        self._faults = faults
        self._said_unsolicited = False
        self._frozen: dict[bytes, bytes] = {}

    def present(self) -> bool:
        """Tell whether anything answers at this address now."""
        return not self._faults.active("absent")

    def exchange(self, message: bytes, inbox: list[bytes]) -> None:
        """Take one message, let the latency pass, execute it, and append the reply.

        Raises:
            LinkDropped: the connection is gone.
        """
        self.exchanges += 1
        world = self._world
        world.spend_exchange_us(self._next_latency_us())
        if world.t_us >= self._faults.first_us:
            self._exchange_with_faults(message, inbox)
            return
        reply = self.responder.execute(message)
        if reply is not None:
            inbox.append(reply)

    def _exchange_with_faults(self, message: bytes, inbox: list[bytes]) -> None:
        if self._faults.active("link_dropped") or self._faults.active("absent"):
            raise LinkDropped(self.role)
        if self._faults.active("silent"):
            return
        reply = self.responder.execute(message)
        if self._faults.active("unsolicited") and not self._said_unsolicited:
            self._said_unsolicited = True
            inbox.append(b"**WARNING: fan service due\n")
        if reply is None:
            return
        if self._faults.active("frozen") and any(word in message for word in _READINGS):
            reply = self._frozen.setdefault(message, reply)
        if self._faults.active("partial_reply"):
            half = max(1, len(reply) // 2)
            self._later(reply[half:], inbox)
        elif self._faults.active("late_reply"):
            self._later(reply, inbox)
        else:
            inbox.append(reply)

    def _later(self, rest: bytes, inbox: list[bytes]) -> None:
        due_us = self._world.now_us() + _LATE_US
        self._world.at_us(due_us, PRIORITY_INSTRUMENT, lambda: inbox.append(rest))
