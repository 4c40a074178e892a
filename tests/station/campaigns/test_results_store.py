"""Campaigns in the record store: what was written comes back, and nothing changes."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from station.campaigns.program import campaign_identity, fold, program_hashes
from station.campaigns.results_store import (
    begin_campaign,
    end_campaign,
    find_campaign,
    keep_loss,
    keep_runs,
    list_campaigns,
    load_campaign,
    load_losses,
)
from station.errors import BadOption, RecordDamaged
from station.results.engine import FILE_NAME
from station.results.store import Store
from station.results.tables import NEW_IN_SCHEMA
from tests.station.campaigns.fakes import bad, healthy, played

ID = "a" * 64
PLAN = {"name": "fake", "drawn": {"count": 3, "seed": 17}}


def test_run_comes_back_as_it_was(store: Store) -> None:
    """A report would speak of another defect, or of other values."""
    job = bad("one_cell_low")
    result = played(job, "FAIL", "over_voltage_v")
    begin_campaign(store, ID, PLAN, {}, 1)
    keep_runs(store, ID, [(job, result)])
    assert list(load_campaign(store, ID)) == [(job, result)]


def test_many_runs_come_in_stored_order(store: Store) -> None:
    """Runs would be lost between two portions, or counted in both."""
    begin_campaign(store, ID, PLAN, {}, 120)
    jobs = [healthy(seed) for seed in range(120)]
    for job in jobs:
        keep_runs(store, ID, [(job, played(job))])
    assert [job for job, _ in load_campaign(store, ID)] == jobs


def test_campaigns_are_listed_with_their_counts(store: Store) -> None:
    """Draws made before would be forgotten."""
    begin_campaign(store, ID, PLAN, {}, 2)
    begin_campaign(store, "b" * 64, {"name": "other"}, {}, 5)
    job = healthy(1)
    keep_runs(store, ID, [(job, played(job))])
    end_campaign(store, ID)
    end_campaign(store, ID)
    newest, oldest = list_campaigns(store)
    assert (newest.name, newest.played, newest.ended_utc) == ("other", 0, "")
    assert (oldest.planned, oldest.played, oldest.draw_seed) == (2, 1, 17)
    assert oldest.ended_utc
    assert find_campaign(store, "fake") == find_campaign(store, "aaaaaa") == oldest
    with pytest.raises(BadOption, match="campaign aaa: not in"):
        find_campaign(store, "aaa")


def test_loss_is_forgotten_once_the_run_was_played(store: Store) -> None:
    """A run that failed on a full machine would count as an error for ever."""
    begin_campaign(store, ID, PLAN, {}, 2)
    job = healthy(1)
    keep_loss(store, ID, job.key, "its workers died")
    assert load_losses(store, ID) == {job.key: "its workers died"}
    keep_runs(store, ID, [(job, played(job))])
    assert load_losses(store, ID) == {}


def test_results_cannot_be_changed(store: Store) -> None:
    """An escape could be turned into a detection afterwards."""
    begin_campaign(store, ID, PLAN, {}, 1)
    job = bad("one_cell_low")
    keep_runs(store, ID, [(job, played(job))])
    for change in (
        "UPDATE campaign_runs SET outcome = 'FAIL'",
        "DELETE FROM campaigns",
    ):
        with (
            pytest.raises(DatabaseError, match="records are only added"),
            store.engine.begin() as writer,
        ):
            writer.execute(text(change))


def test_damaged_run_is_noticed(store: Store) -> None:
    """A rotten disk would change the figures."""
    begin_campaign(store, ID, PLAN, {}, 1)
    job = healthy(1)
    keep_runs(store, ID, [(job, played(job))])
    with store.engine.begin() as writer:
        writer.execute(text("DROP TRIGGER campaign_runs_no_update"))
        (packed,) = writer.execute(text("SELECT document FROM campaign_runs")).one()
        other = zlib.compress(zlib.decompress(packed).replace(b"PASS", b"FAIL"))
        writer.execute(text("UPDATE campaign_runs SET document = :d"), {"d": other})
    with pytest.raises(RecordDamaged, match="not what was written"):
        list(load_campaign(store, ID))


def test_store_of_schema_1_is_taken_up(tmp_path: Path) -> None:
    """Records made before campaigns existed could not be read any more."""
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        for name in reversed(NEW_IN_SCHEMA[2]):
            database.execute(f"DROP TABLE {name}")
        database.execute("PRAGMA user_version=1")
    database.close()
    store = Store(tmp_path)
    begin_campaign(store, ID, PLAN, {}, 1)
    assert [facts.name for facts in list_campaigns(store)] == ["fake"]
    store.close()


def test_identity_follows_plan_and_program() -> None:
    """Results of two programs would stand in one campaign."""
    hashes = program_hashes()
    first = campaign_identity(PLAN, hashes)
    assert first == campaign_identity(dict(reversed(PLAN.items())), hashes)
    assert first != campaign_identity({**PLAN, "name": "other"}, hashes)
    changed = {**hashes, "phases/plan.toml": "0" * 64}
    assert first != campaign_identity(PLAN, changed)
    assert fold(hashes) != fold(changed)
    assert len(hashes) > 150
