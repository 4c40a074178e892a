"""The module's CAN port behind python-can: bench time, no thread, no Notifier.

`recv` is overridden as a whole: with time-out 0 it returns what is queued, else waiting
moves the world. Frames carry the bench time of their emission.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import can

from instruments.sim.world import World

QUEUE_FRAMES = 4096
_POLL_US = 1_000
SendFrame = Callable[[int, bytes], None]


class SimulatedCanBus(can.BusABC):
    """One open adapter; frames beyond the queue's length push out the oldest.

    Args:
        channel: the channel's name, for messages only.
        world: bench time.
        send_frame: gives a frame to the module.
        on_shutdown: called once when the bus is shut down.
    """

    def __init__(
        self,
        channel: str,
        world: World,
        send_frame: SendFrame,
        on_shutdown: Callable[[SimulatedCanBus], None],
        **kwargs: Any,  # noqa: ANN401  python-can's own signature
    ) -> None:
        self.channel_info = f"simulated bench, {channel}"
        self.lost_frames = 0
        self._world = world
        self._send_frame = send_frame
        self._on_shutdown = on_shutdown
        self._queue: deque[tuple[int, int, bytes]] = deque()
        super().__init__(channel=channel, **kwargs)

    def deliver(self, t_us: int, arbitration_id: int, data: bytes) -> None:
        """Queue one frame that the module emitted at bench time [µs]."""
        queue = self._queue
        if len(queue) >= QUEUE_FRAMES:
            queue.popleft()
            self.lost_frames += 1
        queue.append((t_us, arbitration_id, data))

    def recv(self, timeout: float | None = None) -> can.Message | None:
        """Return the next frame, waiting at most `timeout` [s] of bench time.

        Raises:
            CanOperationError: shut down, or asked to wait for ever.
        """
        if self._is_shutdown:
            raise can.CanOperationError("the simulated bus is shut down")
        message = self._next()
        if message is not None or timeout == 0:
            return message
        if timeout is None:
            raise can.CanOperationError("recv without time-out could wait for ever")
        world = self._world
        end_us = world.now_us() + round(timeout * 1e6)
        while message is None and (left_us := end_us - world.now_us()) > 0:
            world.spend_exchange_us(min(_POLL_US, left_us))
            message = self._next()
        return message

    def _next(self) -> can.Message | None:
        queue = self._queue
        while queue:
            t_us, arbitration_id, data = queue.popleft()
            message = can.Message(
                timestamp=t_us * 1e-6,
                arbitration_id=arbitration_id,
                is_extended_id=False,
                data=data,
            )
            if self._filters is None or self._matches_filters(message):
                return message
        return None

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        """Give one frame to the module.

        Raises:
            CanOperationError: shut down, or not a classic data frame.
        """
        if self._is_shutdown:
            raise can.CanOperationError("the simulated bus is shut down")
        if msg.is_fd or msg.is_error_frame or len(msg.data) > 8:
            raise can.CanOperationError("classic CAN data frames only")
        self._send_frame(msg.arbitration_id, bytes(msg.data))

    def _send_periodic_internal(
        self,
        msgs: Sequence[can.Message] | can.Message,
        period: float,
        duration: float | None = None,
        autostart: bool = True,
        modifier_callback: Callable[[can.Message], None] | None = None,
    ) -> NoReturn:
        raise can.CanOperationError("no cyclic send on bench time; call send yourself")

    def shutdown(self) -> None:
        """Leave the bus; a second call does nothing."""
        if not self._is_shutdown:
            super().shutdown()
            self._queue.clear()
            self._on_shutdown(self)
