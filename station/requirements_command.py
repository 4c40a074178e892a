"""`station requirements`: what is done about each of the 156 requirements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from limits.coverage import (
    COVERAGE_FILES,
    UNPROVED,
    Covered,
    Standing,
    coverage_text,
    load_committed,
    load_record_coverage,
    sequence_of_record,
    standings,
)
from limits.errors import LimitFileError
from limits.requirement_plan import KINDS, load_plan
from limits.requirements import load_requirements
from station.errors import EXIT_FAIL, EXIT_REFUSED, one_line
from station.output import complain, say
from station.tables import show_table


def requirements(
    record: Annotated[
        Path | None,
        typer.Option(help="Record of a healthy run; default: the committed coverage."),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Write the record's coverage into the project."),
    ] = False,
) -> None:
    """List all requirements: judged, read only, operator, document, ... with counts.

    Judged is computed from the record of a healthy run. Exit 1 if the plan calls one
    judged that no measurement of the record judges.
    """
    if keep and record is None:
        complain("station: --keep needs --record FILE")
        raise typer.Exit(EXIT_REFUSED)
    try:
        covered, kept = _covered(record)
        known = load_requirements()
        found = standings(known, load_plan(known), (*covered, *kept))
    except LimitFileError as error:
        complain(f"station: {one_line(error)}")
        raise typer.Exit(EXIT_REFUSED) from error
    if keep and record:
        file = COVERAGE_FILES[sequence_of_record(record)]
        file.write_text(coverage_text(covered), encoding="utf-8")
    _show(found)
    if any(item.kind == UNPROVED for item in found):
        raise typer.Exit(EXIT_FAIL)


def _covered(record: Path | None) -> tuple[tuple[Covered, ...], tuple[Covered, ...]]:
    """Load what a record covers, and what is committed of the other sequences."""
    if record is None:
        return (), load_committed()
    sequence = sequence_of_record(record)
    return load_record_coverage(record), load_committed(without=sequence)


def _show(found: Sequence[Standing]) -> None:
    show_table(
        f"{len(found)} requirements",
        ("id", "kind", "sequence", "requirement", "how"),
        [_row(item) for item in found],
    )
    say("")
    for kind in (*KINDS, UNPROVED):
        count = sum(item.kind == kind for item in found)
        if count or kind != UNPROVED:
            say(f"{kind}: {count}")
    say(f"total: {len(found)}")
    for item in found:
        if item.exception:
            say(f"exception {item.requirement.id}: {item.exception}")


def _row(item: Standing) -> tuple[str, ...]:
    how = item.reason
    if item.kind == "judged" and item.measurements:
        how = " ".join(item.measurements)
    return (
        item.requirement.id,
        item.kind,
        item.sequence,
        item.requirement.text,
        how,
    )
