"""Play one case: a whole run through `station.run.Run`, its record in a real store.

The run is the station's own, from the first row of the record to the verdict; only
what stands behind the libraries is simulated, as in every in-process run.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from instruments.sim.faults.plan import FaultPlan
from instruments.sim.faults.points import StationKilled
from station.admission import RunOrder
from station.errors import StationError, describe
from station.faults.account import true_fault, true_world
from station.faults.aftermath import start_anew, start_on_same_world, try_next_start
from station.faults.cases import Case
from station.faults.evidence import read_store
from station.faults.facts import CaseFacts, Clean, Said
from station.faults.hearing import hear
from station.faults.parts import StationParts
from station.faults.points import CampaignPoints
from station.faults.record_seam import StoreSeam
from station.faults.rig import OPERATOR, SERIAL, FaultRig, Stage
from station.faults.watch import PhaseWatch, RunWatch, energised_unread
from station.results.store import Store
from station.signals import StopSignals

_ALONE_US = 10_000_000
_RAM_DISK = Path("/dev/shm")  # noqa: S108  each case makes a private folder in it


@dataclass(slots=True)
class Scene:
    """One run on its way: what goes wrong, where its record lies, who watches.

    A snapshot changes case and folder of a run in its middle.
    """

    case: Case
    folder: Path
    seam: StoreSeam
    watch: RunWatch
    parts: StationParts
    clean: Clean | None


@dataclass(frozen=True, slots=True)
class Played:
    """One played run: its facts, and the fault points that saw it."""

    facts: CaseFacts
    points: CampaignPoints


def play(
    case: Case,
    stage: Stage,
    clean: Clean | None,
    parts: StationParts,
    *,
    keep_calls: bool = False,
    trace: bool = True,
) -> Played:
    """Play one case; with an empty kind nothing goes wrong.

    Args:
        case: what goes wrong where.
        stage: sequence and module.
        clean: the same run without a fault; None for that run itself.
        parts: the station's parts.
        keep_calls: keep every call, for choosing points.
        trace: write the trace files.
    """
    points = CampaignPoints(plan_of(case), keep_calls=True)
    longest_us = clean.longest_us if clean else None
    watch = RunWatch(points, keep_all=keep_calls, longest_us=longest_us)
    with case_folder() as folder:
        scene = Scene(case, folder, StoreSeam(points), watch, parts, clean)
        return Played(play_scene(scene, stage, trace=trace), points)


@contextmanager
def case_folder() -> Iterator[Path]:
    """Make a folder for one case; a synced commit on a disk would cost more than it."""
    root = _RAM_DISK if _RAM_DISK.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="station-faults-", dir=root) as name:
        yield Path(name)


def play_scene(scene: Scene, stage: Stage, *, trace: bool) -> CaseFacts:
    """Play a scene to its end and gather its facts."""
    points = scene.watch.points
    rig = FaultRig(stage, scene.watch, scene.parts)
    said = _run(rig, scene, trace)
    world, unread = true_world(points, scene.case.kind), energised_unread(points)
    stored = read_store(scene.folder)
    if stored.closed == 0 and stored.ended < stored.runs:
        stored = start_anew(scene.folder, scene.parts)
    refusal = restart = None
    if said.bench_dead is False:
        refusal = try_next_start(rig, scene.folder, scene.parts)
    if points.killed or said.bench_dead is False:
        restart = start_on_same_world(rig, points)
    return CaseFacts(
        case=scene.case,
        fault=true_fault(points),
        world=world,
        said=said,
        stored=stored,
        clean=scene.clean or Clean(said, world.end_us),
        spans=tuple(scene.watch.spans),
        unread=unread,
        refusal=refusal,
        restart=restart,
    )


def plan_of(case: Case) -> FaultPlan | None:
    """Make the plan of a case; what is drawn in it follows from its call."""
    if not case.kind:
        return None
    return FaultPlan(case.kind, case.persistence, case.call, seed=case.call)


def _run(rig: FaultRig, scene: Scene, trace: bool) -> Said:
    """Run the station once; say what it said, or how it ended without a word."""
    points, seam = scene.watch.points, scene.seam
    store: Store | None = None
    with _quiet_threads():
        try:
            store = seam.open(scene.parts.store_type, scene.folder)
            order = RunOrder(SERIAL, OPERATOR, rig.inputs(), trace)
            display = PhaseWatch(points)
            run = scene.parts.run_type(rig, order, store, StopSignals(), display)
            return hear(run.go().record, scene.folder)
        except StationKilled:
            return Said(None)
        except StationError as error:
            return Said(None, refused=describe(error))
        except Exception as error:  # a traceback is a finding, not an end
            return Said(None, crashed=describe(error))
        finally:
            if points.killed:
                seam.die()
                if points.world is not None:
                    points.world.advance_us(_ALONE_US)
            if store is not None:
                with suppress(StationKilled):
                    store.close()


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Let a killed thread die without a word; others complain as ever."""
    outer = threading.excepthook

    def hook(given: threading.ExceptHookArgs) -> None:
        if not issubclass(given.exc_type, StationKilled):
            outer(given)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = outer
