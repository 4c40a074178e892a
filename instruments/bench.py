"""One bench as phases see it: time, samples, energy, and the one off-switch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.bench_file import BenchConfig
from instruments.ceilings import Ceilings
from instruments.clock import Clock
from instruments.counter import Counter, Tally
from instruments.cross_check import CrossCheck
from instruments.errors import NotProtected
from instruments.parts import BenchParts
from instruments.power_path import PowerPath
from instruments.proofs import LIVE_V
from instruments.roles import Identity
from instruments.safe_state import SafeReport, make_safe
from instruments.safe_steps import SafeSteps
from instruments.sampler import Energy, Sampler
from instruments.standing import check_pace
from instruments.trace import Sample, Trace

__all__ = ["FINE_US", "LIVE_V", "SAMPLE_US", "Bench", "Edge"]

SAMPLE_US = 230_000
FINE_US = 60_000
REST_US = 5_000_000


@dataclass(frozen=True, slots=True)
class Edge:
    """The two samples between which something happened."""

    before: Sample
    after: Sample


class Bench(PowerPath):
    """The bench as phases see it.

    Attributes:
        cross_check: what compares each meter with its witness.
        safe_steps: what make_safe does at each of its steps.
    """

    cross_check: type[CrossCheck] = CrossCheck
    safe_steps: type[SafeSteps] = SafeSteps

    def __init__(
        self,
        parts: BenchParts,
        clock: Clock,
        config: BenchConfig,
        trace: Trace,
        ceilings: Ceilings | None = None,
    ) -> None:
        self._counter = Counter()
        limits = ceilings or Ceilings()
        witnesses = self.cross_check(config)
        sampler = Sampler(parts, clock, trace, self._counter, limits, witnesses)
        super().__init__(parts, clock, config, trace, sampler)
        self.identities: dict[str, Identity] = {}
        self.last_safe: SafeReport | None = None
        self.trace_files: tuple[Path, ...] = ()
        self.after_close: list[Callable[[], None]] = []
        self.world: Any = None
        self.earlier_trips = 0

    # --- time and watching -------------------------------------------------------

    def now_s(self) -> float:
        """Read bench time [s]."""
        return self.clock.now_us() / 1e6

    def tally(self) -> Tally:
        """Read charge [Ah] and energy [Wh] that have flowed so far."""
        return self._counter.read()

    def sample(self) -> Sample:
        """Take one sample now."""
        return self.sampler.take()

    def wait_until(
        self,
        condition: Callable[[Sample], bool],
        timeout_s: float,
        period_us: int | None = None,
    ) -> Edge | None:
        """Sample until the condition holds.

        Where it holds without current, source and contactor are seen to stand first:
        only then has the module opened.

        Args:
            condition: looks at a sample; may look at the links as well.
            timeout_s: how long to go on [s].
            period_us: time from sample to sample [µs]; by default 0.23 s while
                energised and 5 s at rest.

        Returns:
            The last sample that did not fulfil it and the first that did, or None
            when the time ran out.
        """
        clock = self.clock
        take = self.sampler.take
        period = self._period_us(period_us)
        deadline_us = clock.now_us() + round(timeout_s * 1e6)
        before: Sample | None = None
        while True:
            start_us = clock.now_us()
            sample = take()
            if condition(sample):
                self.sampler.confirm_fixture(sample)
                return Edge(before or sample, sample)
            before = sample
            now_us = clock.now_us()
            if now_us >= deadline_us:
                return None
            self._pause(max(1_000, min(start_us + period, deadline_us) - now_us))

    def hold(self, duration_s: float, period_us: int | None = None) -> None:
        """Sample for a time [s], energised or at rest."""
        self.wait_until(_never, duration_s, period_us)

    def wait(self, duration_s: float) -> None:
        """Let time pass without sampling [s]; refuses while energised for long.

        Raises:
            NotProtected: longer than from one sample to the next.
        """
        if self.sampler.energy is not Energy.NONE and duration_s * 1e6 > SAMPLE_US:
            raise NotProtected(
                "bench", f"a wait of {duration_s} s while energised", "sample instead"
            )
        self._pause(round(duration_s * 1e6))

    def _pause(self, duration_us: int) -> None:
        """Wait [µs], and see that it was not much longer: instants would be guessed."""
        due_us = self.clock.now_us() + duration_us
        self.clock.wait_us(duration_us)
        check_pace(self.clock.now_us() - due_us)

    def _period_us(self, wanted_us: int | None) -> int:
        """Choose the sampling period [µs]; energised, nobody may look less often."""
        if self.sampler.energy is Energy.NONE:
            return wanted_us or REST_US
        return min(wanted_us or SAMPLE_US, SAMPLE_US)

    # --- the end ---------------------------------------------------------------------

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Refuse everything that could energise, and hold stop requests back."""
        self._closing = True
        with self.clock.stop.shielded():
            yield

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        """End dead: bounded, idempotent, never stops at the first failure.

        Args:
            module_dead: also shut the module down and measure its terminals.

        Returns:
            What was measured, and what went wrong on the way.
        """
        with self.closing():
            self.sampler.energy = Energy.NONE
            self_off_s = self.config.self_off_s
            self.last_safe = make_safe(
                self.parts, self.clock, self_off_s, module_dead, self.safe_steps
            )
            self.last_safe.disproved = self._disproved
            self.note("made safe" if self.last_safe.dead else "NOT proved dead")
        return self.last_safe

    def close(self) -> None:
        """Close instruments, links and trace, whatever raises; make_safe comes first.

        Raises:
            Exception: the last that a part raised; all others were closed as well.
        """
        with ExitStack() as last_in_first_out:
            then = last_in_first_out.callback
            for callback in self.after_close:
                then(callback)
            self.after_close.clear()
            then(self._trace.close)
            then(self.parts.service.close)
            then(self.parts.can.close)
            for instrument in reversed(self.parts.instruments()):
                then(instrument.close)

    @property
    def incidents(self) -> tuple[str, ...]:
        """List what was overcome in this run; the record keeps it."""
        return self.parts.incidents()

    @property
    def calibrations(self) -> dict[str, dict[str, str]]:
        """List calibration date, due date and certificate by role, as filed."""
        return self.config.calibrations()


def _never(_: Sample) -> bool:
    return False
