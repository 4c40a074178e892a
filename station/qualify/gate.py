"""Play both firmwares' campaigns, as far as they are not stored, and compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from limits.limit import Limit
from limits.load import load_limits, shipped_file
from station.campaigns.campaign import CampaignBook
from station.campaigns.count import Tally
from station.campaigns.engine import Came, Crew, play_jobs
from station.campaigns.job import Job, Played
from station.campaigns.plan import Plan
from station.campaigns.program import campaign_identity, fold, program_hashes
from station.campaigns.progress import CampaignProgress
from station.campaigns.results_store import (
    begin_campaign,
    load_campaign,
    load_losses,
)
from station.qualify.compare import Compared, Comparison, compare
from station.qualify.firmware_file import FirmwareFile
from station.qualify.ownership import concerns_firmware
from station.qualify.tolerances import load_tolerances
from station.results.store import Store

MakeCrew = Callable[[str], AbstractContextManager[Crew]]
"""Opens a crew that plays the program of this hash."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Where runs are kept, who plays them, and who may stop it."""

    store: Store
    make_crew: MakeCrew
    stopped: Callable[[], bool]


def qualify(
    gate: Gate,
    plan: Plan,
    jobs: Sequence[Job],
    firmware: FirmwareFile,
    baseline: FirmwareFile,
) -> Comparison | None:
    """Play what is missing and compare; None where it was stopped.

    Raises:
        CrewLost, NotDeterministic, NotStored: it cannot go on; what came is stored.
    """
    compiled = firmware.is_compiled or baseline.is_compiled
    left_out = [
        job for job in jobs if compiled and any(map(concerns_firmware, job.defects))
    ]
    asked = [job for job in jobs if job not in left_out]
    played: list[Mapping[str, Played]] = []
    losses: dict[str, str] = {}
    for release in (baseline, firmware):
        own = [on_firmware(job, release) for job in asked]
        if not _play(gate, plan, own, release, len(jobs)):
            return None
        played.append(_load(gate, plan, release))
        losses |= load_losses(gate.store, _identity(plan, release))
    before, after = played
    runs = [
        Compared(
            job,
            before.get(on_firmware(job, baseline).key),
            after.get(on_firmware(job, firmware).key),
            losses.get(on_firmware(job, firmware).key)
            or losses.get(on_firmware(job, baseline).key, ""),
        )
        for job in asked
    ]
    found = compare(runs, load_tolerances(), _limits_of)
    found.left_out = left_out
    return found


def on_firmware(job: Job, firmware: FirmwareFile) -> Job:
    """Ask the same of a module in which another firmware runs."""
    return replace(job, firmware=None if firmware.is_shipped else firmware)


def _play(
    gate: Gate, plan: Plan, jobs: Sequence[Job], firmware: FirmwareFile, planned: int
) -> bool:
    """Play the runs that are not stored; tell whether it came to its end."""
    document = _document(plan, firmware)
    program = program_hashes()
    campaign_id = campaign_identity(document, program)
    known = begin_campaign(gate.store, campaign_id, document, program, planned)
    book = CampaignBook(gate.store, campaign_id, known)
    if all(book.is_kept(job) for job in jobs):
        return True
    with (
        _teller(len(jobs), sum(book.is_kept(job) for job in jobs)) as tell,
        gate.make_crew(fold(program)) as crew,
    ):
        return play_jobs(jobs, crew, book, tell, gate.stopped)


@contextmanager
def _teller(total: int, known: int) -> Iterator[Callable[[Came], None]]:
    tally = Tally()
    with CampaignProgress(total - known, 0) as progress:

        def tell(came: Came) -> None:
            if came.played is None:
                tally.add_loss(came.job, came.reason)
            else:
                tally.add(came.job, came.played)
            progress.show(tally.total)

        yield tell


def _load(gate: Gate, plan: Plan, firmware: FirmwareFile) -> dict[str, Played]:
    runs = load_campaign(gate.store, _identity(plan, firmware))
    return {played.key: played for _, played in runs}


def _identity(plan: Plan, firmware: FirmwareFile) -> str:
    return campaign_identity(_document(plan, firmware), program_hashes())


def _document(plan: Plan, firmware: FirmwareFile) -> dict[str, object]:
    """Write the plan of a firmware's campaign; the shipped one's is the plan's own."""
    document = dict(plan.document())
    if not firmware.is_shipped:
        document["name"] = f"{plan.name} on {firmware.identity}"
        document["firmware"] = firmware.digest
    return document


def _limits_of(sequence: str) -> Mapping[str, Limit]:
    return load_limits(shipped_file(sequence))
