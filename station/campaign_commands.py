"""`station campaign`: how many bad modules the plan lets through, and good ones fails.

Exit codes: 0 no escape and no false fail, 1 some, 2 refused, 3 runs without a verdict
or a campaign that cannot go on, 4 stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.campaign_report_command import report_command
from station.commands import store_folder
from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_FAIL,
    EXIT_PASS,
    BadOption,
    one_line,
)
from station.output import complain, say
from station.tables import show_table

if TYPE_CHECKING:
    from station.campaigns.count import Tally
    from station.campaigns.engine import Crew
    from station.campaigns.plan import Plan

SHOWN = 12
"""So many digits of a campaign's identity are shown; six are enough to name it."""

_LISTED = 40
_COLUMNS = ("runs of", "runs", "detected", "escaped", "passed", "false fails", "errors")
_LIST_COLUMNS = ("campaign", "plan", "runs", "of", "draw", "begun", "ended")

Store = Annotated[
    Path | None,
    typer.Option(
        "--store",
        envvar="STATION_STORE",
        help="folder of the record store; default: the user's data folder",
    ),
]
Named = Annotated[
    str,
    typer.Argument(help="beginning of its identity, or its plan's name; newest first"),
]

campaign_app = typer.Typer(
    help="Measure how many bad modules the plan lets through.", rich_markup_mode=None
)
campaign_app.command("report")(report_command)


@campaign_app.callback()
def campaign() -> None:
    """Measure how many bad modules the plan lets through, on the simulated bench."""


@campaign_app.command("run")
def run_command(
    plan: Annotated[str, typer.Argument(help="full, sample, or a plan file")],
    sequence: Annotated[
        str | None, typer.Option(help="only what this sequence has to catch and pass")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="a Dask scheduler's address; default: this machine"),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="processes; default: one a core")
    ] = None,
    draw_seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="draw other defects")
    ] = None,
    compiled: Annotated[
        bool, typer.Option(help="compile the instruments first; a campaign of its own")
    ] = False,
    store: Store = None,
) -> None:
    """Play a plan's runs, or those that are still missing, and count what they find.

    Exit codes: 0 no escape and no false fail, 1 some, 2 refused, 3 runs without a
    verdict, 4 stopped.
    """
    from station.campaigns.plan import load_plan
    from station.wiring import bare_argv

    if scheduler is not None and workers is not None:
        raise BadOption("--workers: the workers of --scheduler are its own; give one")
    chosen = load_plan(plan)
    if draw_seed is not None:
        chosen = chosen.drawn_with(draw_seed)
    if sequence is not None:
        chosen = chosen.narrowed(sequence)
    if compiled:
        from station.compiled.restart import restart_compiled

        restart_compiled()
    with bare_argv():  # Dask hands the arguments on to its workers
        code = _run(chosen, store_folder(store), scheduler, workers)
    raise typer.Exit(code)


@campaign_app.command("list")
def list_command(store: Store = None) -> None:
    """List the campaigns of the store, newest first."""
    from station.campaigns.results_store import list_campaigns
    from station.results.store import Store as RecordStore

    opened = RecordStore(store_folder(store))
    try:
        rows = [
            (
                facts.campaign_id[:SHOWN],
                facts.name,
                f"{facts.played}",
                f"{facts.planned}",
                "" if facts.draw_seed is None else f"{facts.draw_seed}",
                facts.begun_utc,
                facts.ended_utc,
            )
            for facts in list_campaigns(opened)
        ]
    finally:
        opened.close()
    show_table("Campaigns", _LIST_COLUMNS, rows)


@campaign_app.command("show")
def show_command(name: Named = "", store: Store = None) -> None:
    """Print what a campaign found; without a name, what the newest one found."""
    from station.campaigns.count import Tally
    from station.campaigns.results_store import (
        find_campaign,
        load_campaign,
        load_losses,
    )
    from station.results.store import Store as RecordStore

    opened = RecordStore(store_folder(store))
    tally = Tally()
    try:
        facts = find_campaign(opened, name)
        for job, played in load_campaign(opened, facts.campaign_id):
            tally.add(job, played)
        losses = load_losses(opened, facts.campaign_id)
    finally:
        opened.close()
    say(f"campaign {facts.campaign_id[:SHOWN]} ({facts.name}), begun {facts.begun_utc}")
    _show(tally)
    for key, reason in losses.items():
        complain(f"station: not played: {key}: {one_line(reason)}")
    missing = facts.planned - facts.played
    if missing:
        complain(f"station: {missing} of {facts.planned} runs are missing")
    raise typer.Exit(_exit_code(tally) or (EXIT_ERROR if missing else EXIT_PASS))


def _run(plan: Plan, folder: Path, scheduler: str | None, workers: int | None) -> int:
    from station.campaigns.campaign import run_campaign
    from station.results.store import Store as RecordStore
    from station.signals import StopSignals

    store = RecordStore(folder)
    try:
        with StopSignals() as signals:
            ended = run_campaign(
                plan,
                store,
                _crew_maker(scheduler, workers),
                lambda: signals.reason is not None,
            )
    finally:
        store.close()
    say(f"campaign {ended.campaign_id[:SHOWN]} ({plan.name})")
    _show(ended.tally)
    if ended.came_to_end:
        return _exit_code(ended.tally)
    complain(
        f"station: stopped by {signals.reason}; what came is stored, the same command"
        " goes on from there"
    )
    return EXIT_ABORTED


def _crew_maker(
    scheduler: str | None, workers: int | None
) -> Callable[[str], AbstractContextManager[Crew]]:
    try:
        from station.campaigns.crew import local_crew, scheduler_crew
    except ModuleNotFoundError as cause:
        raise BadOption(
            f"campaign: {cause.name} is not installed; pip install"
            " 'weco-test-station[campaign]'"
        ) from cause
    from station.campaigns.play import play

    if scheduler is not None:
        return lambda sha256: scheduler_crew(play, scheduler, sha256)
    return lambda sha256: local_crew(play, workers or os.cpu_count() or 1, sha256)


def _show(tally: Tally) -> None:
    """Print the counts by kind of run, their bounds, and each run that went wrong."""
    from station.campaigns.bound_lines import bound_lines

    rows = []
    for kind, count in [*sorted(tally.by_kind.items()), ("all", tally.total)]:
        numbers = [count.runs, count.detected, count.escaped, count.passed]
        numbers += [count.false_failed, count.errors]
        rows.append((kind, *(str(number) for number in numbers)))
    show_table("Runs", _COLUMNS, rows)
    for line in bound_lines(tally):
        say(line)
    for verdict, key, reason in sorted(tally.wrong)[:_LISTED]:
        say(f"{verdict}: {key}" + (f": {one_line(reason)}" if reason else ""))
    if len(tally.wrong) > _LISTED:
        say(f"and {len(tally.wrong) - _LISTED} more")


def _exit_code(tally: Tally) -> int:
    """Choose the exit code: what was found counts more than what is not known."""
    total = tally.total
    if total.escaped or total.false_failed:
        return EXIT_FAIL
    return EXIT_ERROR if total.errors else EXIT_PASS
