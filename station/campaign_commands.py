"""`station campaign`: how many bad modules the plan lets through, and good ones fails.

Exit codes: 0 no escape and no false fail, 1 some, 2 refused, 3 runs without a verdict
or a campaign that cannot go on, 4 stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.campaign_report_command import report_command
from station.commands import StoreOption, store_folder
from station.crew_options import (
    CompiledOption,
    SchedulerOption,
    WorkersOption,
    check_crew,
    crew_maker,
    restart_if_compiled,
)
from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_FAIL,
    EXIT_PASS,
    one_line,
)
from station.output import complain, say
from station.tables import show_table

if TYPE_CHECKING:
    from station.campaigns.count import Tally
    from station.campaigns.plan import Plan

SHOWN = 12
"""So many digits of a campaign's identity are shown; six are enough to name it."""

_LISTED = 40
_COLUMNS = ("runs of", "runs", "detected", "escaped", "passed", "false fails", "errors")
_LIST_COLUMNS = ("campaign", "plan", "runs", "of", "draw", "begun", "ended")

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
    plan: Annotated[str, typer.Argument(help="full, release, sample, or a plan file")],
    sequence: Annotated[
        str | None, typer.Option(help="only what this sequence has to catch and pass")
    ] = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    draw_seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="draw other defects")
    ] = None,
    compiled: CompiledOption = False,
    store: StoreOption = None,
) -> None:
    """Play a plan's runs, or those that are still missing, and count what they find.

    Exit codes: 0 no escape and no false fail, 1 some, 2 refused, 3 runs without a
    verdict, 4 stopped.
    """
    from station.campaigns.plan import load_plan
    from station.wiring import bare_argv

    check_crew(scheduler, workers)
    chosen = load_plan(plan)
    if draw_seed is not None:
        chosen = chosen.drawn_with(draw_seed)
    if sequence is not None:
        chosen = chosen.narrowed(sequence)
    restart_if_compiled(compiled)
    with bare_argv():  # Dask hands the arguments on to its workers
        code = _run(chosen, store_folder(store), scheduler, workers)
    raise typer.Exit(code)


@campaign_app.command("list")
def list_command(store: StoreOption = None) -> None:
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
def show_command(name: Named = "", store: StoreOption = None) -> None:
    """Print what a campaign found; without a name, what the newest one found."""
    from station.campaigns.count import Tally
    from station.campaigns.lost import load_counted
    from station.campaigns.results_store import find_campaign
    from station.results.store import Store as RecordStore

    opened = RecordStore(store_folder(store))
    tally = Tally()
    try:
        facts = find_campaign(opened, name)
        for job, played in load_counted(opened, facts.campaign_id):
            tally.add(job, played)
    finally:
        opened.close()
    say(f"campaign {facts.campaign_id[:SHOWN]} ({facts.name}), begun {facts.begun_utc}")
    _show(tally)
    missing = facts.planned - tally.total.runs
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
                crew_maker("campaign", scheduler, workers),
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
    for result, key, reason in sorted(tally.wrong)[:_LISTED]:
        say(
            f"{result.replace('_', ' ')}: {key}"
            + (f": {one_line(reason)}" if reason else "")
        )
    if len(tally.wrong) > _LISTED:
        say(f"and {len(tally.wrong) - _LISTED} more")


def _exit_code(tally: Tally) -> int:
    """Choose the exit code: what was found counts more than what is not known."""
    total = tally.total
    if total.escaped or total.false_failed:
        return EXIT_FAIL
    return EXIT_ERROR if total.errors else EXIT_PASS
