"""`station faults`: what happens when it breaks, tried out on the simulated bench."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.errors import BadOption, escape
from station.kill_command import kill
from station.output import complain, say
from station.tables import show_table

SHORT_SEQUENCES = ("over_voltage", "over_current", "forced_charge", "parallel_start")
ALL = "all"

faults_app = typer.Typer(
    help="Let things break on the simulated bench and see what the station does.",
    rich_markup_mode=None,
)


@faults_app.callback()
def faults() -> None:
    """Let things break on the simulated bench and see what the station does."""


faults_app.command("kill")(kill)


@faults_app.command("run")
def run_command(
    sequences: Annotated[
        list[str] | None,
        typer.Argument(help=f"sequences; default: {' '.join(SHORT_SEQUENCES)}"),
    ] = None,
    sequence: Annotated[
        list[str] | None, typer.Option(help="a sequence; may be repeated")
    ] = None,
    kinds: Annotated[
        str, typer.Option(help="kinds of faults, separated by commas; default: all")
    ] = "",
    points: Annotated[
        str, typer.Option(help="all, or how many cases to draw over all sequences")
    ] = ALL,
    jobs: Annotated[int, typer.Option(min=0, help="processes; 0: this one")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="draws passes and cases")] = 1,
    module: Annotated[
        int | None, typer.Option(min=0, help="draw a module; default: the nominal one")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="keep results here and go on from them")
    ] = None,
) -> None:
    """Play a run for every fault at every point and check the invariants.

    With one process or more a run is split at each fault; with 0 each is played whole.

    Exit codes: 0 no violation, 1 violations, or with all points a kind, a seam or a
    call site at which nothing had an effect, 2 refused.
    """
    from station.faults.campaign import Order, plan_campaign, run_campaign
    from station.faults.parts import StationParts
    from station.faults.progress_bar import CampaignProgress
    from station.faults.quiet import drop_logs

    named = [*(sequences or ()), *(sequence or ())] or list(SHORT_SEQUENCES)
    order = Order(
        sequences=_checked(named),
        kinds=[kind.strip() for kind in kinds.split(",") if kind.strip()],
        sample=_sample(points),
        jobs=jobs,
        seed=seed,
        module=module,
        resume=resume,
    )
    parts = StationParts()
    drop_logs()
    campaign = plan_campaign(order, parts)
    with CampaignProgress() as progress:
        run_campaign(campaign, parts, progress.tell)
    raise typer.Exit(_report(campaign))


@faults_app.command("replay")
def replay_command(
    case: Annotated[str, typer.Argument(help="the case, as the campaign printed it")],
) -> None:
    """Play one case again and tell what happened, in order.

    Exit codes: 0 no violation, 1 violations, 2 refused.
    """
    from station.faults.cases import parse_case
    from station.faults.parts import StationParts
    from station.faults.quiet import drop_logs
    from station.faults.replay import replay

    found = parse_case(case)
    _checked([found.sequence])
    drop_logs()
    try:
        lines, broken = replay(found, StationParts())
    except ValueError as error:
        raise BadOption(f"case {escape(case)}: {error}") from error
    for line in lines:
        say(line)
    raise typer.Exit(1 if broken else 0)


@faults_app.command("kinds")
def kinds_command() -> None:
    """List the kinds of faults: what each is, and at which seams it makes sense."""
    from instruments.sim.faults.kinds import load_kinds

    rows = [
        (kind.name, ", ".join(kind.persistence), ", ".join(kind.seams), kind.text)
        for kind in load_kinds().values()
    ]
    show_table("Kinds of faults", ("kind", "how long", "seams", "what happens"), rows)
    say("once: at one call only, the CALL in the name of a case")
    say(
        "on: from that call on, at every call of the same seam and instrument"
        " (killed: at every call; disk_full: at every write of the record)"
    )


def _report(campaign: object) -> int:
    """Print the tables; return the exit code."""
    from station.faults import report
    from station.faults.campaign import Campaign

    assert isinstance(campaign, Campaign)  # noqa: S101  imported late
    show_table("Sequences", report.SEQUENCE_COLUMNS, report.sequence_rows(campaign))
    show_table("Kinds", report.KIND_COLUMNS, report.kind_rows(campaign))
    for line in report.invariant_lines(campaign):
        say(line)
    idle = report.idle(campaign)
    for what in idle:
        complain(f"station: {what}: no case had an effect, so nothing was tested there")
    for line in report.broken_lines(campaign):
        say(line)
    return 1 if campaign.broken or (idle and campaign.whole) else 0


def _checked(names: list[str]) -> list[str]:
    from station.wiring import check_sequence

    return [check_sequence(name) for name in dict.fromkeys(names)]


def _sample(points: str) -> int | None:
    """Read `--points`.

    Raises:
        BadOption: neither "all" nor a number from 1.
    """
    if points == ALL:
        return None
    if not points.isascii() or not points.isdigit() or int(points) < 1:
        raise BadOption(f"points {escape(points)}: write all, or a number from 1")
    return int(points)
