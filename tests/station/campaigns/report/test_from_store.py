"""The head of a report, from the record store."""

from __future__ import annotations

from station.campaigns.job import Job, Kind
from station.campaigns.program import program_hashes
from station.campaigns.report.from_store import (
    ShippedLimits,
    about_campaign,
    load_draws,
)
from station.campaigns.results_store import begin_campaign, find_campaign, keep_runs
from station.results.store import Store
from tests.station.campaigns.fakes import played

PLAN = {"name": "fake", "drawn": {"count": 3, "seed": 17}}


def drawn(number: int) -> Job:
    """Make one drawn defect."""
    return Job(Kind.DRAWN, f"drawn_{number}", "bad", "eol", 17)


def play(store: Store, campaign: str, *outcomes: str, planned: int = 3) -> None:
    """Store a campaign with drawn runs."""
    begin_campaign(store, campaign * 64, PLAN, program_hashes(), planned)
    jobs = [drawn(number) for number in range(len(outcomes))]
    runs = [
        (job, played(job, outcome)) for job, outcome in zip(jobs, outcomes, strict=True)
    ]
    keep_runs(store, campaign * 64, runs)


def test_every_draw_of_the_store_is_loaded(store: Store) -> None:
    """A draw that went badly would disappear behind a newer one."""
    play(store, "a", "FAIL", "PASS", "ERROR")
    play(store, "b", "FAIL", "FAIL", "FAIL")
    newest, oldest = load_draws(store)
    assert (newest.detected, newest.escaped, newest.errors) == (3, 0, 0)
    assert (oldest.detected, oldest.escaped, oldest.errors) == (1, 1, 1)
    assert (oldest.seed, oldest.played) == (17, 3)


def test_a_draw_that_was_begun_counts_as_made(store: Store) -> None:
    """A draw that was given up after its first escape would leave no trace."""
    begin_campaign(store, "c" * 64, PLAN, {}, 3)
    (draw,) = load_draws(store)
    assert (draw.seed, draw.played) == (17, 0)


def test_missing_runs_are_a_warning(store: Store) -> None:
    """A campaign would be reported as whole that is not."""
    play(store, "a", "FAIL", "FAIL")
    about = about_campaign(store, find_campaign(store, "fake"))
    assert about.warnings == ("1 of 3 runs are missing: nothing is said of them.",)
    play(store, "b", "FAIL", "FAIL", "FAIL")
    assert about_campaign(store, find_campaign(store, "fake")).warnings == ()


def test_another_program_is_a_warning(store: Store) -> None:
    """Runs would be set against limits that they were not judged by."""
    begin_campaign(store, "c" * 64, PLAN, {"limits/eol.toml": "0" * 64}, 0)
    (warning,) = about_campaign(store, find_campaign(store, "fake")).warnings
    assert "another program" in warning


def test_a_draw_that_another_program_has_seen_is_a_warning(store: Store) -> None:
    """A plan could be changed to suit a draw, and keep the draw."""
    begin_campaign(store, "b" * 64, PLAN, {"phases/plan.toml": "0" * 64}, 1)
    keep_runs(store, "b" * 64, [(drawn(0), played(drawn(0)))])
    play(store, "c", "FAIL", "FAIL", "FAIL")
    (warning,) = about_campaign(store, find_campaign(store, "fake")).warnings
    assert "Seed 17 was drawn before" in warning


def test_the_same_sources_compiled_are_no_other_program(store: Store) -> None:
    """Every compiled campaign would be reported with a false warning."""
    program = {**program_hashes(), "compiled": "0" * 64}
    begin_campaign(store, "c" * 64, PLAN, program, 0)
    about = about_campaign(store, find_campaign(store, "fake"))
    assert about.warnings == ()
    assert ("Instruments", "compiled") in about.facts


def test_limits_are_those_of_the_sequence() -> None:
    """Margins would be taken from no limits."""
    limits = ShippedLimits()
    assert "over_voltage_trip_v" in limits["eol"]
    assert limits["eol"] is limits["eol"]
