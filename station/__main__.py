"""The entry point: exit codes, and one line instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_REFUSED,
    StationError,
    describe,
    one_line,
)
from station.output import complain, say, stand_in_for_closed_streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the station's command line and return its exit code."""
    if arguments is not None:
        return answer(arguments)
    stand_in_for_closed_streams()
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
    from instruments.errors import BenchFileError
    from limits.errors import LimitFileError

    complain(f"station: {describe(error)}")
    unusable = isinstance(error, (BenchFileError, LimitFileError))
    return EXIT_REFUSED if unusable else EXIT_ERROR


if __name__ == "__main__":
    sys.exit(main())
