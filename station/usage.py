"""Run the typer application so that a wrong option costs one line and exit code 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from station.errors import EXIT_ABORTED, EXIT_REFUSED, one_line
from station.output import complain, say


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run the application on these arguments and return its exit code."""
    command = typer.main.get_command(app)
    try:
        code: Any = command.main(
            list(arguments), prog_name="station", standalone_mode=False
        )
    except typer.Abort:
        complain("station: stopped before a record began")
        return EXIT_ABORTED
    except Exception as error:
        return _refuse_usage(error)
    return code if isinstance(code, int) else 0


def _refuse_usage(error: Exception) -> int:
    """Turn the parser's complaint into one line; let every other error pass."""
    # Typer carries its own copy of the parser since 0.17 and used another package
    # before; both give usage errors this method, and nothing else has it.
    format_message = getattr(error, "format_message", None)
    if format_message is None:
        raise error
    message = format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message)
    else:
        complain(f"station: {one_line(message)}; see `station --help`")
    return EXIT_REFUSED
