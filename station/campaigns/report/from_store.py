"""Say from the record store which campaign it is, and which draws were ever made."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import func, select

from limits.limit_set import LimitSet
from limits.load import load_limits, shipped_file
from phases.results import FAIL, PASS
from station.campaigns.job import Kind
from station.campaigns.lost import load_lost
from station.campaigns.program import fold, program_hashes
from station.campaigns.report.about import About, Draw
from station.campaigns.results_store import CampaignFacts, list_campaigns, load_losses
from station.results import tables
from station.results.store import Store

_SHOWN = 12
_COMPILED = "compiled"


class ShippedLimits(dict[str, LimitSet]):
    """The shipped limits of a sequence, loaded when they are asked for."""

    def __missing__(self, sequence: str) -> LimitSet:
        """Load the limits of one sequence."""
        loaded = load_limits(shipped_file(sequence))
        self[sequence] = loaded
        return loaded


def about_campaign(store: Store, facts: CampaignFacts) -> About:
    """Say which campaign it is, how long it took, and what is missing in it."""
    hashes = _programs(store)[facts.campaign_id]
    minutes = facts.cpu_s / 60.0
    lines = [
        ("Campaign", facts.campaign_id),
        ("Software", _software(facts.software)),
        (
            "Instruments",
            "compiled" if _COMPILED in hashes else "as their sources stand",
        ),
        ("Begun", _moment(facts.begun_utc)),
        ("Ended", _moment(facts.ended_utc) if facts.ended_utc else "not yet"),
        ("Runs", f"{facts.played} of {facts.planned}"),
        ("Processor time", f"{minutes:.0f} min"),
    ]
    if minutes:
        lines.append(("Runs per minute and core", f"{facts.played / minutes:.1f}"))
    return About(
        campaign=f"{facts.name} ({facts.campaign_id[:_SHOWN]})",
        program=fold(hashes),
        made=_moment(facts.begun_utc),
        facts=tuple(lines),
        draws=load_draws(store),
        warnings=(*_warnings(store, facts, hashes), *_stale_draw(store, facts)),
    )


def load_draws(store: Store) -> tuple[Draw, ...]:
    """Load every draw of defects that the store knows, the newest first."""
    programs = _programs(store)
    counts = _drawn_outcomes(store)
    return tuple(
        _draw(
            facts, fold(programs[facts.campaign_id]), counts.get(facts.campaign_id, {})
        )
        for facts in list_campaigns(store)
        if facts.draw_seed is not None
    )


def _draw(facts: CampaignFacts, program: str, outcomes: Mapping[str, int]) -> Draw:
    played = sum(outcomes.values())
    detected, escaped = outcomes.get(FAIL, 0), outcomes.get(PASS, 0)
    return Draw(
        campaign=f"{facts.name} ({facts.campaign_id[:_SHOWN]})",
        made=_moment(facts.begun_utc),
        seed=facts.draw_seed or 0,
        program=program,
        played=played,
        detected=detected,
        escaped=escaped,
        errors=played - detected - escaped,
    )


def _programs(store: Store) -> dict[str, dict[str, str]]:
    """Read which program each campaign played: the hash of each file, by its name."""
    query = select(tables.campaigns.c.campaign_id, tables.campaigns.c.program)
    with store.reading() as reader:
        rows = reader.execute(query).all()
    return {row.campaign_id: json.loads(row.program) for row in rows}


def _drawn_outcomes(store: Store) -> dict[str, dict[str, int]]:
    """Count the outcomes of drawn defects by campaign; a lost run is an error."""
    runs = tables.campaign_runs
    query = (
        select(runs.c.campaign_id, runs.c.outcome, func.count().label("runs"))
        .where(runs.c.kind == Kind.DRAWN.value)
        .group_by(runs.c.campaign_id, runs.c.outcome)
    )
    found: dict[str, dict[str, int]] = {}
    with store.reading() as reader:
        for row in reader.execute(query):
            found.setdefault(row.campaign_id, {})[row.outcome] = row.runs
    for facts in list_campaigns(store):
        for job, played in load_lost(store, facts.campaign_id):
            if job.kind is Kind.DRAWN:
                outcomes = found.setdefault(facts.campaign_id, {})
                outcomes[played.outcome] = outcomes.get(played.outcome, 0) + 1
    return found


def _warnings(
    store: Store, facts: CampaignFacts, hashes: Mapping[str, str]
) -> list[str]:
    found = []
    lost = load_losses(store, facts.campaign_id)
    missing = facts.planned - facts.played - len(lost)
    if missing:
        found.append(
            f"{missing} of {facts.planned} runs are missing: nothing is said of them."
        )
    found += [f"Not played: {key}: {reason}" for key, reason in lost.items()]
    if _sources(hashes) != _sources(program_hashes()):
        found.append(
            "This page was written by another program than the one that was played:"
            " limits and titles of defects are those of the checkout that wrote it."
        )
    return found


def _moment(utc: str) -> str:
    """Shorten a stored moment to its minute."""
    return f"{utc[:16].replace('T', ' ')} UTC"


def _stale_draw(store: Store, facts: CampaignFacts) -> list[str]:
    """Warn of a draw that another program has seen: it was perhaps changed to suit."""
    if facts.draw_seed is None:
        return []
    programs = _programs(store)
    mine = _sources(programs[facts.campaign_id])
    listed = list_campaigns(store)  # newest first
    begun = [other.campaign_id for other in listed].index(facts.campaign_id)
    earlier = [
        other
        for other in listed[begun + 1 :]
        if other.draw_seed == facts.draw_seed
        and other.played
        and _sources(programs[other.campaign_id]) != mine
    ]
    if not earlier:
        return []
    return [
        f"Seed {facts.draw_seed} was drawn before, for another program"
        f" ({earlier[-1].campaign_id[:_SHOWN]}): what was changed since may have been"
        " changed to suit it, and the bound on detection does not hold. Draw anew."
    ]


def _sources(hashes: Mapping[str, str]) -> dict[str, str]:
    """Leave out whether they were compiled: the sources are the same."""
    return {name: digest for name, digest in hashes.items() if name != _COMPILED}


def _software(software: Mapping[str, object]) -> str:
    git = software.get("git")
    described = git.get("describe") if isinstance(git, Mapping) else None
    version = str(software.get("version", ""))
    return f"{version} ({described})" if described else version
