"""What the station itself refuses or cannot do, and the exit code of each.

StationError                    one clear line on stderr; never a traceback
├── Refused (2)                 before a record begins: nothing was energised
│   ├── BadSerial               the serial number is not one of ours
│   ├── BadOption               an option or a file that cannot be used
│   ├── NoSuchRun               nothing is stored under this name
│   └── StoreUnusable           the record store cannot be opened or begun
└── Unsure (3)                  the station does not know
    ├── BenchLocked             a person has to look at the bench first
    ├── RetestRefused           this serial has to wait, or was tested too often
    ├── NotStored               the record could not be stored or read back
    └── RecordDamaged           what is stored is not what was written
"""

from __future__ import annotations

from pathlib import PurePath

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_REFUSED = 2
EXIT_ERROR = 3
EXIT_ABORTED = 4

LONGEST_LINE = 800


class StationError(Exception):
    """Something the station says in one line; `exit_code` goes to the shell."""

    exit_code = EXIT_ERROR


class Refused(StationError):
    """Refused before a record begins."""

    exit_code = EXIT_REFUSED


class BadSerial(Refused):
    """The serial number does not have the form of the product's serial numbers."""


class BadOption(Refused):
    """An option, or a file named by one, cannot be used."""


class NoSuchRun(Refused):
    """Nothing is stored under this serial number or run id."""


class StoreUnusable(Refused):
    """The record store cannot be opened, or no record can begin in it."""


class Unsure(StationError):
    """The station does not know; a record says so where one could be written."""


class BenchLocked(Unsure):
    """An earlier run could not prove this bench dead."""


class RetestRefused(Unsure):
    """The serial number tripped too lately, or was tested too often."""


class NotStored(Unsure):
    """The record was not stored, or not read back as it was written."""


class RecordDamaged(Unsure):
    """A stored record does not have the hash that was confirmed for it."""


def escape(text: str, longest: int = 60) -> str:
    """Make any text printable on one line and at most `longest` characters long."""
    shown = text[: longest + 1].encode("unicode_escape", "surrogatepass").decode()
    if len(text) <= longest and len(shown) <= longest:
        return shown
    return f"{shown[:longest]}... ({len(text)} characters)"


def escape_path(path: PurePath, longest: int = 120) -> str:
    """Make a path printable on one line; of a long one its end is shown."""
    shown = escape(str(path), longest=100_000)
    return shown if len(shown) <= longest else f"...{shown[-longest:]}"


def one_line(error: BaseException | str) -> str:
    """Write an error as one line for the terminal; raw bytes in it are escaped."""
    text = str(error) or type(error).__name__
    text = " ".join(text.split())
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "replace").decode()
        for c in text
    )[:LONGEST_LINE]


def describe(error: BaseException) -> str:
    """Write an error for people; what none of our families foresees is our fault."""
    if _is_foreseen(error):
        return one_line(error)
    if isinstance(error, OSError):
        return f"the system refused: {one_line(error)}; check disk and permissions"
    return f"internal error, {type(error).__name__}: {one_line(error)}; report it"


def _is_foreseen(error: BaseException) -> bool:
    """Tell whether the error's text already says what, where and what to do next."""
    from instruments.errors import BenchFileError, InstrumentError, StopRequested
    from limits.errors import LimitFileError

    families = (
        StationError,
        InstrumentError,
        BenchFileError,
        LimitFileError,
        StopRequested,
    )
    return isinstance(error, families)
