"""`station campaign report`: write what a campaign found as a page and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.commands import store_folder
from station.errors import BadOption, escape_path
from station.output import say

if TYPE_CHECKING:
    from station.campaigns.report.about import About, Draw
    from station.campaigns.results_store import CampaignFacts
    from station.results.store import Store as RecordStore


def report_command(
    name: Annotated[
        str, typer.Argument(help="beginning of its identity, or its plan's name")
    ] = "",
    html: Annotated[Path | None, typer.Option(help="write the page here")] = None,
    json: Annotated[Path | None, typer.Option(help="write the JSON here")] = None,
    store: Annotated[
        Path | None, typer.Option("--store", envvar="STATION_STORE")
    ] = None,
) -> None:
    """Write the report of a campaign; without a name, of the newest one."""
    from limits.load import load_limits, shipped_file
    from phases.sequences import sequence_names
    from station.campaigns.catalogue import load_catalogue
    from station.campaigns.report.write import write_report
    from station.campaigns.results_store import (
        find_campaign,
        list_campaigns,
        load_campaign,
    )
    from station.results.store import Store as RecordStore

    if html is None and json is None:
        raise BadOption("campaign report: name a file with --html, --json or both")
    opened = RecordStore(store_folder(store))
    try:
        facts = find_campaign(opened, name)
        about = _about(opened, facts, list_campaigns(opened))
        write_report(
            load_campaign(opened, facts.campaign_id),
            about,
            load_catalogue(),
            {item: load_limits(shipped_file(item)) for item in sequence_names()},
            html=html,
            json=json,
        )
    except OSError as cause:
        wanted = " or ".join(escape_path(path) for path in (html, json) if path)
        raise BadOption(
            f"{wanted}: cannot be written ({cause.strerror}); name another file"
        ) from cause
    finally:
        opened.close()
    for path in (html, json):
        if path is not None:
            say(f"written: {path}")


def _about(
    store: RecordStore, facts: CampaignFacts, every: Sequence[CampaignFacts]
) -> About:
    from station.campaigns.report.about import About
    from station.version import read_version

    cpu_min = facts.cpu_s / 60
    lines = [
        ("Plan", str(facts.plan.get("title", ""))),
        ("Runs", f"{facts.played} of {facts.planned} planned"),
        ("Begun", facts.begun_utc),
        ("Ended", facts.ended_utc or "not yet: runs are missing"),
        ("Processor time", f"{cpu_min:.1f} min"),
        ("Software", str(facts.software.get("version", ""))),
        ("Checkout", str((facts.software.get("git") or {}).get("describe"))),
        ("Report written by", read_version()),
    ]
    if cpu_min > 0:
        lines.append(("Runs per minute and core", f"{facts.played / cpu_min:.1f}"))
    return About(
        facts.name,
        facts.campaign_id,
        facts.ended_utc or facts.begun_utc,
        tuple(lines),
        tuple(_draw(store, item) for item in every if item.draw_seed is not None),
    )


def _draw(store: RecordStore, facts: CampaignFacts) -> Draw:
    """Count one draw, whenever it was made."""
    from station.campaigns.report.about import Draw
    from station.campaigns.results_store import count_outcomes

    outcomes = count_outcomes(store, facts.campaign_id, "drawn")
    detected, escaped = outcomes.get("FAIL", 0), outcomes.get("PASS", 0)
    played = sum(outcomes.values())
    return Draw(
        facts.name,
        facts.begun_utc,
        facts.draw_seed or 0,
        facts.campaign_id,
        played,
        detected,
        escaped,
        played - detected - escaped,
    )
