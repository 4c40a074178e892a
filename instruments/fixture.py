"""The fixture's contactors: closed behind a live dead-man only, and read back.

Nothing closes after `make_safe` began.
"""

from __future__ import annotations

from instruments.bench_file import BenchConfig
from instruments.clock import Clock
from instruments.errors import BenchNotDead, NotProtected
from instruments.parts import BenchParts
from instruments.safe_state import PEER_LINES
from instruments.sampler import Energy, Sampler, check_safety_chain
from instruments.trace import Trace


class Fixture:
    """Fixture contactor and peers' contactors in front of one module.

    Args:
        parts: the bench's instruments.
        clock: bench time.
        config: the bench file: watchdog and dead-man.
        trace: where changes of setpoint and switch are noted.
        sampler: looks at the module while energy flows.
    """

    def __init__(
        self,
        parts: BenchParts,
        clock: Clock,
        config: BenchConfig,
        trace: Trace,
        sampler: Sampler,
    ) -> None:
        self.parts = parts
        self.clock = clock
        self.config = config
        self.sampler = sampler
        self._trace = trace
        self._closing = False

    def note(self, text: str) -> None:
        """Write an event into the V/I trace."""
        self._trace.event(self.clock.now_us(), text)

    def open_contactor(self) -> None:
        """Open the fixture contactor and read its auxiliary contact back."""
        self.parts.switchbox.set_line("fixture_contactor", False)
        self.clock.wait_us(100_000)
        if self.parts.switchbox.read_inputs()["contactor_closed"]:
            raise BenchNotDead(
                "fixture contactor", "still closed", "press the emergency stop"
            )
        self.note("fixture contactor open")

    def close_contactor(self) -> None:
        """Close the fixture contactor behind a live dead-man; read both back."""
        self._check_open_for_business()
        box = self.parts.switchbox
        inputs = box.feed_dead_man()
        check_safety_chain(inputs)
        if not inputs["dead_man_alive"]:
            raise NotProtected(
                "dead-man relay", "does not hold", "check its wiring and supply"
            )
        box.set_line("fixture_contactor", True)
        self.clock.wait_us(100_000)
        if not box.feed_dead_man()["contactor_closed"]:
            raise NotProtected("fixture contactor", "did not close", "check its coil")
        self.note("fixture contactor closed")
        if self.sampler.energy is Energy.NONE:
            self.sampler.energy = Energy.STANDBY

    def join_peer(self, line: str) -> None:
        """Close a peer's contactor behind a live dead-man; the module may be a slave.

        A slave does not speak on CAN, so the links are not watched until `part_peers`.
        """
        self._check_open_for_business()
        inputs = self.parts.switchbox.feed_dead_man()
        check_safety_chain(inputs)
        if not inputs["dead_man_alive"]:
            raise NotProtected("dead-man relay", "does not hold", "check its wiring")
        self.sampler.energy = Energy.STANDBY
        self.sampler.watch_links = False
        self.parts.switchbox.set_line(line, True)
        self.note(f"{line} closed")

    def part_peers(self) -> None:
        """Open every peer's contactor and watch the links again."""
        for line in PEER_LINES:
            self.parts.switchbox.set_line(line, False)
        self.sampler.energy = Energy.NONE
        self.sampler.watch_links = True
        self.note("peers parted")

    def _contactor_is_closed(self) -> bool:
        """Read the auxiliary contact; the relay's drive state proves nothing."""
        return self.parts.switchbox.read_inputs()["contactor_closed"]

    def _check_open_for_business(self) -> None:
        if self._closing:
            raise NotProtected(
                "bench", "make_safe has begun", "start a new run to energise again"
            )
