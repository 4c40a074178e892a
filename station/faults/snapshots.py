"""Play many cases of one run from snapshots: the process itself is the snapshot.

The run is played once without a fault. At each call at which something shall go wrong
the process splits: the child meets the fault and plays its case to the end, the parent
waits, then goes on. The run up to the call, which is the same for every case, is paid
for once. Nothing of the station differs from a whole run but that OpenHTF's threads run
one inside the other (a child has one thread only) and that no trace files are written;
tests/station/faults/test_snapshots.py compares cases with whole runs.

Calls inside a transaction of the store cannot be split: they are played as whole runs.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from instruments.sim.faults.kinds import load_kinds
from station.faults.bounds import Bounds, load_bounds
from station.faults.cases import Case
from station.faults.facts import CaseFacts, Clean
from station.faults.parts import StationParts
from station.faults.play import Scene, case_folder, plan_of, play_scene
from station.faults.points import CampaignPoints
from station.faults.record_seam import StoreSeam
from station.faults.result import CaseResult, died, parse_result, result_of
from station.faults.rig import Stage
from station.faults.watch import RunWatch
from station.faults.workers import Tell

LONGEST_WALL_S = 120
_COPY = "{}-split"


class SplitPoints(CampaignPoints):
    """Fault points that split the process at the calls of the cases.

    Args:
        cases: the cases by their call.
        split: plays a case in a child; returns True in that child.
    """

    def __init__(
        self, cases: Mapping[int, Sequence[Case]], split: Callable[[Case], bool]
    ) -> None:
        super().__init__(None, keep_calls=True)
        self._cases = cases
        self._split: Callable[[Case], bool] | None = split

    def reach(self, seam: str, role: str, what: str) -> str | None:
        """Pass one call; first let its cases go their own way."""
        split = self._split
        if split is not None:
            for case in self._cases.get(self.calls + 1, ()):
                if split(case):
                    self._plan = plan_of(case)
                    self._kind = load_kinds()[case.kind]
                    self._split = None
                    break
        return super().reach(seam, role, what)


class SnapshotRun:
    """One run that is split for each of its cases.

    Args:
        stage: sequence and module.
        clean: the same run without a fault.
        parts: the station's parts.
        tell: takes the result of each case.
    """

    def __init__(
        self, stage: Stage, clean: Clean, parts: StationParts, tell: Tell
    ) -> None:
        self._stage = stage
        self._clean = clean
        self._parts = parts
        self._tell = tell
        self._bounds: Bounds = load_bounds()
        self._scene: Scene | None = None
        self._answer: int | None = None

    def play(self, cases: Sequence[Case]) -> None:
        """Play cases of this run; each result is told as it comes."""
        by_call: dict[int, list[Case]] = {}
        for case in cases:
            by_call.setdefault(case.call, []).append(case)
        points = SplitPoints(by_call, self._split)
        watch = RunWatch(points, longest_us=self._clean.longest_us)
        nobody = Case(self._stage.sequence, self._stage.seed, "", "", 0)
        with case_folder() as folder, threads_in_line():
            self._scene = Scene(
                nobody,
                folder,
                StoreSeam(points),
                watch,
                self._parts,
                self._clean,
            )
            try:
                facts = play_scene(self._scene, self._stage, trace=False)
            except BaseException:
                if self._answer is not None:  # a child never leaves this block
                    os._exit(1)
                raise
            if self._answer is not None:
                self._end(self._answer, facts)

    def _split(self, case: Case) -> bool:
        """Split the process; the parent waits for the child and tells its result."""
        scene = self._scene
        assert scene is not None  # noqa: S101  set before the run begins
        copy = scene.folder.with_name(_COPY.format(scene.folder.name))
        shutil.copytree(scene.folder, copy)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self._become(case, copy, writer)
            return True
        os.close(writer)
        try:
            self._tell(_result(case, _read_all(reader), child))
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        return False

    def _become(self, case: Case, folder: Path, writer: int) -> None:
        """Turn the child into the run of one case, with a record of its own."""
        assert self._scene is not None  # noqa: S101  set before the run begins
        gc.disable()  # a collection would touch, and so copy, every page
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST_WALL_S)
        self._answer = writer
        self._scene.case = case
        self._scene.folder = folder
        self._scene.seam.move(folder)

    def _end(self, writer: int, facts: CaseFacts) -> None:
        """Answer and end the child at once: what it inherited is its parent's."""
        line = result_of(facts, self._bounds).line().encode()
        while line:
            line = line[os.write(writer, line) :]
        os._exit(0)


class threads_in_line:  # noqa: N801  used like a function
    """Let OpenHTF's threads run where they are started, one inside the other."""

    def __enter__(self) -> None:
        from openhtf.util.threads import KillableThread

        self._type: Any = KillableThread
        self._names = ("start", "join", "is_alive")
        kept = self._type.__dict__
        self._kept = {name: kept[name] for name in self._names if name in kept}
        self._type.start = _run_in_line
        self._type.join = _have_joined
        self._type.is_alive = _is_over

    def __exit__(self, *given: object) -> None:
        for name in self._names:
            if name in self._kept:
                setattr(self._type, name, self._kept[name])
            else:
                delattr(self._type, name)


def _run_in_line(thread: Any) -> None:  # noqa: ANN401  OpenHTF has no types
    """Run a thread's work here; what would end the thread ends it."""
    from instruments.sim.faults.points import StationKilled

    try:
        thread.run()
    except StationKilled:
        return


def _have_joined(thread: object, timeout: float | None = None) -> None:
    """Do nothing: the thread has run already."""


def _is_over(thread: object) -> bool:
    return False


def _read_all(reader: int) -> bytes:
    with os.fdopen(reader, "rb") as stream:
        return stream.read()


def _result(case: Case, answer: bytes, child: int) -> CaseResult:
    """Take the child's answer, or say how it died."""
    _, status = os.waitpid(child, 0)
    if status == 0 and answer:
        return parse_result(answer.decode())
    code = os.waitstatus_to_exitcode(status)
    return died(case.name, case.sequence, case.kind, f"exit code {code}")
