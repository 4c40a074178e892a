"""Tables: whole for a person, one line a row for a pipe."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from station.tables import show_table

ROWS = [("over_voltage_trip_v", "58.7 .. 59.1 V"), ("note", "[bold] is no markup")]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_pipe_gets_one_line_a_row() -> None:
    """Another program could not read the table."""
    with redirect_stdout(io.StringIO()) as pipe:
        show_table("Limits", ("name", "limit"), ROWS)
    assert pipe.getvalue().splitlines() == [
        "name\tlimit",
        "over_voltage_trip_v\t58.7 .. 59.1 V",
        "note\t[bold] is no markup",
    ]


def test_terminal_gets_a_table_with_every_word() -> None:
    """A cell would be cut off, or read as markup."""
    with redirect_stdout(Terminal()) as terminal:
        show_table("Limits", ("name", "limit"), ROWS)
    shown = terminal.getvalue()
    assert "Limits" in shown
    for row in ROWS:
        assert all(cell in shown for cell in row)
