"""Run behaviours through `run_step` on a simulated bench: no OpenHTF, no record."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from instruments.bench import Bench
from instruments.bench_file import BenchConfig, load_bench_file
from instruments.counter import Tally
from instruments.errors import InstrumentError
from instruments.open import open_bench
from limits.limit_set import LimitSet
from limits.load import load_limits, shipped_file
from phases import make_safe
from phases.behaviours import BEHAVIOURS
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running
from phases.plan import Plan, load_plan
from phases.results import Measurement, PhaseResult
from phases.sequences import load_stop_table
from phases.step import RunState, run_step
from tests.phases.failure_table import Failure

ROOT = Path(__file__).parents[2]
SERIAL = "WE-4K4P-26-47-0001"
_CHARGE_A = 20.0
_CHARGE_V = 56.0
_ENERGISED_UNTIL_S = 15.0


@cache
def limits() -> LimitSet:
    """Load the shipped limits of every behaviour once."""
    return load_limits(shipped_file("qualification"))


@cache
def plan() -> Plan:
    """Load the shipped plan once."""
    return load_plan()


@cache
def config() -> BenchConfig:
    """Load the shipped simulated bench once."""
    return load_bench_file(ROOT / "station" / "benches" / "simulated.toml")


def config_with(answers: Mapping[str, str]) -> BenchConfig:
    """Give the bench's operator other answers."""
    table = config().operator
    merged = {**table.answers, **answers}
    changed = msgspec.structs.replace(table, answers=merged)
    return msgspec.structs.replace(config(), operator=changed)


@contextmanager
def opened(
    state: Mapping[str, Any],
    defect: str = "",
    answers: Mapping[str, str] | None = None,
    bench_file: BenchConfig | None = None,
) -> Iterator[Bench]:
    """Open a simulated bench from a state and a defect file's text."""
    with tempfile.TemporaryDirectory() as folder:
        state_file = Path(folder) / "state.toml"
        state_file.write_text(
            "".join(f"{k} = {_toml(v)}\n" for k, v in state.items()), encoding="utf-8"
        )
        defects = []
        if defect:
            defects.append(Path(folder) / "defect.toml")
            defects[0].write_text(defect, encoding="utf-8")
        bench = open_bench(
            bench_file or config_with(answers or {}),
            state=state_file,
            defects=defects,
            serial=SERIAL,
        )
    try:
        yield bench
    finally:
        bench.close()


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def new_state(bench: Bench, facts: RunFacts | None = None) -> RunState:
    """Begin a run on this bench."""
    return RunState(
        bench,
        limits(),
        plan(),
        facts or RunFacts(SERIAL),
        load_stop_table(),
        lambda _: None,
    )


def prepare(facts: RunFacts, given: Mapping[str, float]) -> None:
    """Put in what earlier steps would have found (keys as in failures/*.toml)."""
    if "full_above_ah" in given:
        facts.full = _standing(given["full_above_ah"])
    if "empty_below_ah" in given:
        facts.empty = _standing(-given["empty_below_ah"])
    if "usable_ah" in given:
        facts.usable_ah = given["usable_ah"]
        facts.usable_uncertainty_ah = given.get("usable_uncertainty_ah", 0.05)


def _standing(net_ah: float) -> Tally:
    return Tally(0, net_ah, net_ah * 52.0, max(net_ah, 0.0), max(-net_ah, 0.0))


def run_make_safe(bench: Bench, raises: str = "") -> PhaseResult:
    """Run the last phase as the executor does; it ends with an error that is named."""
    judge = Judge(make_safe.NAME, make_safe.owed(limits()))
    result = PhaseResult(make_safe.NAME, bench.now_s())
    result.measurements = judge.measurements
    with expecting(raises):
        make_safe.run(bench, judge)
    return result


def expecting(error: str) -> AbstractContextManager[object]:
    """Expect an error of the bench with this text; none for ""."""
    return pytest.raises(InstrumentError, match=error) if error else nullcontext()


def run_failure(
    entry: Failure, healthy: Mapping[str, Mapping[str, Any]]
) -> dict[str, Measurement]:
    """Run an entry's behaviours; return every measurement by name."""
    state = {**healthy[entry.behaviours[0]], **entry.state}
    state.pop("above", None)
    given = {**dict(state.pop("facts", {})), **entry.facts}
    with opened(state, entry.defect_text(), entry.answers) as bench:
        run = new_state(bench)
        prepare(run.facts, given)
        for name in entry.behaviours:
            if name == make_safe.NAME:
                _energise(bench, entry.energised)
                run.results.append(run_make_safe(bench, entry.raises))
                continue
            with expecting(entry.raises):
                run_step(run, BEHAVIOURS[name])
        if run.results[-1].name != make_safe.NAME:
            bench.disconnect()
    return {
        found.name: found for result in run.results for found in result.measurements
    }


def _energise(bench: Bench, direction: str) -> None:
    """Let current flow into or out of the module before make_safe."""
    if not direction:
        return
    ensure_running(bench)
    if direction == "charge":
        bench.charge(_CHARGE_A, _CHARGE_V)
    else:
        bench.discharge(_CHARGE_A)
    bench.hold(_ENERGISED_UNTIL_S - bench.now_s())
