"""The command line: options and sub-commands; the work is done elsewhere.

A sub-command's module is imported only when it is named, so that `station run` does
not pay for what it does not use.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from station.commands import RunOptions, StoreOption, run_command, show_command

# name -> (where its Typer application or function stands, what the overview says)
SUB_COMMANDS = {
    "limits": (
        "station.limits_commands:limits_app",
        "Show, check and compare limit files.",
    ),
    "defects": (
        "station.defects_commands:defects_app",
        "List what a defect file can change.",
    ),
    "requirements": (
        "station.requirements_command:requirements",
        "List all requirements and how each is covered.",
    ),
    "bench": (
        "station.bench_commands:bench_app",
        "Look after a bench between runs.",
    ),
    "faults": (
        "station.faults_commands:faults_app",
        "Let things break on the simulated bench.",
    ),
    "qualify": (
        "station.qualify_command:qualify",
        "Judge a firmware by the campaign that it plays.",
    ),
    "campaign": (
        "station.campaign_commands:campaign_app",
        "Measure how many bad modules the plan lets through.",
    ),
}


def run(
    sequence: Annotated[
        str, typer.Argument(help="eol, qualification, or the name of one behaviour")
    ],
    serial: Annotated[str, typer.Option(help="serial number on the module's label")],
    bench: Annotated[
        Path | None, typer.Option(help="bench file; default: the simulated bench")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="draw a module from the population")
    ] = None,
    limits: Annotated[Path | None, typer.Option(help="limit file")] = None,
    defect: Annotated[
        list[Path] | None, typer.Option(help="defect file; may be repeated")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="state in which the simulated module starts")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="also write the record to this JSON file")
    ] = None,
    trace: Annotated[
        bool, typer.Option(help="keep the V/I trace and the CAN log")
    ] = True,
    every_byte: Annotated[
        bool, typer.Option("--bytes/--no-bytes", help="keep every byte both ways, too")
    ] = False,
    operator: Annotated[str, typer.Option(help="who runs the test")] = "not named",
    store: StoreOption = None,
) -> None:
    """Test one module and store its record.

    Exit codes: 0 PASS, 1 FAIL, 2 refused, 3 ERROR, 4 ABORTED.
    """
    options = RunOptions(
        sequence=sequence,
        serial=serial,
        bench=bench,
        seed=seed,
        limits=limits,
        defects=tuple(defect or ()),
        state=state,
        record=record,
        trace=trace,
        every_byte=every_byte,
        operator=operator,
        store=store,
    )
    raise typer.Exit(run_command(options))


def show(
    name: Annotated[str, typer.Argument(help="serial number or run id")],
    store: StoreOption = None,
) -> None:
    """Print the runs of a serial number, or one run, from the store."""
    raise typer.Exit(show_command(name, store))


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """Build the application; of the sub-commands only the named one is imported."""
    app = typer.Typer(
        name="station",
        help="Production test station for the WeCo HeSU 4K4 PRO battery module.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_main_options)
    app.command("run")(run)
    app.command("show")(show)
    for name, (place, summary) in SUB_COMMANDS.items():
        if name in arguments[:1]:
            _add(app, name, place, summary)
        else:
            app.add_typer(typer.Typer(rich_markup_mode=None), name=name, help=summary)
    return app


def _add(app: typer.Typer, name: str, place: str, summary: str) -> None:
    """Import one sub-command and add it to the application."""
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=name, help=summary)
    else:
        app.command(name, help=summary)(found)


def _main_options(
    version: Annotated[
        bool, typer.Option("--version", help="print the version and exit")
    ] = False,
) -> None:
    """Production test station for the WeCo HeSU 4K4 PRO battery module."""
    # `station.__main__` answers --version before anything heavy is imported.
