"""Run a campaign: plan and program give it its identity, the store what is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

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
class Order:
    """What is to be played.

    Args:
        document: the plan as a plain document.
        program: the hash of each file that decides a result, by its name.
        jobs: the runs that are asked for now.
        planned: how many runs the campaign has; more than `jobs` where only a part of
            it is asked for.
    """

    document: Mapping[str, Any]
    program: Mapping[str, str]
    jobs: Sequence[Job]
    planned: int

    @property
    def campaign_id(self) -> str:
        """The identity of plan and program [sha256, hex]."""
        return campaign_identity(self.document, self.program)


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: whether nobody stopped it, and what the runs asked for say.

    A run that could not be played is lost: it counts in the tally, and is tried again
    at the next start.
    """

    campaign_id: str
    came_to_end: bool
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

    def count(self) -> int:
        """Count the runs that are stored."""
        return len(self._known)

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
    order = Order(plan.document(), program_hashes(), jobs, len(jobs))
    return play_campaign(order, store, make_crew, stopped)


def play_campaign(
    order: Order, store: Store, make_crew: MakeCrew, stopped: Callable[[], bool]
) -> Ended:
    """Play what the store does not have yet of the runs that are asked for.

    Raises:
        CrewLost, NotDeterministic, NotStored: it cannot go on; what came is stored.
    """
    campaign_id = order.campaign_id
    known = begin_campaign(
        store, campaign_id, order.document, order.program, order.planned
    )
    book = CampaignBook(store, campaign_id, known)
    kept = {job.key for job in order.jobs if book.is_kept(job)}
    tally = _count_known(store, campaign_id, kept)
    came_to_end = len(kept) == len(order.jobs)
    if not came_to_end:
        with (
            CampaignProgress(len(order.jobs), len(kept)) as progress,
            make_crew(fold(order.program)) as crew,
        ):
            tell = _teller(tally, progress)
            came_to_end = play_jobs(order.jobs, crew, book, tell, stopped)
    if book.count() >= order.planned:
        end_campaign(store, campaign_id)
    return Ended(campaign_id, came_to_end, tally)


def _teller(tally: Tally, progress: CampaignProgress) -> Callable[[Came], None]:
    def tell(came: Came) -> None:
        if came.played is None:
            tally.add_loss(came.job, came.reason)
        else:
            tally.add(came.job, came.played)
        progress.show(tally.total)

    return tell


def _count_known(store: Store, campaign_id: str, keys: Collection[str]) -> Tally:
    """Count the stored runs of these keys."""
    tally = Tally()
    for job, played in load_campaign(store, campaign_id) if keys else ():
        if played.key in keys:
            tally.add(job, played)
    return tally
