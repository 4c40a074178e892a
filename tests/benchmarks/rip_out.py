"""Take one input of the station away while energy flows, and see how soon it is missed.

    python -m tests.benchmarks.rip_out [SEQUENCE ...] [--jobs 2] [--all-points]

Each meter, the scanning meter, supply, load, switchbox, CAN, service port, LED reader
and NTC emulator is removed, frozen and made stale until the run ends, one at a time, in
every phase in which a source is on or a contactor closed. Prints a line for each: how
many replies were lost or wrong, when it was found, when the bench was dead for good by
the world's truth, and the verdict. Ends with 1 when a run passed on wrong replies, when
nothing came out differently, and when one was found late or the bench died late.

A meter that stands still while the truth does too gives true values, within what the
witnesses allow, and some values have no use: a PASS on those is not wrong, and the
table says "true as far as used".
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from instruments.bench import Bench
from instruments.bench_file import BenchConfig, load_bench_file
from instruments.open import open_bench
from instruments.safe_state import SafeReport
from instruments.sim.faults import kinds
from instruments.sim.faults.call import CAN, SERVICE, SeenCall
from instruments.sim.faults.parting import load_witnesses
from instruments.sim.faults.plan import FaultPlan
from instruments.sim.faults.points import FaultPoints
from limits.limit_set import LimitSet
from limits.load import load_limits
from phases.execute import Execution, execute
from phases.results import PASS, Progress
from station.faults.bounds import load_bounds
from station.verdict import RunFacts, decide
from tests.benchmarks.wrong_replies import ReplyLog

ROOT = Path(__file__).resolve().parents[2]
SERIAL = "WE-4K4P-26-47-0001"
SEQUENCES = (
    "over_voltage",
    "over_current",
    "forced_charge",
    "parallel_start",
    "temperature",
    "under_voltage",
    "agreement",
    "resistance",
    "full_charge",
    "capacity",
)
INPUTS = (
    "module_meter",
    "shunt_meter",
    "scan_meter",
    "supply",
    "load",
    "switchbox",
    "can",
    "service",
    "led_reader",
    "ntc_emulator",
)
AT_NEXT_USE = ("led_reader", "ntc_emulator")
BY_WORD = ("can", "service", "led_reader", "ntc_emulator")
"""What they say has no second witness to the last step: frozen is found at an edge."""
JOINED = ", joined"
_PEER_CLOSES, _PEER_OPENS = "ROUT:CLOS (@1006)", "ROUT:OPEN (@1006"
MODES = {
    "removed": (kinds.LINK_LOST, kinds.CAN_BUS_OFF),
    "frozen": (kinds.FROZEN, kinds.CAN_OLD_FRAMES),
    "stale": (kinds.HANG, kinds.CAN_SILENCE),
}
"""Kind of fault of an instrument and of CAN."""
LEFT_OUT = {
    ("ntc_emulator", "frozen"): "answers only what never changes: *OPC? and its name",
}
"""Combinations in which nothing can come out differently, each with the reason."""
COMBINATIONS = [
    (role, mode) for role in INPUTS for mode in MODES if (role, mode) not in LEFT_OUT
]


@dataclass(frozen=True, slots=True)
class Case:
    """One input, taken away in one way from one call on."""

    sequence: str
    phase: str
    role: str
    mode: str
    call: int

    @property
    def kind(self) -> str:
        """Name the kind of fault."""
        return MODES[self.mode][self.role == CAN]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one case; times count from when it could be known [s]."""

    case: Case
    outcome: str
    reason: str
    effects: int
    wrong: int
    """How many replies were lost, or untrue for their use."""
    found_s: float | None
    dead_s: float | None

    def complaints(self) -> list[str]:
        """Say what is wrong with it."""
        found = []
        if self.outcome == PASS and self.effects and self.wrong:
            found.append(f"PASS on {self.wrong} wrong replies")
        if not self.effects:
            found.append("no effect")
        return [*found, *self._late()]

    def _late(self) -> Iterator[str]:
        case = self.case
        allowed_s = _allowed_s(case)
        if self.found_s is None:
            return
        still_live = self.dead_s is None or self.dead_s > allowed_s
        if self.found_s > allowed_s and still_live:
            yield f"found after {self.found_s:.2f} s, allowed {allowed_s:g} s"
        if case.mode == "frozen" and case.role in BY_WORD:
            return
        bounds = load_bounds()
        dead_s = bounds.dead_can_s if case.role == CAN else bounds.dead_s
        if self.dead_s is None or self.dead_s > dead_s:
            yield f"dead after {self.dead_s} s, allowed {dead_s:g} s"

    def line(self) -> str:
        """Write the case as a line of the table."""
        case = self.case
        times = [
            "     -" if t_s is None else f"{t_s:6.2f}"
            for t_s in (self.found_s, self.dead_s)
        ]
        late = "; ".join(self.complaints())
        note = f"** {late}" if late else "" if self.wrong else "true as far as used"
        return (
            f"{case.sequence:15} {case.phase:23} {case.role:13} {case.mode:8}"
            f" {case.call:7d} {self.wrong:5d} {times[0]} {times[1]}"
            f"  {self.outcome:6} {note}"
        )


HEAD = (
    f"{'sequence':15} {'phase':23} {'input':13} {'is':8} {'call':>7} wrong"
    " found s dead s  verdict"
)


def _allowed_s(case: Case) -> float:
    """Tell how long the loss may stay unnoticed on a live bench [s].

    Counted from when it can be known; on a dead bench it is found at the next use.
    """
    if case.mode == "frozen":
        return math.inf  # at the next edge; what counts is how soon the bench is dead
    if case.role == CAN and case.mode == "stale":
        return float(load_witnesses()["can_silent_us"]) / 1e6
    if case.role == SERVICE:
        return float(load_witnesses()["service_stale_us"]) / 1e6
    return load_bounds().repeat_s


class WatchedBench(Bench):
    """Remembers when the station gave up: make_safe, or a way out after an error."""

    gave_up_us: int | None = None

    def disconnect(self) -> None:
        """Note a disconnection that answers an error."""
        if sys.exc_info()[0] is not None:
            self._give_up()
        super().disconnect()

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        """Note when the way to a dead bench began."""
        self._give_up()
        return super().make_safe(module_dead)

    def _give_up(self) -> None:
        if self.gave_up_us is None:
            self.gave_up_us = self.clock.now_us()


@cache
def _config() -> BenchConfig:
    return load_bench_file(ROOT / "station" / "benches" / "simulated.toml")


@cache
def _limits() -> LimitSet:
    return load_limits(None)


def play(
    sequence: str, points: FaultPoints, bench_type: type[WatchedBench] = WatchedBench
) -> tuple[Execution, WatchedBench]:
    """Run one sequence through the executor, with points under every call."""
    state = ROOT / "station" / "states" / f"{sequence}.toml"
    bench = open_bench(
        _config(),
        state=state if state.exists() else None,
        serial=SERIAL,
        fault_points=points,
        bench_type=bench_type,
    )
    assert isinstance(bench, WatchedBench)

    def tell(progress: Progress) -> None:
        points.phase = progress.phase

    try:
        with contextlib.redirect_stderr(io.StringIO()):
            run = execute(sequence, bench, _limits(), SERIAL, lambda _: None, tell)
    finally:
        bench.close()
    return run, bench


def survey(sequence: str) -> list[SeenCall]:
    """Record every call of a healthy run."""
    points = FaultPoints(keep_calls=True)
    run, _ = play(sequence, points)
    if _outcome(run)[0] != PASS:
        raise RuntimeError(f"{sequence}: a healthy module does not pass: {run.error}")
    return points.calls_seen


def cases_of(sequence: str, calls: Sequence[SeenCall]) -> Iterator[Case]:
    """Choose for each energised phase, input and mode the call to begin at.

    It is the middle one of the input's calls while the phase is energised; an input
    that is not used then is gone from its next use on.
    """
    for phase, live in _energised(calls):
        for role in INPUTS:
            seen = [one for one in live if _is_of(one, role)]
            if not seen and role in AT_NEXT_USE:
                last_k = live[-1].k
                seen = [o for o in calls if o.k > last_k and _is_of(o, role)][:1]
            if not seen:
                continue
            middle = seen[len(seen) // 2]
            if phase.endswith(JOINED) and role in (CAN, SERVICE):
                continue
            for mode in MODES:
                if (role, mode) not in LEFT_OUT:
                    yield Case(sequence, phase, role, mode, middle.k)


def _is_of(one: SeenCall, role: str) -> bool:
    site = one.site
    if role == "can":
        return site.role == "can" and site.what == "recv frame"
    return site.role == role and (
        role == "service" or "?" in site.what or site.seam == "led"
    )


def _energised(calls: Sequence[SeenCall]) -> Iterator[tuple[str, list[SeenCall]]]:
    """List phases with their energised calls; a phase with peers joined is its own.

    A slave behind a link does not speak on CAN, and its links are not watched.
    """
    live: dict[str, list[SeenCall]] = {}
    joined = False
    for one in calls:
        what, state = one.site.what, one.state
        if one.site.role == "switchbox" and what.startswith("ROUT:"):
            joined = _PEER_CLOSES in what or (joined and _PEER_OPENS not in what)
        if state.phase in ("", "make_safe", "dead_terminals"):
            continue
        if joined:
            live.setdefault(state.phase + JOINED, []).append(one)
        elif state.supply_on or state.load_on or state.fixture_closed:
            live.setdefault(state.phase, []).append(one)
    yield from live.items()


def rip_out(case: Case, bench_type: type[WatchedBench] = WatchedBench) -> Found:
    """Play one case."""
    points = FaultPoints(FaultPlan(case.kind, kinds.ON, case.call))
    points.log = log = ReplyLog(points)
    run, bench = play(case.sequence, points, bench_type)
    outcome, reason = _outcome(run)
    truth = points.truth
    known_us = log.detectable_us
    if known_us is None or truth is None:
        return Found(case, outcome, reason, log.effects, log.wrong, None, None)
    if case.mode != "frozen" and case.role not in (CAN, SERVICE):
        known_us = log.first_us or known_us
    gave_up_us, dead_us = bench.gave_up_us, truth.dead_since_us
    return Found(
        case,
        outcome,
        reason,
        log.effects,
        log.wrong,
        None if gave_up_us is None else (gave_up_us - known_us) / 1e6,
        None if dead_us is None else max(0.0, (dead_us - known_us) / 1e6),
    )


def _outcome(run: Execution) -> tuple[str, str]:
    error = run.error
    verdict = decide(
        RunFacts(
            phases=run.phases,
            expected_measurements=run.expected_measurements,
            planned_phases=run.planned_phases,
            executor_outcome=run.executor_outcome,
            error=None if error is None else str(error),
            stop=run.stop,
            bench_dead=run.bench_dead,
            module_live=run.module_live,
        )
    )
    return verdict.outcome, verdict.reason


def _cases(sequence: str) -> list[Case]:
    return list(cases_of(sequence, survey(sequence)))


def main(arguments: Iterable[str] | None = None) -> int:
    """Play every case of the sequences named; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sequences", nargs="*", default=SEQUENCES)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--reasons", action="store_true")
    given = parser.parse_args(None if arguments is None else list(arguments))
    sys.argv = sys.argv[:1]
    wrong = played = 0
    sys.stdout.write(HEAD + "\n")
    with ProcessPoolExecutor(given.jobs) as pool:
        for cases in pool.map(_cases, given.sequences):
            for found in pool.map(rip_out, cases):
                played += 1
                wrong += bool(found.complaints())
                reason = f" {found.reason}" if given.reasons else ""
                sys.stdout.write(found.line() + reason + "\n")
                sys.stdout.flush()
    sys.stdout.write(f"{played} cases, {wrong} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
