"""Limits: what a measurement is judged against, and where each number comes from.

A limit file is TOML: a table per behaviour, a line per limit. Overlays
(``extends = "..."``) say only what differs. Nothing here knows an instrument.
"""

from limits.errors import LimitError, LimitFileError, UnknownLimit
from limits.limit import STATUSES, Limit
from limits.limit_set import LimitSet
from limits.load import DEFAULT_FILE, load_limits

__all__ = [
    "DEFAULT_FILE",
    "STATUSES",
    "Limit",
    "LimitError",
    "LimitFileError",
    "LimitSet",
    "UnknownLimit",
    "load_limits",
]
