"""`station campaign report`: what a stored campaign found, as a page and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.commands import StoreOption, store_folder
from station.errors import BadOption, escape_path
from station.output import say

if TYPE_CHECKING:
    from station.campaigns.report.assemble import Report
    from station.results.store import Store as RecordStore


def report_command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[CAMPAIGN]",
            help="beginning of its identity, or its plan's name; newest first",
        ),
    ] = "",
    html: Annotated[
        Path | None, typer.Option(help="write the page to this file")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="write JSON to this file")] = None,
    store: StoreOption = None,
) -> None:
    """Write the report of a campaign; without a name, of the newest one.

    Exit code 0 when it is written, whatever it says; `station campaign show` tells
    good from bad.
    """
    if html is None and json is None:
        raise BadOption("campaign report: give --html FILE, --json FILE or both")
    from station.results.store import Store as RecordStore

    opened = RecordStore(store_folder(store))
    try:
        report = _write(opened, name, html, json)
    finally:
        opened.close()
    tally = report.tally
    say(
        f"campaign {report.about.campaign}: {len(tally.escapes)} escapes,"
        f" {len(tally.false_failed)} false fails, {len(tally.errors)} without verdict"
    )
    for warning in report.about.warnings:
        say(warning)


def _write(
    store: RecordStore, name: str, html: Path | None, json: Path | None
) -> Report:
    try:
        import jinja2  # noqa: F401
    except ModuleNotFoundError as cause:
        raise BadOption(
            f"campaign report: {cause.name} is not installed; pip install"
            " 'weco-test-station[campaign]'"
        ) from cause
    from station.campaigns.catalogue import load_catalogue
    from station.campaigns.lost import load_counted
    from station.campaigns.report.from_store import ShippedLimits, about_campaign
    from station.campaigns.report.write import write_report
    from station.campaigns.results_store import find_campaign

    facts = find_campaign(store, name)
    try:
        return write_report(
            load_counted(store, facts.campaign_id),
            about_campaign(store, facts),
            load_catalogue(),
            ShippedLimits(),
            html=html,
            json=json,
        )
    except OSError as cause:
        where = escape_path(Path(cause.filename)) if cause.filename else "the report"
        raise BadOption(f"{where}: cannot be written ({cause.strerror})") from cause
