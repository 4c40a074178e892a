"""Draw the kill tests, run several at once, and gather what they showed.

Each case is two processes that mostly wait, so many more than there are processors fit
beside each other; too many starve a bench, which would feed its watchdogs late.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from math import ceil
from pathlib import Path

from instruments.sim.parameters import stream
from station.errors import EXIT_PASS, Unsure, escape
from station.kills.bench_process import BenchProcess
from station.kills.case import OUTPUT, CaseResult, run_case, start_station
from station.kills.kinds import CABLE_FAULTS, KillCase, Kind
from station.kills.truth import TruthLine, read_truth

LONGEST_S = 30.0
"""Instants are drawn from so much of the energised part [s]."""
_REHEARSAL_S = 150.0

Span = tuple[float, float]
StartStation = Callable[[Path, Path], "subprocess.Popen[bytes]"]
RunCase = Callable[[KillCase, Path], CaseResult]


def rehearse(folder: Path, start: StartStation = start_station) -> dict[str, Span]:
    """Run the sequence once without a kill, to learn when it is energised.

    Returns:
        Begin and end [s] after the first energised instant: of it all, and by source.

    Raises:
        Unsure: it did not pass; nothing can be said about kills then.
    """
    folder.mkdir(parents=True)
    with BenchProcess(folder, 1.0) as bench:
        station = start(bench.file, folder)
        try:
            code = station.wait(_REHEARSAL_S)
        except subprocess.TimeoutExpired as cause:
            raise _not_rehearsed(
                folder, f"did not end in {_REHEARSAL_S:g} s"
            ) from cause
        finally:
            if station.poll() is None:
                station.kill()
                station.wait()
    if code != EXIT_PASS:
        raise _not_rehearsed(folder, f"ended with exit {code}")
    lines = [line for line in read_truth(bench.truth) if line.energised]
    of_supply = [line for line in lines if line.supply_on]
    of_load = [line for line in lines if line.load_on]
    if not of_supply or not of_load:
        raise _not_rehearsed(folder, "did not use supply and load")
    first_s = lines[0].real_s
    return {
        "": _span(lines, first_s),
        "supply": _span(of_supply, first_s),
        "load": _span(of_load, first_s),
    }


def _not_rehearsed(folder: Path, what: str) -> Unsure:
    """Say in one line what the run without a kill did, and its last words."""
    text = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    words = text.split("\n")
    said = next((line.strip() for line in reversed(words) if line.strip()), "nothing")
    return Unsure(
        f"kill tests: the run without a kill {what}, so kills would prove nothing;"
        f" it said: {escape(said, 200)}; look after it, --folder keeps its logs"
    )


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
