"""Read a TOML file that a user gave: a plain file, not too long, and nothing else.

A pipe would hold the station up, a device would fill its memory, and the parser gives
up on deep nesting and long numbers with errors that are not its own.
"""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError

LONGEST_FILE = 1_000_000
_LARGEST = 2**63 - 1
"""TOML's own range; a longer integer does not fit a float either."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read one TOML file.

    Raises:
        BenchFileError: not there, no plain file, too long, not text, not TOML, or an
            integer of more than 64 bits.
    """
    try:
        text = _read_plain(path).decode("utf-8")
        content = tomllib.loads(text)
    except RecursionError:
        why = "is not TOML: nested too deep; compare with a shipped one"
        raise BenchFileError(str(path), "file", why) from None
    except ValueError as cause:  # the parser's own and those of long numbers
        why = f"is not TOML ({cause}); correct it"
        raise BenchFileError(str(path), "file", why) from cause
    _refuse_long_integers(path, content)
    return content


def _read_plain(path: Path) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise BenchFileError(str(path), "file", "is no plain file; name another")
        if found.st_size > LONGEST_FILE:
            why = f"is too long ({found.st_size} bytes); at most {LONGEST_FILE}"
            raise BenchFileError(str(path), "file", why)
        return path.read_bytes()
    except OSError as cause:
        raise BenchFileError(
            str(path), "file", f"cannot be read ({cause.strerror}); check the path"
        ) from cause


def _refuse_long_integers(path: Path, content: dict[str, Any]) -> None:
    """Look at every value, without recursion: the parser let it be nested."""
    waiting: list[tuple[str, Any]] = list(content.items())
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{where}.{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(where, item) for item in value]
        elif isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
            why = "is longer than 64 bits; write a shorter number"
            raise BenchFileError(str(path), where, why)
