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
    if arguments is not None:
        return answer(arguments)
    given = sys.argv[1:]
    if given[:1] != ["run"]:
        return answer(given)
    from station.signals import StopSignals

    # From here to the end of the process a signal is a request, never a kill.
    with StopSignals() as signals:
        code = answer(given)
        signals.ignore()
    return code


def answer(given: Sequence[str]) -> int:
    """Answer one command line; whatever goes wrong costs one line on stderr."""
    if list(given) == ["--version"]:
        from station.version import read_version

        say(f"station {read_version()}")
        return 0
    try:
        return _run(list(given))
    except StationError as error:
        complain(f"station: {one_line(error)}")
        return error.exit_code
    except KeyboardInterrupt:
        complain("station: stopped before a record began")
        return EXIT_ABORTED
    except Exception as error:  # whatever it is: one line, and not a PASS
        return _explain(error)


def _run(given: list[str]) -> int:
    from station.cli import build_app
    from station.usage import run_app

    return run_app(build_app(given), given)


def _explain(error: Exception) -> int:
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
