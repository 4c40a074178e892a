"""A sample of the kill tests: the bench is dead in time, and the record is honest.

At a speed of four, so the watchdogs have a quarter of their real time; the campaign
(`station faults kill`) runs in real time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from station.kills.case import SERIAL, CaseResult, run_case
from station.kills.kinds import KillCase, load_kinds
from tests.stories.command_line import EXIT_ERROR, Station

SPEED_FACTOR = 4.0
INSTANTS_S = {"SIGKILL": 3.0, "SIGTERM": 6.0, "SIGSTOP": 4.0}


@pytest.mark.xdist_group("kills")
def test_killed_station_leaves_a_dead_bench_and_one_record(
    station: Station, tmp_path: Path
) -> None:
    """A killed station leaves 43 A flowing, or a run that nobody ever closes."""
    kinds = {kind.name: kind for kind in load_kinds()}

    def run(name: str) -> CaseResult:
        case = KillCase(kind=kinds[name], number=0, instant_s=INSTANTS_S[name])
        return run_case(case, tmp_path / name, SPEED_FACTOR)

    with ThreadPoolExecutor(len(INSTANTS_S)) as pool:  # they mostly wait
        results = list(pool.map(run, INSTANTS_S))
    assert [result.bench_state for result in results] == ["supply"] * len(results)
    assert [(result.case.name, result.faults) for result in results] == [
        (f"{name}-00", ()) for name in INSTANTS_S
    ]
    station.store = tmp_path / "SIGKILL" / "store"
    bench_file = tmp_path / "SIGKILL" / "bench.toml"
    again = station.run("agreement", "--bench", str(bench_file), serial=SERIAL)
    assert again.code == EXIT_ERROR
    assert "let the module rest 30 min" in again.err
