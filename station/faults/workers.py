"""Worker processes: each plays its share of the cases, sequence after sequence.

Workers are started afresh, so that they have one thread and can be split. With no
worker at all, every case is a whole run in this process.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from station.errors import Unsure
from station.faults.bounds import load_bounds
from station.faults.cases import Case
from station.faults.facts import Clean
from station.faults.parts import StationParts
from station.faults.result import CaseResult, result_of

StageKey = tuple[str, int | None]
Tell = Callable[[CaseResult], None]


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker plays: cases in the order of their calls, by sequence."""

    cases: Mapping[StageKey, Sequence[Case]]
    clean: Mapping[StageKey, Clean]
    parts: StationParts


def play_all(
    cases: Sequence[Case],
    clean: Mapping[StageKey, Clean],
    parts: StationParts,
    jobs: int,
) -> Iterator[CaseResult]:
    """Play cases in `jobs` workers, or here with 0; yield results as they come.

    Raises:
        Unsure: a worker ended before its share.
    """
    if jobs == 0:
        for case in cases:
            yield play_whole(case, Share({}, clean, parts))
        return
    shares = [Share(part, clean, parts) for part in _deal(cases, jobs)]
    crew = [_hire(share) for share in shares if share.cases]
    try:
        yield from _collect([pipe for _, pipe in crew])
    finally:
        for process, pipe in crew:
            pipe.close()
            process.terminate()
            process.join()


def play_whole(case: Case, share: Share) -> CaseResult:
    """Play one case as a whole run in this process."""
    from station.faults.play import play
    from station.faults.rig import Stage

    key = (case.sequence, case.seed)
    played = play(case, Stage(*key), share.clean[key], share.parts)
    return result_of(played.facts, load_bounds())


def play_share(share: Share, tell: Tell) -> None:
    """Play a share: from snapshots, and what cannot be split as whole runs."""
    from station.faults.rig import Stage
    from station.faults.snapshots import SnapshotRun

    for key, cases in share.cases.items():
        run = SnapshotRun(Stage(*key), share.clean[key], share.parts, tell)
        run.play([case for case in cases if not case.whole])
        for case in cases:
            if case.whole:
                tell(play_whole(case, share))


def _deal(cases: Sequence[Case], jobs: int) -> list[dict[StageKey, list[Case]]]:
    """Deal the calls of each sequence out in turn, so that all shares are alike."""
    shares: list[dict[StageKey, list[Case]]] = [{} for _ in range(jobs)]
    turn: dict[tuple[StageKey, int], int] = {}
    for case in sorted(cases, key=lambda case: (case.sequence, case.call)):
        key = (case.sequence, case.seed)
        number = turn.setdefault((key, case.call), len(turn) % jobs)
        shares[number].setdefault(key, []).append(case)
    return shares


def _collect(pipes: list[Connection]) -> Iterator[CaseResult]:
    """Take results from all workers until each has said that it is done.

    Raises:
        Unsure: a worker ended before its share.
    """
    while pipes:
        for ready in wait(pipes):
            assert isinstance(ready, Connection)  # noqa: S101  only pipes are waited for
            try:
                result = ready.recv()
            except EOFError as cause:
                raise Unsure(
                    "fault campaign: a worker ended before its share; run it again with"
                    " --resume FILE to go on from what is kept"
                ) from cause
            if result is None:
                pipes.remove(ready)
            else:
                yield result


def _hire(share: Share) -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, share), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _work(pipe: Connection, share: Share) -> None:
    """Play a share and send every result, then None."""
    from station.faults.quiet import be_quiet

    be_quiet()
    play_share(share, pipe.send)
    pipe.send(None)
