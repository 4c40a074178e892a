"""What can be wrong with a limit file, or with a value that is held against a limit.

LimitFileError      a file that cannot be used: file, table and key, reason
└── UnknownLimit    a name that the file does not have
LimitError          a value that no limit can judge: NaN, None, an empty series
"""

from __future__ import annotations


class LimitFileError(ValueError):
    """A limit file cannot be used.

    Args:
        file: the file's name as given.
        where: table and key, for instance ``over_voltage.trip_v.low``.
        why: what is wrong and what to write instead.
    """

    def __init__(self, file: str, where: str, why: str) -> None:
        super().__init__(file, where, why)
        self.file = file
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.why}"


class UnknownLimit(LimitFileError, KeyError):
    """The limit set has no limit of this name."""


class LimitError(ValueError):
    """A value cannot be judged; the station does not know, so nothing passes."""
