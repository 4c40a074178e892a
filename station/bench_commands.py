"""`station bench`: what a person does about a bench between runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.errors import BadOption, escape
from station.output import say

bench_app = typer.Typer(help="Look after a bench between runs.", rich_markup_mode=None)


@bench_app.callback()
def bench() -> None:
    """Look after a bench between runs."""


@bench_app.command("unlock")
def unlock_command(
    name: Annotated[str, typer.Argument(help="the bench, by its file's name key")],
    operator: Annotated[str, typer.Option(help="who looked at the bench")],
    reason: Annotated[str, typer.Option(help="why it is safe to use again")],
    store: Annotated[
        Path | None, typer.Option(envvar="STATION_STORE", help="the record store")
    ] = None,
) -> None:
    """Unlock a bench that a run could not prove dead."""
    from station.bench_lock import read_lock, unlock
    from station.commands import store_folder
    from station.results.store import Store

    for what, text in (("operator", operator), ("reason", reason)):
        if not text.strip() or not text.isprintable():
            raise BadOption(f"{what} '{escape(text)}': write who or why, in words")
    opened = Store(store_folder(store))
    try:
        lock = read_lock(opened, name)
        if lock is None:
            raise BadOption(f"bench {escape(name)}: is not locked")
        unlock(opened, name, operator, reason)
    finally:
        opened.close()
    say(f"bench {name}: unlocked by {operator}; it was locked since {lock[0]}")
