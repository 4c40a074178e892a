"""The seam of the SCPI instruments: every exchange and every opening of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyvisa import constants
from pyvisa.constants import StatusCode
from pyvisa.typing import VISARMSession, VISASession

from instruments.sim.faults.call import OPEN, SCPI
from instruments.sim.faults.kinds import (
    FROZEN,
    HANG,
    IGNORED,
    LINK_LOST,
    OUTPUT_STICKS_ON,
    STALE_REPLY,
    TIMEOUT_EXECUTED,
    TIMEOUT_NOT_EXECUTED,
)
from instruments.sim.faults.log import AlteredReply
from instruments.sim.faults.parting import Parting, load_witnesses, text_parting
from instruments.sim.faults.replies import alter
from instruments.sim.scpi_parameters import ScpiFault
from instruments.sim.scpi_responder import ScpiResponder
from instruments.sim.visa_backend import SimulatedVisaLibrary, VisaSession

if TYPE_CHECKING:
    from instruments.sim.faults.messages import MessageTruth
    from instruments.sim.faults.points import FaultPoints

_LF = b"\n"
_UNANSWERED = (TIMEOUT_NOT_EXECUTED, HANG)
_IGNORED_CODE = -221


class FaultedVisaLibrary(SimulatedVisaLibrary):
    """The simulated bench's VISA library with fault points in `open` and `write`."""

    _points: FaultPoints
    _messages: MessageTruth

    def observe(self, points: FaultPoints, messages: MessageTruth) -> None:
        """Take the fault points, and who keeps the truth about writes."""
        self._points = points
        self._messages = messages

    def open(
        self,
        session: VISARMSession,
        resource_name: str,
        access_mode: constants.AccessModes = constants.AccessModes.no_lock,
        open_timeout: int | None = constants.VI_TMO_IMMEDIATE,
    ) -> tuple[VISASession, StatusCode]:
        """Open a session to one device; one that hangs costs the time-out.

        Raises:
            VisaIOError: nothing answers at this address.
        """
        points = self._points
        device = self._devices.get(resource_name)
        if device is not None:
            kind = points.reach(SCPI, device.role, OPEN)
            if kind == LINK_LOST:
                points.log.act(self._world.t_us)
                self.handle_return_value(session, StatusCode.error_resource_not_found)
            if kind in _UNANSWERED:
                self._world.spend_exchange_us((open_timeout or 0) * 1000)
                points.log.act(self._world.t_us)
                self.handle_return_value(session, StatusCode.error_timeout)
        return super().open(session, resource_name, access_mode, open_timeout)

    def write(self, session: VISASession, data: bytes) -> tuple[int, StatusCode]:
        """Send one message, unless the plan has it otherwise.

        Raises:
            VisaIOError: the link is lost.
            StationKilled: the station is dead.
        """
        points, messages = self._points, self._messages
        found = self._session(session)
        role = found.device.role
        message = bytes(data)
        text = message.decode("ascii", "replace").strip()
        kind = points.reach(SCPI, role, text)
        before = messages.settings(role)
        if kind == LINK_LOST:
            points.log.act(self._world.t_us)
            messages.wrote(points.calls, role, text, before, executed=False)
            self.handle_return_value(session, StatusCode.error_connection_lost)
        executed = self._carry(session, found, message, kind)
        messages.wrote(points.calls, role, text, before, executed=executed)
        return len(data), StatusCode.success

    def _carry(
        self,
        session: VISASession,
        found: VisaSession,
        message: bytes,
        kind: str | None,
    ) -> bool:
        """Bring a message to its device; tell whether it was executed."""
        log = self._points.log
        if kind in _UNANSWERED:
            due = b"?" in message
            log.act(self._world.t_us + found.timeout_us if due else None)
            return False
        waiting = len(found.inbox)
        if kind == IGNORED:
            asked = self._refuse(found, message)
            if asked:
                super().write(session, asked)
            if asked.strip() != message.strip():  # a set command was dropped
                log.act()
                self._points.refused.add(found.device.role)
        else:
            if kind == OUTPUT_STICKS_ON:
                self._hold_on(found.device.role, message)
            super().write(session, message)
        self._hand_over(found, waiting, message, kind)
        self._look_for_refusal(found.device.role, message)
        stuck = self._points.ignored_off
        if stuck is not None and self._messages.shows(stuck):
            log.detect(self._world.t_us)
        return kind != IGNORED

    def _look_for_refusal(self, role: str, message: bytes) -> None:
        """Let an ignored setting be known once its queue or its state is asked for."""
        if role in self._points.refused and (b"ERR?" in message or b"*OPC?" in message):
            self._points.refused.discard(role)
            self._points.log.detect(self._world.t_us)

    def _refuse(self, found: VisaSession, message: bytes) -> bytes:
        """Put an error into the queue; return what is left to ask."""
        responder = found.device.responder
        if isinstance(responder, ScpiResponder):
            responder.report(ScpiFault(_IGNORED_CODE, "ignored by the fault plan"))
        asked = [unit for unit in message.strip().split(b";") if b"?" in unit]
        return b";".join(asked) + _LF if asked else b""

    def _hold_on(self, role: str, message: bytes) -> None:
        """Let the output stick; note the commands to go off that change nothing."""
        points, messages = self._points, self._messages
        points.stick(role)
        text = message.decode("ascii", "replace").strip()
        if messages.is_told_off(role, text):
            points.log.act()
            points.ignored_off = role
        elif messages.is_told_on(role, text):
            points.ignored_off = None

    def _hand_over(
        self, found: VisaSession, waiting: int, message: bytes, kind: str | None
    ) -> None:
        """Put what the station gets into the session's buffer; remember the truth."""
        inbox = found.inbox
        true = b"".join(inbox[waiting:])
        if not true:
            return
        memory = self._points.memory[found.device.role]
        if kind == TIMEOUT_EXECUTED:
            del inbox[waiting:]
            due_us = 0 if found.late else found.timeout_us
            self._note(found, message, true, b"", self._world.t_us + due_us)
        elif kind is not None:
            draw = self._points.draw()
            given = alter(kind, true, message, memory, draw, _LF)
            if given != true:
                inbox[waiting:] = [line + _LF for line in given.split(_LF) if line]
                inbox[waiting:] = inbox[waiting:] or [_LF]
                seen_us = self._seen_us(found, kind, message, true, given)
                self._note(found, message, true, given, seen_us)
        memory.keep(self._world.t_us, message, true, kind == FROZEN)

    def _seen_us(
        self, found: VisaSession, kind: str, message: bytes, true: bytes, given: bytes
    ) -> int | None:
        """Tell from when on an altered answer can be found out [µs].

        An old value contradicts a second witness once it is stale, and while a source
        is on: only then does anybody look often enough (test-plan.md, Definitions).
        """
        now_us = self._world.t_us
        if kind not in (FROZEN, STALE_REPLY):
            return now_us
        role = found.device.role
        texts = (part.decode("ascii", "replace") for part in (message, true, given))
        parting = text_parting(role, *texts)
        if parting is Parting.IN_VALUE:
            age_us = self._points.memory[role].age_us(now_us, kind, message)
            stale = age_us > load_witnesses()["stale_us"]
            return now_us if stale and self._messages.is_source_on() else None
        return None if parting is Parting.NOT else now_us

    def _note(
        self,
        found: VisaSession,
        message: bytes,
        true: bytes,
        given: bytes,
        detectable_us: int | None,
    ) -> None:
        points = self._points
        points.log.act(detectable_us)
        points.log.keep(
            AlteredReply(
                points.calls,
                self._world.t_us,
                found.device.role,
                message,
                true,
                given,
            )
        )
