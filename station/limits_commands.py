"""`station limits show|check|diff`: read the numbers before trusting a verdict."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from limits import DEFAULT_FILE, Limit, LimitFileError, LimitSet, load_limits
from station.errors import EXIT_REFUSED, one_line
from station.output import complain, say
from station.tables import show_table

limits_app = typer.Typer(
    no_args_is_help=True, help="Show, check and compare limit files."
)

LimitFile = Annotated[Path, typer.Argument(help="A limit file (TOML).")]


@limits_app.command()
def show(
    file: LimitFile = DEFAULT_FILE,
    table: Annotated[
        str, typer.Option(help="Only this table, for instance over_voltage.")
    ] = "",
) -> None:
    """Show every limit with its unit, status and source."""
    limits = _load(file)
    try:
        chosen = limits.for_behaviour(table) if table else tuple(limits.values())
    except LimitFileError as error:
        raise _refused(error) from error
    show_table(
        f"{limits.name}: {limits.title} ({len(chosen)} limits)",
        ("name", "limit", "status", "source"),
        [_row(limit) for limit in chosen],
    )


@limits_app.command()
def check(file: LimitFile) -> None:
    """Check a limit file; exit 2 with one line that says what is wrong and where."""
    limits = _load(file)
    parts = " + ".join(limits.files)
    say(f"{limits.name}: {len(limits)} limits ({parts})")
    for status, names in _by_status(limits).items():
        say(f"  {status}: {len(names)}")
    say(f"  sha256: {limits.sha256}")


@limits_app.command()
def diff(first: LimitFile, second: LimitFile) -> None:
    """List what differs between two limit files, overlays applied."""
    before, after = _load(first), _load(second)
    rows = []
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            rows.append((name, "limit", "", str(after[name])))
        elif name not in after:
            rows.append((name, "limit", str(before[name]), ""))
        else:
            rows.extend(_changes(before[name], after[name]))
    if not rows:
        say(f"{before.name} and {after.name}: no difference")
        return
    columns = ("name", "field", before.name, after.name)
    show_table(f"{before.name} against {after.name}", columns, rows)


def _changes(before: Limit, after: Limit) -> list[tuple[str, str, str, str]]:
    """List the fields of one limit that differ, as text."""
    return [
        (
            before.name,
            field.name,
            _text(getattr(before, field.name)),
            _text(getattr(after, field.name)),
        )
        for field in fields(Limit)
        if getattr(before, field.name) != getattr(after, field.name)
    ]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _row(limit: Limit) -> tuple[str, ...]:
    about = [limit.source]
    if limit.note:
        about.append(limit.note)
    if limit.requirements:
        about.append(f"({' '.join(limit.requirements)})")
    return (
        limit.name,
        str(limit),
        f"{limit.status}, safety" if limit.safety else limit.status,
        "; ".join(about),
    )


def _by_status(limits: LimitSet) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for limit in limits.values():
        found.setdefault(limit.status, []).append(limit.name)
    return dict(sorted(found.items()))


def _load(file: Path) -> LimitSet:
    try:
        return load_limits(file)
    except LimitFileError as error:
        raise _refused(error) from error


def _refused(error: LimitFileError) -> typer.Exit:
    complain(f"station: {one_line(error)}")
    return typer.Exit(EXIT_REFUSED)
