"""A run whose process is killed outright leaves its phases and reads INCOMPLETE."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from station.results.show import find_runs, load_phases
from station.results.store import Store
from tests.station.fakes import SERIAL

PROGRAM = """
import sys
from pathlib import Path
from station.admission import RunOrder
from station.results.store import Store
from station.run import Run
from station.signals import StopSignals
from tests.station.fakes import SERIAL, FakeExecution, FakeRig, SilentDisplay, phase

class Stuck:
    def __iter__(self):
        yield phase("intake")
        yield phase("start_up")
        print("energised", flush=True)
        sys.stdin.read()

rig = FakeRig(FakeExecution(phases=Stuck()))
store = Store(Path(sys.argv[1]))
Run(rig, RunOrder(SERIAL, "A", {}), store, StopSignals(), SilentDisplay()).go()
"""


def test_killed_process_leaves_what_ended(tmp_path: Path) -> None:
    """A crash in mid-run would lose everything that was measured before it."""
    folder = tmp_path / "store"
    root = Path(__file__).parents[3]
    with subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"energised\n"
        store = Store(folder)
        assert store.close_dead_runs() == []
        assert find_runs(store, SERIAL)[0].outcome == "RUNNING"
        process.kill()
    (run,) = find_runs(store, SERIAL)
    assert run.outcome == "INCOMPLETE"
    assert store.close_dead_runs() == [run.run_id]
    names = [ended["name"] for ended in load_phases(store, run.run_id)]
    assert names == ["intake", "start_up"]
    store.close()
