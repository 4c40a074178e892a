"""A campaign as a whole: what is stored is not played, and its end is stored."""

from __future__ import annotations

from contextlib import nullcontext

from station.campaigns.campaign import Ended, Order, play_campaign
from station.campaigns.job import Job
from station.campaigns.results_store import list_campaigns
from station.results.store import Store
from tests.station.campaigns.fakes import FakeCrew, healthy, play

JOBS = [healthy(seed) for seed in range(1, 7)]
DOCUMENT = {"name": "small"}
PROGRAM = {"any.py": "0" * 64}


def ask(
    store: Store, jobs: list[Job], crew: FakeCrew, stopped: bool = False
) -> tuple[Ended, bool]:
    """Ask for some runs of six; tell how it ended, and whether the store says so."""
    order = Order(DOCUMENT, PROGRAM, jobs, len(JOBS))
    ended = play_campaign(order, store, lambda _: nullcontext(crew), lambda: stopped)
    (facts,) = list_campaigns(store)
    return ended, bool(facts.ended_utc)


def test_part_of_a_campaign_is_no_end(store: Store) -> None:
    """A campaign would read as whole when half of it was asked for."""
    ended, stored = ask(store, JOBS[:4], FakeCrew())
    assert (ended.came_to_end, ended.tally.total.runs, stored) == (True, 4, False)
    crew = FakeCrew()
    ended, stored = ask(store, JOBS[2:], crew)
    assert crew.submitted == [job.key for job in JOBS[4:]]
    # The tally is of the runs that were asked for, stored before or not.
    assert (ended.came_to_end, ended.tally.total.runs, stored) == (True, 4, True)


def test_lost_run_is_an_error_and_the_campaign_goes_on_for_it(store: Store) -> None:
    """A run that nobody could play would end the campaign without a verdict."""
    ended, stored = ask(store, JOBS, FakeCrew(play, poison=JOBS[2:3]))
    assert (ended.came_to_end, ended.tally.total.errors, stored) == (True, 1, False)
    crew = FakeCrew()
    ended, stored = ask(store, JOBS, crew)
    assert crew.submitted == [JOBS[2].key]
    assert (ended.came_to_end, ended.tally.total.errors, stored) == (True, 0, True)


def test_stopped_campaign_did_not_come_to_its_end(store: Store) -> None:
    """A command would report the half that it played as the whole."""
    ended, stored = ask(store, JOBS, FakeCrew(), stopped=True)
    assert (ended.came_to_end, stored) == (False, False)
