"""The entry point: exit codes, and one line instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_REFUSED,
    StationError,
    one_line,
)
from station.output import complain, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the station's command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        from station.version import read_version

        say(f"station {read_version()}")
        return 0
    try:
        return _run(given)
    except StationError as error:
        complain(f"station: {one_line(error)}")
        return error.exit_code
    except KeyboardInterrupt:
        complain("station: stopped before a record began")
        return EXIT_ABORTED
    except Exception as error:  # whatever it is: one line, and not a PASS
        return _answer(error)


def _run(given: list[str]) -> int:
    from station.cli import build_app
    from station.usage import run_app

    return run_app(build_app(given), given)


def _answer(error: Exception) -> int:
    """Say what went wrong, and choose the exit code by the family it belongs to."""
    from instruments.errors import BenchFileError, InstrumentError
    from limits.errors import LimitFileError

    if isinstance(error, (BenchFileError, LimitFileError)):
        complain(f"station: {one_line(error)}")
        return EXIT_REFUSED
    if isinstance(error, InstrumentError):
        complain(f"station: {one_line(error)}")
        return EXIT_ERROR
    kind = type(error).__name__
    complain(f"station: internal error, {kind}: {one_line(error)}; report it")
    return EXIT_ERROR


if __name__ == "__main__":
    sys.exit(main())
