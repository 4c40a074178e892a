"""Set the bench time of each step against the bad modules that it catches."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from phases.results import PASS
from station.campaigns.job import Job, Kind, Played
from station.campaigns.report.seen import Seen


@dataclass(frozen=True, slots=True)
class Cost:
    """One step of a sequence: what it costs, and what it brings.

    Args:
        step, sequence: which.
        bench_s: median bench time on healthy modules [s].
        share_pct: of the whole sequence [%].
        caught: bad runs of this sequence in which it failed.
        only: of these, those that would pass without it: nothing else failed.
        stopped: of these, those whose run ended there, so that nothing else was asked.
    """

    step: str
    sequence: str
    bench_s: float
    share_pct: float
    caught: int
    only: int
    stopped: int


class CostCollector:
    """Collects bench times while the runs stream by."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], array[float]] = {}

    def add(self, job: Job, played: Played) -> None:
        """Take the bench times of a healthy module that passed."""
        if job.kind is not Kind.HEALTHY or played.outcome != PASS:
            return
        for step, _, bench_s in played.steps:
            key = (job.sequence, step)
            self._times.setdefault(key, array("d")).append(bench_s)

    def costs(
        self, runs: Iterable[Seen], steps: Mapping[str, Sequence[str]]
    ) -> list[Cost]:
        """List the steps of every sequence in their order; 0 s where none was timed."""
        caught = [run for run in runs if run.caught]
        return [
            cost
            for sequence, names in steps.items()
            for cost in self._of(sequence, names, caught)
        ]

    def _of(
        self, sequence: str, names: Sequence[str], caught: Sequence[Seen]
    ) -> list[Cost]:
        here = [run for run in caught if run.job.sequence == sequence]
        times = {step: self._median_s(sequence, step) for step in names}
        whole_s = sum(times.values())
        return [
            Cost(
                step,
                sequence,
                bench_s,
                100.0 * bench_s / whole_s if whole_s else 0.0,
                *_catch(step, here),
            )
            for step, bench_s in times.items()
        ]

    def _median_s(self, sequence: str, step: str) -> float:
        times = self._times.get((sequence, step))
        return float(median(times)) if times else 0.0


def _catch(step: str, caught: Sequence[Seen]) -> tuple[int, int, int]:
    """Count what a step caught, what it alone caught, and where the run ended there."""
    alone = [run for run in caught if run.hangs_on_step(step)]
    stopped = sum(run.ended_at_step() for run in alone)
    return sum(step in run.steps for run in caught), len(alone) - stopped, stopped
