"""Write lines for people: answers to stdout, complaints to stderr."""

from __future__ import annotations

import sys
from typing import TextIO


def say(text: str) -> None:
    """Write an answer."""
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """Write one line about what went wrong."""
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    # A console that cannot show a character must not cost the verdict.
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
