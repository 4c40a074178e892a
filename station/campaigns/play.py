"""Play one job of a campaign: the shipped bench, phases and verdict, without a store.

A job is a function of its own fields: whichever worker plays it, the result is the
same. The campaign stores it; a run of a campaign is no record of a module.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from instruments.bench import Bench
from instruments.bench_file import BenchConfig, load_bench_file
from instruments.clock import cpu_s
from instruments.errors import InstrumentError
from instruments.open import open_bench
from limits.limit_set import LimitSet
from limits.load import load_limits, shipped_file
from phases.results import ERROR, Measurement, PhaseResult
from station.campaigns.job import Found, Job, Played
from station.canonical import canonical_json, plain, sha256_text
from station.errors import describe
from station.verdict import RunFacts, decide
from station.wiring import DEFAULT_BENCH, bare_argv

if TYPE_CHECKING:
    from phases.execute import Execution

STATES = Path(__file__).parents[1] / "states"
SERIAL = "WE-4K4P-26-47-0001"
OPERATOR = "campaign"


@lru_cache(maxsize=1)
def _config() -> BenchConfig:
    return load_bench_file(DEFAULT_BENCH)


@lru_cache(maxsize=4)
def _limits(sequence: str) -> LimitSet:
    return load_limits(shipped_file(sequence))


def play(job: Job) -> Played:
    """Play one job from an open bench to its verdict.

    Raises:
        BenchFileError: defects, state or firmware do not fit the simulated bench.
    """
    began_s = cpu_s()
    try:
        bench = open_bench(
            _config(),
            seed=job.seed,
            defects=job.defects,
            state=STATES / f"{job.state}.toml" if job.state else None,
            operator=OPERATOR,
            serial=SERIAL,
            firmware=None if job.firmware is None else job.firmware.runs,
        )
    except InstrumentError as error:
        return _played(job, ERROR, describe(error), (), 0.0, began_s)
    try:
        return _run(job, bench, began_s)
    finally:
        bench.close()


def _run(job: Job, bench: Bench, began_s: float) -> Played:
    phases: list[PhaseResult] = []
    with bare_argv():  # OpenHTF reads the arguments, at import and in every test
        from phases.execute import execute

        done = execute(
            job.sequence,
            bench,
            _limits(job.sequence),
            SERIAL,
            phases.append,
            lambda _progress: None,
            None if job.firmware is None else job.firmware.image,
        )
    verdict = decide(_facts(done, phases))
    bench_s = bench.clock.now_us() / 1e6
    return _played(job, verdict.outcome, verdict.reason, phases, bench_s, began_s)


def _facts(done: Execution, phases: Sequence[PhaseResult]) -> RunFacts:
    return RunFacts(
        phases=phases,
        expected_measurements=done.expected_measurements,
        planned_phases=done.planned_phases,
        executor_outcome=done.executor_outcome,
        error=None if done.error is None else describe(done.error),
        stop=done.stop,
        bench_dead=done.bench_dead,
        module_live=done.module_live,
    )


def _played(
    job: Job,
    outcome: str,
    reason: str,
    phases: Sequence[PhaseResult],
    bench_s: float,
    began_s: float,
) -> Played:
    steps = [(p.name, p.outcome, round(p.end_s - p.start_s, 3)) for p in phases]
    found = [_found(p.name, m) for p in phases for m in p.measurements]
    evidence = {
        "key": job.key,
        "outcome": outcome,
        "reason": reason,
        "steps": plain(steps),
        "found": plain(found),
        "bench_s": bench_s,
    }
    return Played(
        job.key,
        outcome,
        reason,
        steps,
        found,
        bench_s,
        sha256_text(canonical_json(evidence)),
        round(cpu_s() - began_s, 3),
    )


def _found(step: str, m: Measurement) -> Found:
    if m.value_low is not None and m.value_high is not None:
        return Found(step, m.name, m.outcome, m.value_low, m.value_high)
    return Found(step, m.name, m.outcome, None, None, str(m.value))
