"""The seam of the CAN bus: every receive and every send."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import can

from instruments.sim.can_bus import SendFrame, SimulatedCanBus
from instruments.sim.faults.call import CAN, RECV_FRAME, RECV_NOTHING, SEND
from instruments.sim.faults.kinds import (
    CAN_BUS_OFF,
    CAN_DUPLICATES,
    CAN_OLD_FRAMES,
    CAN_SILENCE,
)
from instruments.sim.faults.log import AlteredReply
from instruments.sim.faults.parting import Parting, frame_parting, load_witnesses

if TYPE_CHECKING:
    from collections.abc import Callable

    from instruments.sim.faults.points import FaultPoints
    from instruments.sim.world import World

_KEPT_PAYLOADS = 16


class FaultedCanBus(SimulatedCanBus):
    """An adapter with fault points; frames are calls one by one."""

    def __init__(
        self,
        channel: str,
        world: World,
        send_frame: SendFrame,
        on_shutdown: Callable[[SimulatedCanBus], None],
        points: FaultPoints,
        **kwargs: Any,  # noqa: ANN401  python-can's own signature
    ) -> None:
        self._points = points
        self._silent = False
        self._repeated = False
        self._last_us = world.t_us
        self._payloads: defaultdict[int, list[bytes]] = defaultdict(list)
        self._stopped_at: dict[int, bytes] = {}
        self._true_us: dict[int, int] = {}
        super().__init__(channel, world, send_frame, on_shutdown, **kwargs)

    def deliver(self, t_us: int, arbitration_id: int, data: bytes) -> None:
        """Queue one frame that the module emitted at bench time [µs]."""
        if self._silent:
            self._lose(t_us)
        else:
            super().deliver(t_us, arbitration_id, data)

    def recv(self, timeout: float | None = None) -> can.Message | None:
        """Return the next frame, waiting at most `timeout` [s] of bench time.

        Raises:
            CanOperationError: bus-off, shut down, or asked to wait for ever.
        """
        kind = self._points.reach(CAN, CAN, RECV_FRAME if self._queue else RECV_NOTHING)
        if kind == CAN_BUS_OFF:
            self._fail()
        if kind == CAN_SILENCE:
            self._fall_silent()
        if self._queue:
            self._play(kind)
        message = super().recv(timeout)
        if message is not None:
            self._last_us = round(message.timestamp * 1e6)
        return message

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        """Give one frame to the module.

        Raises:
            CanOperationError: bus-off, shut down, or not a classic data frame.
        """
        if self._points.reach(CAN, CAN, SEND) == CAN_BUS_OFF:
            self._fail()
        super().send(msg, timeout)

    def _fail(self) -> None:
        self._points.log.act(self._world.t_us)
        raise can.CanOperationError("the adapter is bus-off")

    # -- silence -----------------------------------------------------------------

    def _fall_silent(self) -> None:
        """Lose what waits, and all that comes if the fault stays."""
        if self._silent:
            return
        self._silent = self._points.is_lasting()
        for t_us, _, _ in self._queue:
            self._lose(t_us)
        self._queue.clear()

    def _lose(self, t_us: int) -> None:
        """Count a lost frame; silence that lasts is noticed after three periods."""
        if not self._silent:
            self._points.log.act()
            return
        witnesses = load_witnesses()
        since_us = max(self._last_us, t_us - witnesses["can_period_us"])
        self._points.log.act(since_us + witnesses["can_silent_us"])

    # -- frames ------------------------------------------------------------------

    def _play(self, kind: str | None) -> None:
        """Alter or double the frame that is next."""
        t_us, can_id, true = self._queue[0]
        if self._repeated:  # only now does the station get a frame twice
            self._repeated = False
            self._points.log.act()
            return
        if kind == CAN_DUPLICATES:
            self._repeated = True
            self._queue.appendleft((t_us, can_id, true))
            return
        seen = self._payloads[can_id]
        if kind == CAN_OLD_FRAMES:
            given = self._old_payload(can_id, true)
            if given != true:
                self._queue[0] = (t_us, can_id, given)
                self._note(can_id, true, given)
            return
        self._true_us[can_id] = t_us
        if not seen or seen[-1] != true:
            seen.append(true)
            del seen[:-_KEPT_PAYLOADS]

    def _old_payload(self, can_id: int, true: bytes) -> bytes:
        """Choose an earlier payload: the last that differs, or for ever the same."""
        seen = self._payloads[can_id]
        if self._points.is_lasting():
            return self._stopped_at.setdefault(can_id, seen[-1] if seen else true)
        return next((old for old in reversed(seen) if old != true), true)

    def _is_stale(self, can_id: int) -> bool:
        """Tell whether the last true frame is too old while somebody compares it.

        Too old is three periods and 0.5 s; frames are compared while a source is on.
        """
        truth = self._points.truth
        age_us = self._world.t_us - self._true_us.get(can_id, self._world.t_us)
        too_old: bool = age_us > load_witnesses()["can_silent_us"]
        return too_old and truth is not None and truth.messages.is_source_on()

    def _note(self, can_id: int, true: bytes, given: bytes) -> None:
        points, now_us = self._points, self._world.t_us
        parted = frame_parting(can_id, true, given) is not Parting.NOT
        points.log.act(now_us if parted and self._is_stale(can_id) else None)
        points.log.keep(
            AlteredReply(
                points.calls, now_us, CAN, can_id.to_bytes(2, "big"), true, given
            )
        )
