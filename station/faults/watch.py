"""Watch a run from outside: its phases, and each make_safe with what it really did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from instruments.bench import Bench
from instruments.safe_state import SafeReport
from phases.results import PhaseResult, Progress
from station.faults.facts import SafeSpan
from station.faults.record_seam import SeamTrace

if TYPE_CHECKING:
    from instruments.sim.faults.call import SeenCall
    from instruments.sim.faults.truth import Truth
    from station.faults.points import CampaignPoints

ENDING = "end"
_READ_BACKS = (("supply", "OUTP?"), ("load", "LOAD?"), ("switchbox", "DIG:DATA"))
_MODULE_ROLES = ("led_reader", "module_meter")
_MODULE_LOOKS = ("READ?", "capture")


@dataclass(slots=True)
class RunWatch:
    """What was seen of one run."""

    points: CampaignPoints
    keep_all: bool = False
    longest_us: int | None = None
    spans: list[SafeSpan] = field(default_factory=list)

    def begin(self) -> None:
        """Begin to watch the sequence: the bench is open."""
        points = self.points
        points.keep_calls = self.keep_all
        if self.longest_us is not None and points.world is not None:
            stop = points.world.stop
            points.world.at_us(
                self.longest_us, 0, lambda: stop.request("bench time is over")
            )

    def watched(self, bench_type: type[Bench]) -> type[Bench]:
        """Make a bench type that tells this watch of every make_safe."""
        name = f"Watched{bench_type.__name__}"
        return type(name, (_WatchedBench, bench_type), {"watch": self})

    def note_span(self, begin_us: int, calls: list[SeenCall]) -> None:
        """Note one make_safe that began at `begin_us` [µs] and made these calls."""
        truth, world = self.points.truth, self.points.world
        if truth is None or world is None:
            return
        truth.look()
        step = _module_step(calls)
        self.spans.append(
            SafeSpan(
                begin_us=begin_us,
                end_us=world.t_us,
                module_begin_us=step[0] if step else None,
                module_end_us=step[1] if step else None,
                supply_off_us=since_us(truth, "supply_on"),
                load_off_us=since_us(truth, "load_on"),
                contactor_open_us=since_us(truth, "fixture_closed"),
            )
        )


def since_us(truth: Truth, what: str) -> int | None:
    """Find since when [µs] something is off for good; None while it is on."""
    since: int | None = None
    for state in truth.states:
        if getattr(state, what):
            since = None
        elif since is None:
            since = state.t_us
    return since


class PhaseWatch:
    """A display that shows nothing and tells the fault points the phase."""

    def __init__(self, points: CampaignPoints) -> None:
        self._points = points

    def on_phase(self, phase: PhaseResult) -> None:
        """Note that a phase ended; after make_safe the run only writes."""
        if phase.name == "make_safe":
            self._points.phase = ENDING

    def on_progress(self, progress: Progress) -> None:
        """Note which phase runs."""
        self._points.phase = progress.phase

    def close(self) -> None:
        """Do nothing."""


class _WatchedBench(Bench):
    """Tells its watch when make_safe begins and ends; changes nothing else."""

    watch: ClassVar[RunWatch]

    def __init__(self, parts: Any, clock: Any, config: Any, trace: Any) -> None:  # noqa: ANN401
        super().__init__(parts, clock, config, SeamTrace(trace, self.watch.points))

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        """Make safe, watched."""
        points = self.watch.points
        begin_us = points.world.t_us if points.world else 0
        first = len(points.calls_seen)
        kept, points.keep_calls = points.keep_calls, True
        try:
            return super().make_safe(module_dead)
        finally:
            points.keep_calls = kept
            self.watch.note_span(begin_us, list(points.calls_seen[first:]))


def energised_unread(points: CampaignPoints) -> tuple[str, ...]:
    """List what had not been read back off before anything was energised.

    The calls of the opening are always kept; the first energising write comes later.
    """
    if points.truth is None or not points.truth.writes:
        return ()
    first_us = points.truth.writes[0].t_us
    early = [call.site for call in points.calls_seen if call.t_us <= first_us]
    return tuple(
        role
        for role, word in _READ_BACKS
        if not any(site.role == role and word in site.what for site in early)
    )


def _module_step(calls: list[SeenCall]) -> tuple[int, int] | None:
    """Find begin and end [µs] of the module-dead step among the calls of make_safe.

    It is what asks LED bar and terminal meter; opening their sessions belongs to the
    part before.
    """
    asking = [
        n
        for n, call in enumerate(calls)
        if call.site.role in _MODULE_ROLES
        and any(word in call.site.what for word in _MODULE_LOOKS)
    ]
    if not asking:
        return None
    first, last = asking[0], asking[-1]
    after = calls[last + 1] if last + 1 < len(calls) else calls[last]
    return calls[first].t_us, after.t_us
