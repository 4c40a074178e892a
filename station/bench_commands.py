"""`station bench`: what a person does about a bench between runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.commands import StoreOption, store_folder
from station.errors import BadOption, escape
from station.operator_name import check_operator, is_one_text
from station.output import say

_LONGEST_NAME = 128
_LONGEST_REASON = 400

bench_app = typer.Typer(help="Look after a bench between runs.", rich_markup_mode=None)


@bench_app.callback()
def bench() -> None:
    """Look after a bench between runs."""


@bench_app.command("unlock")
def unlock_command(
    name: Annotated[str, typer.Argument(help="the bench, by its file's name key")],
    operator: Annotated[str, typer.Option(help="who looked at the bench")],
    reason: Annotated[str, typer.Option(help="why it is safe to use again")],
    store: StoreOption = None,
) -> None:
    """Unlock a bench that a run could not prove dead."""
    from station.bench_lock import read_lock, unlock
    from station.results.store import Store

    check_operator(operator)
    if not is_one_text(reason) or len(reason) > _LONGEST_REASON:
        raise BadOption(f"reason '{escape(reason)}': write why, in words on one line")
    if not is_one_text(name) or len(name) > _LONGEST_NAME:
        raise BadOption(f"bench {escape(name)}: is not locked")  # no bench is named so
    opened = Store(store_folder(store))
    try:
        lock = read_lock(opened, name)
        if lock is None:
            raise BadOption(f"bench {escape(name)}: is not locked")
        unlock(opened, name, operator, reason)
    finally:
        opened.close()
    say(f"bench {name}: unlocked by {operator}; it was locked since {lock[0]}")


@bench_app.command("serve")
def serve_command(
    file: Annotated[Path, typer.Argument(help="bench file of a bench on loopback")],
    state: Annotated[
        Path | None, typer.Option(help="state in which the simulated module starts")
    ] = None,
    defect: Annotated[
        list[Path] | None, typer.Option(help="defect file; may be repeated")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="draw a module from the population")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="CSV file for what really happens")
    ] = None,
    control: Annotated[
        bool, typer.Option("--control", help="take cut, mute, mend ROLE from stdin")
    ] = False,
) -> None:
    """Serve the simulated bench on loopback sockets, in real time."""
    from station.serve import serve

    serve(
        file,
        state=state,
        defects=tuple(defect or ()),
        seed=seed,
        truth=truth,
        control=control,
    )
