"""Write the report of a campaign: a page for people, JSON for programs."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterable, Mapping
from pathlib import Path

from limits.limit_set import LimitSet
from station.campaigns.entry import CatalogueEntry
from station.campaigns.job import Job, Played
from station.campaigns.report.about import About
from station.campaigns.report.assemble import Report, assemble
from station.campaigns.report.page import write_page
from station.canonical import plain


def write_report(
    runs: Iterable[tuple[Job, Played]],
    about: About,
    catalogue: Mapping[str, CatalogueEntry],
    limits: Mapping[str, LimitSet],
    *,
    html: Path | None = None,
    json: Path | None = None,
) -> Report:
    """Read the runs once and write the files that are asked for.

    Raises:
        OSError: a file cannot be written.
        KeyError: a run of a sequence without limits.
    """
    report = assemble(runs, about, catalogue, limits)
    if json is not None:
        json.write_text(as_json(report), encoding="utf-8")
    if html is not None:
        html.write_text(write_page(report), encoding="utf-8")
    return report


def as_json(report: Report) -> str:
    """Write everything that the page shows as JSON; `schema` numbers its form."""
    return json_text.dumps(plain(report), indent=1, ensure_ascii=False) + "\n"
