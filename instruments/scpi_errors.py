"""Turn what pyvisa and its backends throw into the station's own errors.

One resource may raise VisaIOError, InvalidSession, several OSErrors, UnicodeError
and, while opening, a bare Exception (instruments.md section 4, trap 12).
"""

from __future__ import annotations

from pyvisa.constants import StatusCode
from pyvisa.errors import InvalidSession, UnknownHandler, VisaIOError

from instruments.errors import BadReply, InstrumentError, NotConnected, ReplyTimeout

_MOST_SHOWN = 200
_REOPEN = "reopen the session; if it happens again check cable, power and address"

FOREIGN: tuple[type[Exception], ...] = (
    VisaIOError,
    InvalidSession,
    UnknownHandler,
    UnicodeError,
    NotImplementedError,
    OSError,
)
"""What an exchange may throw that is not ours; nothing else is translated."""


def translate(role: str, doing: str, error: Exception) -> InstrumentError:
    """Translate a foreign error that `doing` something with `role` has raised."""
    kind = _kind(error)
    if kind is ReplyTimeout:
        return ReplyTimeout(role, f"no answer to {doing}", _REOPEN)
    what = f"{doing}: {type(error).__name__}: {error}".replace("\n", " ")
    return kind(role, what, _REOPEN)


def _kind(error: Exception) -> type[InstrumentError]:
    if isinstance(error, VisaIOError):
        return (
            ReplyTimeout
            if error.error_code == StatusCode.error_timeout
            else NotConnected
        )
    if isinstance(error, TimeoutError):
        return ReplyTimeout
    if isinstance(error, UnicodeError):
        return BadReply
    return NotConnected


def stood_still(role: str, doing: str, took_us: int) -> ReplyTimeout:
    """Refuse an answer that was read long after it was asked for [µs]."""
    return ReplyTimeout(
        role,
        f"{doing} took {took_us / 1e6:.1f} s although its answer came",
        "find out what held this computer up, then start again",
    )


def shown(reply: str) -> str:
    """Show a reply in a message, however long it is."""
    return repr(reply) if len(reply) <= _MOST_SHOWN else f"{reply[:_MOST_SHOWN]!r}..."
