"""Write the record once more, where `--record` says.

It replaces an earlier copy of a record or an empty file, and nothing else.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from station.errors import EXIT_ERROR, BadOption, escape_path
from station.output import complain
from station.results.files import store_json

_OURS = ("schema", "run_id", "evidence_sha256")


def check_record_target(path: Path, store: Path) -> None:
    """Check that a record may be written to a path.

    Raises:
        BadOption: it is something else's place, or there is no such folder.
    """
    if os.path.lexists(path) and not _is_replaceable(path):
        raise BadOption(
            f"{escape_path(path)}: is there already and is no record; name another file"
        )
    if path.resolve().is_relative_to(store.resolve()):
        raise BadOption(
            f"{escape_path(path)}: lies within the record store; name a file elsewhere"
        )
    if not path.absolute().parent.is_dir():
        raise BadOption(
            f"{escape_path(path)}: no record can be written there; name a file in a"
            " folder that exists"
        )


def write_record_copy(path: Path, record: dict[str, Any], exit_code: int) -> int:
    """Write the copy; return the exit code, ERROR's if it could not be written."""
    try:
        store_json(
            path, record, replace=os.path.lexists(path) and _is_replaceable(path)
        )
    except OSError as error:
        complain(
            f"station: {escape_path(path)}: the copy of the record could not be written"
            f" ({error.strerror}); it is stored, `station show` prints it"
        )
        return EXIT_ERROR
    return exit_code


def _is_replaceable(path: Path) -> bool:
    """Tell whether a path holds an empty file or an earlier record."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        if path.stat().st_size == 0:
            return True
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and all(key in found for key in _OURS)
