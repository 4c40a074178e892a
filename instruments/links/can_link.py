"""The module's CAN bus: drained by whoever samples, never by a thread of its own.

`drain` empties the bus without waiting, keeps ages and periods of every id, answers
the module's need for the host's keep-alive, and records what the profile does not
know. A Notifier would spin on a simulated clock (seams.md 4).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import can

from instruments.clock import Clock
from instruments.errors import CanLinkError
from instruments.links.can_periods import PeriodCounter, PeriodStats
from instruments.links.module_state import ModuleState
from instruments.wire.errors import FrameError
from instruments.wire.pylon_lv import PylonLv

if TYPE_CHECKING:
    from instruments.exchange_log import CanLog

_ROLE = "CAN"
_RAW_KEPT = 64
_MOST_AT_ONCE = 20_000  # a bus that babbles must not hold the caller for ever
_EXTENDED = 1 << 31  # marks 29-bit ids in `unknown`, as SocketCAN does


class CanLink:
    """The CAN half of what the module says.

    Args:
        bus: a python-can bus; the link shuts it down.
        clock: bench time.
        codec: the profile.
        log: where every frame goes, or None.
        timestamp_offset_us: bench time minus bus time stamp [µs]; None estimates it as
            the smallest difference seen (a frame cannot come from the future).

    Attributes:
        state: the last values with their ages.
        unknown: last data of every id that the profile does not describe; bit 31 is
            set for 29-bit ids.
        malformed: raw frames of known ids that could not be decoded, at most 64.
        error_frames, malformed_count: how many there were.
    """

    def __init__(
        self,
        bus: can.BusABC,
        clock: Clock,
        codec: PylonLv,
        log: CanLog | None = None,
        timestamp_offset_us: int | None = None,
    ) -> None:
        self.state = ModuleState(clock, _ROLE)
        self.unknown: dict[int, bytes] = {}
        self.malformed: list[tuple[int, int, bytes]] = []
        self.malformed_count = 0
        self.error_frames = 0
        self.codec = codec
        self._bus = bus
        self._clock = clock
        self._log = log
        self._offset_us = timestamp_offset_us
        self._offset_fixed = timestamp_offset_us is not None
        self._periods: dict[int, PeriodCounter] = {}
        keep_alive = codec.profile.keep_alive
        self._keep_alive_us = round(keep_alive.period_s * 1e6)
        self._keep_alive_due_us = clock.now_us()
        self._keep_alive = can.Message(
            arbitration_id=keep_alive.can_id,
            is_extended_id=False,
            data=bytes.fromhex(keep_alive.data_hex),
        )

    def drain(self) -> int:
        """Read every waiting frame, then send the keep-alive if it is due.

        Returns the number of frames.

        Raises:
            CanLinkError: the adapter failed.
        """
        recv = self._bus.recv
        count = 0
        try:
            while count < _MOST_AT_ONCE and (message := recv(0)) is not None:
                self._take(message)
                count += 1
        except (can.CanError, OSError) as error:
            raise self._adapter_failed("receive", error) from error
        if self._clock.now_us() >= self._keep_alive_due_us:
            self.keep_alive()
        return count

    def keep_alive(self) -> None:
        """Send the host's keep-alive now; the next is due one period later.

        Raises:
            CanLinkError: the adapter failed.
        """
        now_us = self._clock.now_us()
        self._keep_alive_due_us = now_us + self._keep_alive_us
        try:
            self._bus.send(self._keep_alive)
        except (can.CanError, OSError) as error:
            raise self._adapter_failed("send", error) from error
        if self._log is not None:
            frame = self._keep_alive
            self._log.frame(now_us, frame.arbitration_id, bytes(frame.data))

    def max_age_s(self, can_id: int) -> float:
        """Compute how old a value of this id may be [s] (profile, ``stale``)."""
        stale = self.codec.profile.stale
        return stale.periods * self.codec.periods_s[can_id] + stale.plus_s

    def id_age_s(self, can_id: int) -> float:
        """Compute the age [s] of the last frame of an id; infinite if none came."""
        counter = self._periods.get(can_id)
        if counter is None or counter.last_us is None:
            return float("inf")
        return (self._clock.now_us() - counter.last_us) * 1e-6

    def silent_ids(self) -> tuple[int, ...]:
        """List the ids of the profile whose last frame is older than allowed."""
        return tuple(
            can_id
            for can_id in self.codec.periods_s
            if self.id_age_s(can_id) > self.max_age_s(can_id)
        )

    def periods(self) -> Mapping[int, PeriodStats]:
        """Compute count and periods [s] of every id seen since the last reset."""
        return {
            can_id: counter.stats() for can_id, counter in sorted(self._periods.items())
        }

    def reset_periods(self) -> None:
        """Start counting periods anew, without dropping the ages."""
        for counter in self._periods.values():
            counter.reset()

    def forget(self) -> None:
        """Discard waiting frames and everything known, as before the first frame.

        Raises:
            CanLinkError: the adapter failed.
        """
        self.drain()
        self.state.clear()
        self._periods.clear()
        self.unknown.clear()
        self.malformed.clear()
        self.malformed_count = 0
        self.error_frames = 0

    def close(self) -> None:
        """Shut the bus down; never raises."""
        with contextlib.suppress(Exception):
            self._bus.shutdown()

    def _take(self, message: can.Message) -> None:
        t_us = self._bench_time_us(message.timestamp)
        can_id = message.arbitration_id
        data = bytes(message.data)
        if self._log is not None:
            self._log.frame(t_us, can_id, data, message.is_extended_id)
        if message.is_error_frame:
            self.error_frames += 1
            return
        if message.is_extended_id or message.is_remote_frame:
            self.unknown[can_id | _EXTENDED * message.is_extended_id] = data
            return
        counter = self._periods.get(can_id)
        if counter is None:
            counter = self._periods[can_id] = PeriodCounter()
        counter.add(t_us)
        try:
            values = self.codec.decode(can_id, data)
        except FrameError:
            self._keep_undecoded(t_us, can_id, data)
        else:
            self.state.put(can_id, values, t_us)

    def _keep_undecoded(self, t_us: int, can_id: int, data: bytes) -> None:
        """Keep a frame that the profile does not know, or that breaks its rules."""
        if not self.codec.knows(can_id):
            self.unknown[can_id] = data
            return
        self.malformed_count += 1
        if len(self.malformed) < _RAW_KEPT:
            self.malformed.append((t_us, can_id, data))
        self.state.invalidate(can_id, t_us)

    def _bench_time_us(self, timestamp_s: float) -> int:
        """Convert a bus time stamp [s] to bench time [µs], never in the future."""
        stamp_us = round(timestamp_s * 1e6)
        now_us = self._clock.now_us()
        if not self._offset_fixed:
            offset_us = now_us - stamp_us
            if self._offset_us is None or offset_us < self._offset_us:
                self._offset_us = offset_us
        return min(now_us, stamp_us + (self._offset_us or 0))

    def _adapter_failed(self, doing: str, error: Exception) -> CanLinkError:
        return CanLinkError(
            _ROLE,
            f"cannot {doing}: {type(error).__name__}: {error}",
            "check the CAN adapter, its driver and the bus termination",
        )
