"""What a climb found: the opening, the levels around it, and the edge before it.

Also how an opening is told from a current that died away by itself, and from a source
that has not risen yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.bench import Bench, Edge
from instruments.errors import PreconditionNotMet
from instruments.trace import Sample

CONDUCTS_A = 0.5
_ABRUPT_A = 1.2
_RISE_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Climb:
    """What a climb found, by steps or by pulses.

    `level_before` and `level` are the last step that was held throughout and the step
    under way at the end; `before` and `last` are the last conducting samples of both.
    Pulses hold no level: theirs is the voltage of `last`, and where nothing opened
    `before` and `last` are the samples that pulses proved.
    `edge_us` brackets the instant at which the step's stimulus was in place; None where
    there was no edge. `opened` is None when the contactor never opened; then `level`
    was held to the end.
    """

    opened: Edge | None
    level_before: float | None
    level: float
    before: Sample | None
    last: Sample
    edge_us: tuple[int, int] | None

    @property
    def seen(self) -> bool:
        """Tell whether the step under way was sampled while it still conducted."""
        return self.opened is None or conducts(self.opened.before)

    def delay_s(self) -> tuple[float, float]:
        """Compute the bracket of the trip delay [s] from the last edge.

        Raises:
            ValueError: nothing opened, or there was no edge to count from.
        """
        if self.opened is None or self.edge_us is None:
            raise ValueError("no opening or no edge, no delay")
        low = 0.0
        if self.seen:
            low = (self.opened.before.t_a_us - self.edge_us[1]) / 1e6
        high = (self.opened.after.t_a_us - self.edge_us[0]) / 1e6
        return max(0.0, low), high


def conducts(sample: Sample) -> bool:
    """Tell whether current flows through the module's contactor."""
    return abs(sample.current_a) >= CONDUCTS_A


def stopped(sample: Sample) -> bool:
    """Tell whether no current flows through the module's contactor any more."""
    return not conducts(sample)


def check_abrupt(found: Edge, before: Sample) -> None:
    """Tell an opening from a current that died away by itself.

    Args:
        found: the samples between which the current stopped.
        before: the last conducting sample before them.

    Raises:
        PreconditionNotMet: the current was small already; nothing opened.
    """
    last = found.before if conducts(found.before) else before
    if abs(last.current_a) < _ABRUPT_A:
        raise PreconditionNotMet(
            "module",
            f"the current died away to {last.current_a:.2f} A, nothing opened",
            "compare the terminal meter with the bench side, then start again",
        )


class Flow:
    """Watches for the current to stop, from before a source is switched on.

    A look without current says nothing about the module until current has flowed: a
    source may rise slowly. Where none flows within a second, the module has opened.

    Args:
        bench: what is watched.
        flowing: the source is on already, and current flows.
    """

    def __init__(self, bench: Bench, *, flowing: bool = False) -> None:
        self.flowing = flowing
        self.edge: Edge | None = None
        self._last = bench.sampler.last
        self._first_without: Sample | None = None

    def stopped(self, sample: Sample) -> bool:
        """Tell whether the current has stopped; `edge` says between which looks."""
        if conducts(sample):
            self.flowing = True
            self._last = sample
            self._first_without = None
            return False
        first = self._first_without = self._first_without or sample
        if not self.flowing and sample.t_a_us - first.t_a_us < _RISE_US:
            return False
        self.edge = Edge(self._last or first, first)
        return True

    def opened_meanwhile(self, sample: Sample) -> None:
        """Keep an opening that kept a source from being switched on."""
        self.edge = Edge(self._last or sample, sample)
