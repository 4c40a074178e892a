"""Draw the kill tests, run several at once, and gather what they showed.

Each case is two processes that mostly wait, so many more than there are processors fit
beside each other; too many starve a bench, which would feed its watchdogs late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from instruments.clock import wall_s
from instruments.sim.parameters import stream
from station.kills.bench_process import BenchProcess
from station.kills.case import CaseResult, run_case, start_station
from station.kills.kinds import CABLE_FAULTS, KillCase, Kind
from station.kills.truth import TruthLine, read_truth

LONGEST_S = 30.0
"""Instants are drawn from so much of the energised part [s]."""
_REHEARSAL_S = 150.0

Span = tuple[float, float]
RunCase = Callable[[KillCase, Path], CaseResult]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """When a run without a kill is energised [s], after its first energised instant."""

    spans: dict[str, Span]
    start_s: float
    """From the start of the process to the first energised instant [s]."""


def rehearse(folder: Path) -> Rehearsal:
    """Run the sequence once without a kill, to learn when it is energised.

    Raises:
        RuntimeError: it did not pass; nothing can be said about kills then.
    """
    folder.mkdir(parents=True)
    with BenchProcess(folder, 1.0) as bench:
        begun_s = wall_s()
        station = start_station(bench.file, folder)
        try:
            code = station.wait(_REHEARSAL_S)
        finally:
            if station.poll() is None:
                station.kill()
    if code != 0:
        raise RuntimeError(f"the run without a kill ended with exit {code}: {folder}")
    lines = [line for line in read_truth(bench.truth) if line.energised]
    first_s = lines[0].real_s
    spans = {
        "": _span(lines, first_s),
        "supply": _span([line for line in lines if line.supply_on], first_s),
        "load": _span([line for line in lines if line.load_on], first_s),
    }
    return Rehearsal(spans, first_s - begun_s)


def _span(lines: Sequence[TruthLine], first_s: float) -> Span:
    begin_s, end_s = lines[0].real_s - first_s, lines[-1].real_s - first_s
    return begin_s, min(end_s, begin_s + LONGEST_S)


def draw_cases(
    kinds: Sequence[Kind], instants: int, seed: int, spans: dict[str, Span]
) -> list[KillCase]:
    """Draw the instants of every kind, each kind from a stream of its own.

    The instants of a kind are spread: one in each of as many equal parts of the span.
    A link is cut so early that its loss must be found before the span ends.
    """
    cases = []
    for kind in kinds:
        draw = stream(seed, f"kill/{kind.name}")
        begin_s, end_s = spans[kind.during]
        if kind.cut and kind.limit_s is not None:
            end_s -= max(kind.limit_s.values())
        many = max(1, ceil(instants * kind.share_factor))
        for number in range(many):
            part = (number + draw.random()) / many
            cable = CABLE_FAULTS[number % len(CABLE_FAULTS)] if kind.cut else ""
            instant_s = begin_s + part * (end_s - begin_s)
            cases.append(
                KillCase(kind=kind, number=number, instant_s=instant_s, cable=cable)
            )
    return cases


def run_cases(
    cases: Sequence[KillCase], folder: Path, jobs: int, run: RunCase = run_case
) -> Iterator[CaseResult]:
    """Run cases beside each other; results come as they end.

    Cases of one kind are spread over the campaign, so that a busy minute of the
    machine does not fall on one kind alone.
    """
    order = sorted(cases, key=lambda case: (case.number, case.name))
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(run, case, folder / case.name) for case in order]
        try:
            for done in as_completed(running):
                yield done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
