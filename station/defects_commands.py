"""`station defects targets|faults|check`: what a defect file can change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.errors import BadOption, escape
from station.output import say
from station.tables import show_table

defects_app = typer.Typer(
    no_args_is_help=True,
    help="List what a defect file can change.",
    rich_markup_mode=None,
)


@defects_app.command()
def targets(
    part: Annotated[
        str, typer.Option(help="only targets that begin so: module.bms, supply, ...")
    ] = "",
) -> None:
    """List every target of a change with unit, default, status and source.

    Raises:
        BadOption: no target begins so.
    """
    from instruments.sim.parameters import load_parameters

    rows = [
        (line.target, str(line.default), line.unit, line.status, line.source)
        for line in load_parameters().targets()
        if line.target.startswith(part)
    ]
    if not rows:
        raise BadOption(
            f"--part {escape(part)}: no target begins so; list all of them without it"
        )
    columns = ("target", "default", "unit", "status", "source")
    show_table(f"{len(rows)} targets of the simulated bench", columns, rows)


@defects_app.command()
def faults() -> None:
    """List every named fault that can be switched on, by its target."""
    from instruments.sim.defects import load_fault_kinds

    rows = [(kind.target, kind.name, kind.title) for kind in load_fault_kinds()]
    columns = ("target", "name", "what happens")
    show_table(f"{len(rows)} faults of the simulated bench", columns, rows)


@defects_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="defect files, used together")],
) -> None:
    """Check defect files together; exit 2 with one line that says what is wrong."""
    from instruments.sim.parameters import load_parameters

    for defect in load_parameters(files).defects:
        count = len(defect.changes) + len(defect.faults)
        say(f"{defect.identity}: {defect.title} ({count} changes and faults)")
