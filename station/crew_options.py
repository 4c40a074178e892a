"""Who plays a campaign: the options that say it, and the crew that comes of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from station.errors import BadOption

if TYPE_CHECKING:
    from station.campaigns.campaign import MakeCrew

SchedulerOption = Annotated[
    str | None,
    typer.Option(help="a Dask scheduler's address; default: this machine"),
]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, max=256, help="processes; default: one a core")
]
CompiledOption = Annotated[
    bool, typer.Option(help="compile the instruments first; a campaign of its own")
]


def check_crew(scheduler: str | None, workers: int | None) -> None:
    """Refuse options that contradict each other, before anything is compiled.

    Raises:
        BadOption: the workers of a scheduler are asked for.
    """
    if scheduler is not None and workers is not None:
        raise BadOption("--workers: the workers of --scheduler are its own; give one")


def restart_if_compiled(compiled: bool) -> None:
    """Compile the instruments and begin anew with them, where that is asked for."""
    if compiled:
        from station.compiled.restart import restart_compiled

        restart_compiled()


def crew_maker(command: str, scheduler: str | None, workers: int | None) -> MakeCrew:
    """Choose who plays: processes of this machine, or a scheduler's workers.

    Raises:
        BadOption: what a crew needs is not installed.
    """
    try:
        from station.campaigns.crew import local_crew, scheduler_crew
    except ModuleNotFoundError as cause:
        raise BadOption(
            f"{command}: {cause.name} is not installed; pip install"
            " 'weco-test-station[campaign]'"
        ) from cause
    from station.campaigns.play import play

    if scheduler is not None:
        return lambda sha256: scheduler_crew(play, scheduler, sha256)
    return lambda sha256: local_crew(play, workers or os.cpu_count() or 1, sha256)
