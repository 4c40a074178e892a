"""Tell a run that is still going from one whose process died.

Each run holds an advisory lock on a file in its folder. The kernel lets go of it when
the process ends, however it ends, so a lock that can be taken means a dead run; a pid
could have been given to another process meanwhile.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover  Windows: no run is ever taken for dead
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = "alive.lock"


class AliveLock:
    """Shows other processes that this run is going on, until released."""

    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / LOCK_NAME
        self._file: IO[str] | None = self._path.open("w", encoding="ascii")
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Let go of the lock and take the file away; does nothing the second time."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None


def is_alive(run_folder: Path) -> bool:
    """Tell whether the process of this run still lives."""
    path = run_folder / LOCK_NAME
    try:
        with path.open("r", encoding="ascii") as file:
            if fcntl is None:  # pragma: no cover
                return True
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
