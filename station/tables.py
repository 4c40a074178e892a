"""Tables on the terminal: drawn for a person, plain lines for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from station.output import say, without_controls


def show_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Show rows of text; a pipe gets one tab-separated line a row and no title."""
    if not sys.stdout.isatty():
        say("\t".join(columns))
        for row in rows:
            say("\t".join(map(_cell, row)))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(_cell(title)), title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(escape(_cell(cell)) for cell in row))
    Console().print(table)


def _cell(text: str) -> str:
    """Write a text of some file as one cell: nothing that a terminal would obey."""
    return without_controls(" ".join(text.split()))
