"""Keep a campaign in the record store: rows are added as results come.

For readers: `list_campaigns(store)` gives facts and counts of each campaign, newest
first; `load_campaign(store, campaign_id)` yields (job, played) in the order in which
they were stored, one row in memory at a time. A run stands there once, however often it
was played; played twice with two results, it is an error.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, insert, select

from instruments.clock import utc_now
from station.campaigns.codec import (
    check_evidence,
    job_from,
    played_document,
    played_from,
)
from station.campaigns.job import Job, Played
from station.canonical import canonical_json, plain
from station.errors import BadOption, Unsure, escape
from station.results import tables
from station.results.store import Store
from station.version import read_git_state, read_version

_ROWS_AT_A_TIME = 50
_RUNS = tables.campaign_runs


class NotDeterministic(Unsure):
    """One run of a campaign had two different results."""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What the store knows of a campaign without its runs.

    Args:
        campaign_id: identity of plan and program [sha256, hex].
        plan: the plan as a plain document.
        software: version and state of the checkout.
        planned: how many runs it owes.
        played: how many are stored.
        cpu_s: processor time of the stored runs.
        ended_utc: when the last one came; empty before.
    """

    campaign_id: str
    name: str
    plan: Mapping[str, Any]
    software: Mapping[str, Any]
    planned: int
    played: int
    cpu_s: float
    begun_utc: str
    ended_utc: str

    @property
    def draw_seed(self) -> int | None:
        """The seed of the drawn defects; None where none were drawn."""
        drawn = self.plan.get("drawn")
        return None if drawn is None else int(drawn["seed"])


def begin_campaign(
    store: Store,
    campaign_id: str,
    plan: Mapping[str, Any],
    program: Mapping[str, str],
    planned: int,
) -> dict[str, str]:
    """Begin a campaign, or take it up again; return the evidence hashes by job key.

    Raises:
        NotStored, StoreUnusable: the disk or the database refused.
    """
    software = {"version": read_version(), "git": read_git_state()}
    row = {
        "campaign_id": campaign_id,
        "name": plan["name"],
        "plan": canonical_json(plain(plan)),
        "software": canonical_json(software),
        "program": canonical_json(program),
        "planned": planned,
        "begun_utc": utc_now(),
    }
    store.add(insert(tables.campaigns).prefix_with("OR IGNORE").values(row))
    query = select(_RUNS.c.key, _RUNS.c.evidence_sha256)
    with store.reading() as reader:
        rows = reader.execute(query.where(_RUNS.c.campaign_id == campaign_id))
        return {row.key: row.evidence_sha256 for row in rows}


def keep_runs(
    store: Store, campaign_id: str, runs: Sequence[tuple[Job, Played]]
) -> None:
    """Store a small batch of results in one transaction.

    Raises:
        NotDeterministic: a run is stored already, with another result.
        NotStored, StoreUnusable: the disk or the database refused.
    """
    if not runs:
        return
    rows = [_run_row(campaign_id, job, played) for job, played in runs]
    store.add(*(insert(_RUNS).prefix_with("OR IGNORE").values(row) for row in rows))
    # What was ignored had come before, perhaps from another client.
    wanted = {played.key: played.evidence_sha256 for _, played in runs}
    query = select(_RUNS.c.key, _RUNS.c.evidence_sha256).where(
        _RUNS.c.campaign_id == campaign_id, _RUNS.c.key.in_(wanted)
    )
    with store.reading() as reader:
        for key, digest in reader.execute(query):
            check_same(key, digest, wanted[key])


def check_same(key: str, stored_sha256: str, played_sha256: str) -> None:
    """Check that a run played again had the same result.

    Raises:
        NotDeterministic: it had another.
    """
    if stored_sha256 != played_sha256:
        raise NotDeterministic(
            f"campaign run {escape(key, 200)}: not deterministic, evidence"
            f" {stored_sha256[:12]} and {played_sha256[:12]}; play it on one machine"
            " with --workers 1, then look for what differs"
        )


def keep_loss(store: Store, campaign_id: str, key: str, reason: str) -> None:
    """Store that a run could not be played; the next start tries it again."""
    row = {"campaign_id": campaign_id, "key": key, "utc": utc_now(), "reason": reason}
    store.add(insert(tables.campaign_losses).values(row))


def end_campaign(store: Store, campaign_id: str) -> None:
    """Store that no run is missing any more."""
    row = {"campaign_id": campaign_id, "ended_utc": utc_now()}
    store.add(insert(tables.campaign_ends).prefix_with("OR IGNORE").values(row))


def load_losses(store: Store, campaign_id: str) -> dict[str, str]:
    """Load the runs that could not be played and were not since: reason by key."""
    losses = tables.campaign_losses
    stored = select(_RUNS.c.key).where(_RUNS.c.campaign_id == campaign_id)
    query = (
        select(losses.c.key, losses.c.reason)
        .where(losses.c.campaign_id == campaign_id, losses.c.key.not_in(stored))
        .order_by(losses.c.number)
    )
    with store.reading() as reader:
        return {row.key: row.reason for row in reader.execute(query)}


def load_campaign(store: Store, campaign_id: str) -> Iterator[tuple[Job, Played]]:
    """Yield the stored runs of a campaign, in stored order, a few rows at a time.

    Raises:
        RecordDamaged: a stored run does not have the hash that was stored with it.
    """
    last = 0
    while True:
        query = (
            select(_RUNS.c.number, _RUNS.c.document, _RUNS.c.cpu_s, _RUNS.c.key)
            .add_columns(_RUNS.c.evidence_sha256)
            .where(_RUNS.c.campaign_id == campaign_id, _RUNS.c.number > last)
            .order_by(_RUNS.c.number)
            .limit(_ROWS_AT_A_TIME)
        )
        with store.reading() as reader:
            rows = reader.execute(query).all()
        for number, packed, cpu_s, key, digest in rows:
            last = number
            document = check_evidence(key, packed, digest)
            yield job_from(document["job"]), played_from(document, digest, cpu_s)
        if len(rows) < _ROWS_AT_A_TIME:
            return


def list_campaigns(store: Store) -> list[CampaignFacts]:
    """List the campaigns of a store, newest first."""
    begun, ends = tables.campaigns, tables.campaign_ends
    counts = (
        select(
            _RUNS.c.campaign_id,
            func.count().label("played"),
            func.sum(_RUNS.c.cpu_s).label("cpu_s"),
        )
        .group_by(_RUNS.c.campaign_id)
        .subquery()
    )
    query = (
        select(begun, ends.c.ended_utc, counts.c.played, counts.c.cpu_s)
        .outerjoin(ends, ends.c.campaign_id == begun.c.campaign_id)
        .outerjoin(counts, counts.c.campaign_id == begun.c.campaign_id)
        .order_by(begun.c.number.desc())
    )
    with store.reading() as reader:
        return [_facts(row) for row in reader.execute(query).mappings()]


def find_campaign(store: Store, name: str) -> CampaignFacts:
    """Find a campaign by the beginning of its identity, or the newest of a name.

    Raises:
        BadOption: there is none.
    """
    found = list_campaigns(store)
    for facts in found:
        if name in ("", facts.name) or (
            len(name) >= 6 and facts.campaign_id.startswith(name)
        ):
            return facts
    raise BadOption(
        f"campaign {escape(name)}: not in {store.folder}; `station campaign list`"
        " shows those that are"
    )


def _run_row(campaign_id: str, job: Job, played: Played) -> dict[str, Any]:
    document = {"job": plain(job), "played": played_document(played)}
    return {
        "campaign_id": campaign_id,
        "key": played.key,
        "kind": job.kind,
        "grade": job.grade,
        "outcome": played.outcome,
        "evidence_sha256": played.evidence_sha256,
        "cpu_s": played.cpu_s,
        "utc": utc_now(),
        "document": zlib.compress(canonical_json(document).encode()),
    }


def _facts(row: RowMapping) -> CampaignFacts:
    return CampaignFacts(
        row["campaign_id"],
        row["name"],
        json.loads(row["plan"]),
        json.loads(row["software"]),
        row["planned"],
        row["played"] or 0,
        row["cpu_s"] or 0.0,
        row["begun_utc"],
        row["ended_utc"] or "",
    )
