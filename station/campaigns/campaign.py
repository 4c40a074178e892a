"""Run a campaign: plan and program give it its identity, the store what is missing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from station.campaigns.catalogue import load_catalogue
from station.campaigns.count import Tally
from station.campaigns.engine import Came, Crew, play_jobs
from station.campaigns.job import Job, Played
from station.campaigns.jobs import list_jobs
from station.campaigns.plan import Plan
from station.campaigns.program import campaign_identity, fold, program_hashes
from station.campaigns.progress import CampaignProgress
from station.campaigns.results_store import (
    begin_campaign,
    check_same,
    end_campaign,
    keep_loss,
    keep_runs,
    load_campaign,
)
from station.results.store import Store

MakeCrew = Callable[[str], AbstractContextManager[Crew]]
"""Opens a crew that plays the program of this hash."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a campaign ended: whether no run is missing, and what all of them say."""

    campaign_id: str
    complete: bool
    tally: Tally


class CampaignBook:
    """The results of one campaign in the record store."""

    def __init__(self, store: Store, campaign_id: str, known: dict[str, str]) -> None:
        self._store = store
        self._campaign_id = campaign_id
        self._known = known

    def is_kept(self, job: Job) -> bool:
        """Tell whether the result of a run is stored."""
        return job.key in self._known

    def keep(self, runs: list[tuple[Job, Played]]) -> None:
        """Store results; see `engine.Book`."""
        new = []
        for job, played in runs:
            kept = self._known.get(played.key)
            if kept is None:
                new.append((job, played))
                self._known[played.key] = played.evidence_sha256
            else:
                check_same(played.key, kept, played.evidence_sha256)
        keep_runs(self._store, self._campaign_id, new)

    def lose(self, job: Job, reason: str) -> None:
        """Store that a run could not be played."""
        keep_loss(self._store, self._campaign_id, job.key, reason)


def run_campaign(
    plan: Plan, store: Store, make_crew: MakeCrew, stopped: Callable[[], bool]
) -> Ended:
    """Play what the store does not have yet of a plan.

    Raises:
        BadOption, BenchFileError: the plan or the catalogue cannot be used.
        CrewLost, NotDeterministic, NotStored: it cannot go on; what came is stored.
    """
    jobs = list_jobs(plan, load_catalogue())
    program = program_hashes()
    campaign_id = campaign_identity(plan.document(), program)
    known = begin_campaign(store, campaign_id, plan.document(), program, len(jobs))
    book = CampaignBook(store, campaign_id, known)
    tally = _count_known(store, campaign_id) if known else Tally()
    complete = all(book.is_kept(job) for job in jobs)
    if not complete:
        with (
            CampaignProgress(len(jobs), len(known)) as progress,
            make_crew(fold(program)) as crew,
        ):
            tell = _teller(tally, progress)
            complete = play_jobs(jobs, crew, book, tell, stopped)
    if complete and all(book.is_kept(job) for job in jobs):
        end_campaign(store, campaign_id)
    return Ended(campaign_id, complete, tally)


def _teller(tally: Tally, progress: CampaignProgress) -> Callable[[Came], None]:
    def tell(came: Came) -> None:
        if came.played is None:
            tally.add_loss(came.job, came.reason)
        else:
            tally.add(came.job, came.played)
        progress.show(tally.total)

    return tell


def _count_known(store: Store, campaign_id: str) -> Tally:
    tally = Tally()
    for job, played in load_campaign(store, campaign_id):
        tally.add(job, played)
    return tally
