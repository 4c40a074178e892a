"""The engine: nothing lost, nothing twice, and no run blamed for another's death."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from station.campaigns.campaign import CampaignBook
from station.campaigns.crew import CrewLost, local_crew, scheduler_crew
from station.campaigns.engine import Came, play_jobs
from station.campaigns.job import Job, Played
from station.campaigns.results_store import (
    NotDeterministic,
    begin_campaign,
    keep_runs,
    load_campaign,
    load_losses,
)
from station.errors import BadOption
from station.results.store import Store
from tests.station.campaigns.fakes import (
    POISON,
    FakeCrew,
    healthy,
    play,
    play_dying,
    played,
)

ID = "c" * 64
JOBS = [healthy(seed) for seed in range(1, 13)]


@pytest.fixture
def open_book(store: Store) -> Callable[[], CampaignBook]:
    """Make a function that begins the campaign, or takes it up again."""

    def begin() -> CampaignBook:
        known = begin_campaign(store, ID, {"name": "fake"}, {}, len(JOBS))
        return CampaignBook(store, ID, known)

    return begin


def never() -> bool:
    """Never stop."""
    return False


def ignore(_came: Came) -> None:
    """Show nothing."""


def keys(store: Store) -> list[str]:
    """List the stored runs."""
    return [result.key for _, result in load_campaign(store, ID)]


def test_every_run_is_stored_once(
    store: Store, open_book: Callable[[], CampaignBook]
) -> None:
    """Rates would be counted from runs that are missing or stand there twice."""
    crew = FakeCrew()
    assert play_jobs(JOBS, crew, open_book(), ignore, never)
    assert Counter(keys(store)) == Counter(job.key for job in JOBS)


def test_window_is_bounded(open_book: Callable[[], CampaignBook]) -> None:
    """Memory would grow with the length of the campaign."""
    crew = FakeCrew()
    play_jobs((healthy(n) for n in range(200)), crew, open_book(), ignore, never)
    assert crew.most == 4


def test_stopped_campaign_goes_on_where_it_was(
    store: Store, open_book: Callable[[], CampaignBook]
) -> None:
    """Hours of runs would be played again."""
    told: list[Came] = []
    done = play_jobs(JOBS, FakeCrew(), open_book(), told.append, lambda: len(told) > 4)
    assert not done
    assert len(keys(store)) == 5
    crew = FakeCrew()
    assert play_jobs(JOBS, crew, open_book(), ignore, never)
    assert crew.submitted == [job.key for job in JOBS[5:]]
    assert len(keys(store)) == len(JOBS)


def test_lost_scheduler_costs_no_result(
    store: Store, open_book: Callable[[], CampaignBook]
) -> None:
    """What came before the scheduler was gone would have to be played again."""

    class Losing(FakeCrew):
        def take(self, patience_s: float) -> Came | None:
            if len(self.submitted) > 6:
                raise CrewLost("gone")
            return super().take(patience_s)

    with pytest.raises(CrewLost):
        play_jobs(JOBS, Losing(), open_book(), ignore, never)
    assert len(keys(store)) == 3
    assert play_jobs(JOBS, FakeCrew(), open_book(), ignore, never)
    assert Counter(keys(store)) == Counter(job.key for job in JOBS)


def test_only_the_poisoned_run_is_lost(
    store: Store, open_book: Callable[[], CampaignBook]
) -> None:
    """Runs that stood beside the one that kills its worker would be lost, too."""
    crew = FakeCrew(poison=JOBS[3:4])
    assert play_jobs(JOBS, crew, open_book(), ignore, never)
    assert list(load_losses(store, ID)) == [JOBS[3].key]
    assert Counter(keys(store)) == Counter(j.key for j in JOBS if j is not JOBS[3])


def test_other_result_is_refused(open_book: Callable[[], CampaignBook]) -> None:
    """A run that depends on its worker would count as whichever came first."""
    results = iter(["PASS", "FAIL"])

    def play_by_chance(job: Job) -> Played:
        return played(job, next(results))

    same_twice = [JOBS[0], JOBS[0]]
    with pytest.raises(NotDeterministic, match="not deterministic"):
        play_jobs(same_twice, FakeCrew(play_by_chance), open_book(), ignore, never)


def test_result_that_another_client_stored_is_compared(
    store: Store, open_book: Callable[[], CampaignBook]
) -> None:
    """Two clients of one store would leave two results of a run, or one unseen."""
    book = open_book()
    keep_runs(store, ID, [(JOBS[0], played(JOBS[0]))])
    book.keep([(JOBS[0], played(JOBS[0]))])
    assert keys(store) == [JOBS[0].key]
    keep_runs(store, ID, [(JOBS[1], played(JOBS[1], "FAIL"))])
    with pytest.raises(NotDeterministic):
        book.keep([(JOBS[1], played(JOBS[1]))])


@pytest.mark.timeout(60)
def test_killed_workers_lose_and_repeat_nothing(
    store: Store, open_book: Callable[[], CampaignBook], tmp_path: Path
) -> None:
    """A worker that dies would cost results, or a run that kills them the campaign."""
    jobs = [*JOBS, healthy(99, POISON)]
    with local_crew(partial(play_dying, tmp_path), 2) as crew:
        assert play_jobs(jobs, crew, open_book(), ignore, never)
    assert (tmp_path / "died").exists()
    losses = load_losses(store, ID)
    assert sorted(losses) == sorted([healthy(7).key, healthy(99, POISON).key])
    assert "cannot be played" in losses[healthy(7).key]
    stored = {
        result.key: result.evidence_sha256 for _, result in load_campaign(store, ID)
    }
    wanted = [job for job in JOBS if job.seed != 7]
    assert stored == {job.key: played(job).evidence_sha256 for job in wanted}
    assert len(keys(store)) == len(wanted)


@pytest.mark.timeout(60)
def test_scheduler_elsewhere_plays_the_same(
    store: Store, open_book: Callable[[], CampaignBook]
) -> None:
    """A cluster would need another command; a foreign program would play along."""
    with local_crew(play, 1) as own:
        with scheduler_crew(play, own.address) as crew:
            assert play_jobs(JOBS, crew, open_book(), ignore, never)
        with (
            scheduler_crew(play, own.address, sha256="another") as crew,
            pytest.raises(BadOption, match="their program is not the client's"),
        ):
            play_jobs([healthy(77)], crew, open_book(), ignore, never)
    assert Counter(keys(store)) == Counter(job.key for job in JOBS)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "quic://x:1"])
def test_scheduler_that_is_not_there_is_refused(address: str) -> None:
    """A wrong address would end in a traceback, or wait for ever."""
    with (
        pytest.raises(BadOption, match="does not answer"),
        scheduler_crew(play, address, patience_s=0.5),
    ):
        pass
