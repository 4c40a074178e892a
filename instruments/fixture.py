"""The fixture's contactors: closed behind a live dead-man only, and read back.

Nothing closes after `make_safe` began: every switch-on asks right before it acts.
"""

from __future__ import annotations

from instruments.bench_file import BenchConfig
from instruments.clock import Clock
from instruments.errors import BenchNotDead, NotProtected, PreconditionNotMet
from instruments.parts import BenchParts
from instruments.safe_steps import BENCH_DEAD_V, PEER_LINES
from instruments.sampler import Energy, Sampler
from instruments.standing import check_safety_chain, dropped_out
from instruments.trace import Trace

NO_CURRENT_A = 0.5
OFF_LOOKS = 8
_OFF_LOOK_US = 50_000
_BLEED_LOOKS = 15
_BLEED_US = 100_000


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
        self._no_more_after = ""
        self._disproved = ""

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
        self._close_fixture_contactor()
        self.note("fixture contactor closed")
        if self.sampler.energy is Energy.NONE:
            self.sampler.energy = Energy.STANDBY
            self._demand_no_current("with both sources off and the contactor closed")

    def energise_no_more(self, reason: str) -> None:
        """Refuse every further change that puts energy on the terminals.

        What flows goes on until it is disconnected; the reason is named in the refusal.
        """
        self._no_more_after = self._no_more_after or reason

    def _check_allowed(self, who: str) -> None:
        """Check that nothing was measured after which nothing is energised."""
        if self._no_more_after:
            raise PreconditionNotMet(
                who,
                f"nothing is energised after {self._no_more_after} failed",
                "repair that first, then start again",
            )

    def join_peer(self, line: str) -> None:
        """Close a peer's contactor behind a live dead-man; the module may be a slave.

        A slave does not speak on CAN, so the links are not watched until `part_peers`;
        the fixture contactor stays open, so the bench side has nothing to agree with.

        Raises:
            PreconditionNotMet: something was measured after which nothing is energised.
        """
        self._check_allowed(line)
        self.sampler.take()
        self.sampler.energy = Energy.STANDBY
        self.sampler.watch_links = False
        self.sampler.joined = True
        self._close_line(line)
        self.note(f"{line} closed")

    def part_peers(self) -> None:
        """Open every peer's contactor and watch the links again."""
        self.parts.switchbox.open_lines(PEER_LINES)
        self.sampler.energy = Energy.NONE
        self.sampler.watch_links = True
        self.sampler.joined = False
        self.note("peers parted")

    def _close_fixture_contactor(self) -> None:
        """Close it and see its auxiliary contact change, in both answers that name it.

        An input that stands still is found here: it reads closed before, or open after.
        With both sources off the bench side has to be dark before.
        """
        if self.sampler.energy is not Energy.CHARGE:
            self._demand_dark_bench()
        self._close_line("fixture_contactor")
        self.clock.wait_us(100_000)
        self.sampler.take()
        fed = self.sampler.hold_dead_man()["contactor_closed"]
        inputs = self.parts.switchbox.read_inputs()
        if not (fed and inputs["contactor_closed"] and inputs["dead_man_alive"]):
            raise NotProtected("fixture contactor", "did not close", "check its coil")

    def _close_line(self, line: str) -> None:
        """Close a contactor's line behind a live dead-man."""
        self._check_open_for_business()
        if self.sampler.hold_dead_man()["contactor_closed"]:
            raise NotProtected(
                "fixture contactor",
                f"reads closed before {line} was told to close",
                "check its auxiliary contact and the switchbox",
            )
        self._check_open_for_business()
        self.parts.switchbox.set_line(line, True)

    def _demand_dark_bench(self) -> None:
        """Wait for the bleeder to empty the bench side; a source may still be on.

        Raises:
            BenchNotDead: voltage stays on the bench side.
        """
        for _ in range(_BLEED_LOOKS):
            scan = self.parts.scan_meter.measure(("bench_side_v",))
            if abs(scan["bench_side_v"]) < BENCH_DEAD_V:
                return
            self.sampler.take()
            self.clock.wait_us(_BLEED_US)
        raise self._not_dead(
            "bench side",
            f"at {scan['bench_side_v']:.2f} V with both sources off",
            "do not touch; look after supply and contactor",
        )

    def _demand_no_current(self, when: str) -> None:
        """Wait for the current to end; a source that reads off may still be on.

        Args:
            when: what the bench does meanwhile, for the message.

        Raises:
            BenchNotDead: the shunt goes on showing current.
        """
        for _ in range(OFF_LOOKS):
            current_a = self.sampler.take().current_a
            if abs(current_a) < NO_CURRENT_A:
                return
            self.clock.wait_us(_OFF_LOOK_US)
        raise self._not_dead("bench", f"{current_a:.2f} A {when}", "do not touch")

    def _not_dead(self, who: str, what: str, do: str) -> BenchNotDead:
        """Make the error, and remember that what reads off was seen live."""
        self._disproved = self._disproved or who
        return BenchNotDead(who, what, do)

    def _contactor_is_closed(self) -> bool:
        """Read the auxiliary contact; the relay's drive state proves nothing.

        Raises:
            SafetyChainOpen: one of its inputs is not healthy.
            InstrumentError: open, although it was closed and nobody opened it.
        """
        inputs = self.parts.switchbox.read_inputs()
        closed = inputs["contactor_closed"]
        if self.sampler.energy is Energy.STANDBY and not (
            closed or self.sampler.joined
        ):
            check_safety_chain(inputs)
            raise dropped_out()
        return closed

    def _check_open_for_business(self) -> None:
        if self._closing:
            raise NotProtected(
                "bench", "make_safe has begun", "start a new run to energise again"
            )
