"""The seams of the two serial lines: the LED reader's and the service port's.

Each exchange is one write of the station; its answer passes here on the way back.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from instruments.sim.faults.call import LED, OPEN
from instruments.sim.faults.kinds import (
    FROZEN,
    HANG,
    LINK_LOST,
    STALE_REPLY,
    TIMEOUT_EXECUTED,
    TIMEOUT_NOT_EXECUTED,
)
from instruments.sim.faults.log import AlteredReply
from instruments.sim.faults.parting import (
    Parting,
    load_witnesses,
    service_parting,
    text_parting,
)
from instruments.sim.faults.replies import alter
from instruments.sim.serial_port import Peer, PortEnd

if TYPE_CHECKING:
    from instruments.sim.faults.points import FaultPoints
    from instruments.sim.world import World

_CRLF = b"\r\n"


class LineOwner(Peer, Protocol):
    """A device on a serial line; what it sends goes to `end`."""

    end: PortEnd


class _Tap(PortEnd):
    """Takes what a device sends in place of its port."""

    def __init__(
        self, world: World, peer: Peer, answer: Callable[[int, bytes], None]
    ) -> None:
        super().__init__(world, peer)
        self.is_open = True
        self._answer = answer

    def emit_at(self, t_us: int, data: bytes) -> None:
        """Hand over bytes that are due at bench time [µs]."""
        self._answer(t_us, data)


class FaultedLine:
    """Sits between a port and the device at its other end.

    Args:
        points: the fault points.
        seam, role: of this line.
        device: the LED reader or the service cable.
        due: tells whether the device would answer now.
    """

    def __init__(
        self,
        world: World,
        points: FaultPoints,
        seam: str,
        role: str,
        device: LineOwner,
        due: Callable[[], bool],
    ) -> None:
        self.end = PortEnd(world, self)
        self._world = world
        self._points = points
        self._seam = seam
        self._role = role
        self._device = device
        self._due = due
        self._line_end = _CRLF if seam == LED else b""
        self._kind: str | None = None
        self._request = b""
        self._k = 0
        self._tap = _Tap(world, device, self._answer)
        device.end = self._tap

    def present(self) -> bool:
        """Tell whether the port can be opened."""
        if self._points.reach(self._seam, self._role, OPEN) == LINK_LOST:
            self._points.log.act(self._world.t_us)
            return False
        return self._device.present()

    def receive(self, data: bytes) -> None:
        """Take one request of the station, and carry it as the plan has it.

        Raises:
            OSError: the link is lost.
            StationKilled: the station is dead.
        """
        points, log = self._points, self._points.log
        self._request = data
        self._kind = kind = points.reach(self._seam, self._role, self._describe(data))
        self._k = points.calls
        if kind == LINK_LOST:
            log.act(self._world.t_us)
            raise OSError(errno.EIO, "the cable is out", self._role)
        if kind in (TIMEOUT_NOT_EXECUTED, HANG):
            if self._due():
                log.act(self._world.t_us + points.due_us[self._seam])
            return
        sent_us = self._world.t_us
        self._device.receive(data)
        answer = bytes(self._tap.incoming)
        self._tap.incoming.clear()
        if answer:
            self._pass_on(sent_us, self._world.t_us, answer)

    def _describe(self, data: bytes) -> str:
        if self._seam == LED:
            return data.decode("ascii", "replace").strip()
        return data.hex()

    def _answer(self, t_us: int, data: bytes) -> None:
        self._pass_on(self._world.t_us, t_us, data)

    def _pass_on(self, sent_us: int, t_us: int, true: bytes) -> None:
        """Give the station the answer that is due at bench time [µs], or another."""
        points, request = self._points, self._request
        memory = points.memory[self._role]
        given = true
        if self._kind == TIMEOUT_EXECUTED:
            self._note(t_us, true, b"", sent_us + points.due_us[self._seam])
            given = b""
        elif self._kind is not None:
            draw = points.draw()
            given = alter(self._kind, true, request, memory, draw, self._line_end)
            if given != true:
                seen_us = t_us if self._contradicts(t_us, true, given) else None
                self._note(t_us, true, given, seen_us)
        memory.keep(t_us, request, true, self._kind == FROZEN)
        if t_us > self._world.t_us:
            self.end.emit_at(t_us, given)
        else:
            self.end.incoming += given

    def _contradicts(self, t_us: int, true: bytes, given: bytes) -> bool:
        """Tell whether an altered answer can be found out.

        What the module says may be as old as its use allows; it is compared while a
        source is on. The LED reader's answer counts at its next use.
        """
        if self._kind not in (FROZEN, STALE_REPLY):
            return True
        if self._seam != LED:
            parting = service_parting(self._request, true, given)
            return parting is Parting.IN_FORM or (
                parting is Parting.IN_VALUE and self._is_stale(t_us)
            )
        lines = (part.decode("ascii", "replace") for part in (true, given))
        return text_parting(self._role, "", *lines) is not Parting.NOT

    def _is_stale(self, t_us: int) -> bool:
        """Tell whether the old answer is too old, and somebody compares it."""
        points = self._points
        if self._kind is None or points.truth is None:
            return False
        age_us = points.memory[self._role].age_us(t_us, self._kind, self._request)
        too_old: bool = age_us > load_witnesses()["service_stale_us"]
        return too_old and points.truth.messages.is_source_on()

    def _note(
        self, t_us: int, true: bytes, given: bytes, detectable_us: int | None
    ) -> None:
        log = self._points.log
        log.act(detectable_us)
        reply = AlteredReply(self._k, t_us, self._role, self._request, true, given)
        log.keep(reply)
