"""Completeness: a run is judged by every limit that the station knows, and no other.

A file that lacks a limit would leave something unjudged, and one with a limit of its
own would name something that nobody measures; both are refused before a record begins.
"""

from __future__ import annotations

from limits.errors import LimitFileError
from limits.limit import Limit
from limits.limit_set import LimitSet
from limits.load import load_limits, shipped_file


def check_complete(limits: LimitSet, sequence: str = "eol") -> None:
    """Check that a set holds neither more nor less than a sequence's shipped limits.

    Raises:
        LimitFileError: the first limit that is missing or that nothing judges.
    """
    file = shipped_file(sequence)
    shipped = load_limits(file)
    for name, limit in shipped.items():
        if name not in limits:
            raise _refusal(
                limits,
                limit,
                f'missing; write extends = "{file.name}" at the top and only what'
                " differs",
            )
    for name, limit in limits.items():
        if name not in shipped:
            raise _refusal(
                limits, limit, "nothing measures it; see: station limits show"
            )


def _refusal(limits: LimitSet, limit: Limit, why: str) -> LimitFileError:
    key = limit.name.removeprefix(f"{limit.behaviour}_")
    return LimitFileError(limits.name, f"{limit.behaviour}.{key}", why)
