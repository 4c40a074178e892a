"""Read a text file that a user gave: a plain file, not too long, and nothing else."""

from __future__ import annotations

import stat
from pathlib import Path

from limits.errors import LimitFileError

LONGEST_FILE = 1_000_000


def read_text(path: Path, what: str, longest: int = LONGEST_FILE) -> str:
    """Read a file as UTF-8 text.

    Args:
        path: the file.
        what: what to give instead, for the message.
        longest: the most bytes that it may have.

    Raises:
        LimitFileError: not there, no plain file (a pipe would hold the station up, a
            device would fill its memory), too long, or not text.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise LimitFileError(str(path), "file", f"is no plain file; give {what}")
        if found.st_size > longest:
            why = f"is too long ({found.st_size} bytes); give {what}"
            raise LimitFileError(str(path), "file", why)
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        why = f"cannot be read ({error.strerror}); give {what}"
        raise LimitFileError(str(path), "file", why) from error
    except UnicodeDecodeError as error:
        raise LimitFileError(path.name, "file", "is not UTF-8 text") from error
