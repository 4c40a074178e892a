"""The module's service port: registers by name, read only.

Only seven checksum bits protect a frame, so a reading that decides something is taken
twice (protocols.md 3.1). Reads change nothing in the module, so they may be repeated:
a bounded number of times, counted, and with an empty input buffer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from instruments.clock import Clock
from instruments.errors import ServiceLinkError
from instruments.links.module_state import ModuleState
from instruments.links.serial_port import SerialPort
from instruments.links.service_line import ROLE, ServiceLine
from instruments.wire import weco_service as wire
from instruments.wire.errors import FrameError

if TYPE_CHECKING:
    from instruments.exchange_log import ExchangeLog

_Reading = TypeVar("_Reading")
_TRIES = 3
_PAUSE_US = 5_000_000
_LATE_US = 1_000_000
_DO = "check the service cable and that the module is awake"


@dataclass(frozen=True, slots=True)
class _Pending:
    """A block that was asked for, and when; `announcing` if the key had to go first.

    `asked` is the number of words that the reply has to bring.
    """

    block: str
    announcing: bool
    asked: int
    asked_us: int


class ServiceLink:
    """Registers of the module by canonical name.

    Args:
        port: a pyserial port; the link sets its time-outs and closes it.
        clock: bench time.
        profile: the register profile.
        timeout_s: how long one reply may take [s]; None takes the profile's.
        log: where every byte goes, or None.

    Attributes:
        state: the last values with their ages.
        table: the registers of the profile.
        retries: tries that had to be repeated, since the start.
    """

    def __init__(
        self,
        port: SerialPort,
        clock: Clock,
        profile: wire.WecoServiceProfile,
        timeout_s: float | None = None,
        log: ExchangeLog | None = None,
    ) -> None:
        self.state = ModuleState(clock, ROLE)
        self.profile = profile
        self.table = profile.table()
        self.retries = 0
        self._clock = clock
        self._line = ServiceLine(
            port,
            clock,
            profile.key,
            profile.timeout_s if timeout_s is None else timeout_s,
            log,
        )
        self._announced = False
        self._heard_us = 0
        self._pending: _Pending | None = None
        self._addresses = {
            field.address + word
            for field in self.table.values()
            for word in range(field.words)
        }
        self._longer = True  # the first question is as long as it says

    @property
    def timeouts(self) -> int:
        """Count replies that did not come in time, since the start."""
        return self._line.timeouts

    @property
    def bad_frames(self) -> int:
        """Count replies with a wrong checksum or shape, since the start."""
        return self._line.bad_frames

    def read_words(self, start: int, count: int) -> tuple[int, ...]:
        """Read raw words from `start`, in at most three tries.

        Raises:
            ServiceLinkError: no valid answer.
        """
        self._abandon_pending()
        asked = self._vary(start, count)
        for attempt in range(_TRIES):
            if attempt:
                self.retries += 1
            try:
                if not self._announced:
                    self._announce()
                self._line.ask_words(start, asked)
                return self._line.take_words(asked)[:count]
            except FrameError as error:
                failure = error
        self._announced = False  # the module may have restarted and lost the key
        raise ServiceLinkError(
            ROLE, f"registers {start} to {start + count - 1}: {failure}", _DO
        ) from failure

    def read(self, name: str) -> float:
        """Read one register in its unit.

        Raises:
            ServiceLinkError: no valid answer, or no such register in the profile.
        """
        field = self._field(name)
        values = self._read_values(name, field.address, field.words)
        return values[name]

    def read_block(self, block: str) -> Mapping[str, float]:
        """Read a block of the profile: "main", "summary", "cells", "status" ...

        Raises:
            ServiceLinkError: no valid answer, or no such block in the profile.
        """
        return self._read_values(block, *self._block(block))

    def read_decisive(self, name: str) -> float:
        """Read a register until two readings agree, at most three times.

        Raises:
            ServiceLinkError: three different readings, or no valid answer.
        """
        return _agreed(lambda: self.read(name), name)

    def read_words_decisive(self, start: int, count: int) -> tuple[int, ...]:
        """Read raw words from `start` until two readings agree, at most three times.

        For words that decide something and rest: thresholds, versions, counters.

        Raises:
            ServiceLinkError: three different readings, or no valid answer.
        """
        what = f"registers {start} to {start + count - 1}"
        return _agreed(lambda: self.read_words(start, count), what)

    def send(self, block: str) -> None:
        """Ask for a block without waiting; `collect` it at a later sample.

        Raises:
            ServiceLinkError: no such block in the profile. ServicePortFailed.
        """
        start, count = self._block(block)
        self._abandon_pending()
        asked = self._vary(start, count)
        # A module that restarted meanwhile has lost the key and would not answer.
        pause_us = self._clock.now_us() - self._heard_us
        announcing = not self._announced or pause_us > _PAUSE_US
        try:
            if announcing:
                self._line.ask_key()
            else:
                self._line.ask_words(start, asked)
        except FrameError as error:
            raise ServiceLinkError(ROLE, f"{block}: {error}", _DO) from error
        self._pending = _Pending(block, announcing, asked, self._clock.now_us())

    def collect(self) -> Mapping[str, float]:
        """Collect the block asked for by `send`.

        Raises:
            ServiceLinkError: no valid answer, or nothing was asked for.
        """
        pending, self._pending = self._pending, None
        if pending is None:
            raise ServiceLinkError(ROLE, "nothing was asked for", "call send first")
        start, count = self._block(pending.block)
        try:
            if pending.announcing:
                self._line.take_key()
                self._announced = True
                self._line.ask_words(start, pending.asked)
            words = self._line.take_words(pending.asked)[:count]
        except FrameError as error:
            self._announced = False
            raise ServiceLinkError(ROLE, f"{pending.block}: {error}", _DO) from error
        return self._store(pending.block, start, words)

    def announce(self) -> None:
        """Announce the session key now, as after a restart of the module.

        Raises:
            ServiceLinkError: the module does not confirm it.
        """
        self._abandon_pending()
        try:
            self._announce()
        except FrameError as error:
            raise ServiceLinkError(ROLE, f"session key: {error}", _DO) from error

    def close(self) -> None:
        """Close the port; never raises."""
        self._line.close()

    # -- one exchange -----------------------------------------------------

    def _announce(self) -> None:
        self._line.ask_key()
        self._line.take_key()
        self._announced = True

    def _abandon_pending(self) -> None:
        """Take a reply that nobody collected off the line."""
        pending, self._pending = self._pending, None
        if pending is None or self._clock.now_us() - pending.asked_us > _LATE_US:
            return  # what came meanwhile is discarded before the next question
        with contextlib.suppress(FrameError):  # then it is late, and is waited for
            if pending.announcing:
                self._line.take_key()
            else:
                self._line.take_words(pending.asked)

    def _vary(self, start: int, count: int) -> int:
        """Ask for one word more with every other question.

        A reply does not say which registers it brings: one that belongs to the
        question before is known by its length.
        """
        self._longer = not self._longer
        fits = count < self.profile.max_count and start + count in self._addresses
        return count + 1 if self._longer and fits else count

    # -- names ------------------------------------------------------------

    def _read_values(self, group: str, start: int, count: int) -> Mapping[str, float]:
        return self._store(group, start, self.read_words(start, count))

    def _store(
        self, group: str, start: int, words: tuple[int, ...]
    ) -> Mapping[str, float]:
        values = self.table.decode_words(start, words)
        self._heard_us = self._clock.now_us()
        self.state.put(group, values, self._heard_us)
        return values

    def _field(self, name: str) -> wire.Register:
        if name not in self.table:
            raise ServiceLinkError(
                ROLE,
                f"profile {self.profile.name} has no register {name!r}",
                "report it as not supported by profile",
            )
        return self.table[name]

    def _block(self, block: str) -> tuple[int, int]:
        if block not in self.profile.blocks:
            raise ServiceLinkError(
                ROLE,
                f"profile {self.profile.name} has no block {block!r}",
                f"use one of {', '.join(self.profile.blocks)}",
            )
        return self.profile.blocks[block]


def _agreed(read: Callable[[], _Reading], what: str) -> _Reading:
    """Read twice, and once more if the two differ; two of them have to be equal.

    Raises:
        ServiceLinkError: no two agree.
    """
    first, second = read(), read()
    if first == second:
        return first
    third = read()
    if third in (first, second):
        return third
    raise ServiceLinkError(
        ROLE,
        f"{what} read {first}, {second} and {third}",
        "read it while the value rests; check the cable for noise",
    )
