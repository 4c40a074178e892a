"""Write lines for people: answers to stdout, complaints to stderr.

A stream that nobody reads any more (`| head -1`, a closed terminal, a full disk) costs
its text and nothing else: the record is stored, and the exit code stays what it is.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

_LAYOUT = "\n\t"


def say(text: str) -> None:
    """Write an answer."""
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """Write one line about what went wrong."""
    _write(sys.stderr, text)


def without_controls(text: str) -> str:
    """Escape what a terminal would obey: files and devices write texts of ours."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _LAYOUT else _escaped(c) for c in text)


def stand_in_for_closed_streams() -> None:
    """Open the null device for a standard stream that the caller had closed.

    Otherwise the record store could be given the number of a standard stream.
    """
    if sys.stdout is None:
        sys.stdout = _null_stream()
    if sys.stderr is None:
        sys.stderr = _null_stream()


def give_up(stream: TextIO) -> None:
    """Let what is still buffered go to the null device, so that nothing fails later."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())
        finally:
            os.close(null)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    # A console that cannot show a character must not cost the verdict.
    shown = without_controls(text).encode(encoding, "replace").decode(encoding)
    try:
        stream.write(shown + "\n")
        stream.flush()
    except (OSError, ValueError):
        give_up(stream)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def _null_stream() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")
