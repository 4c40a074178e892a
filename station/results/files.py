"""Bring files to the disk so that a power cut cannot leave half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the platform can."""
    if os.name == "posix":
        sync_file(folder)


def store_json(
    path: Path, document: Mapping[str, Any], *, replace: bool = False
) -> None:
    """Store a document as a JSON file: written beside it, synced, then renamed.

    It is a new file unless `replace` is set; then the old one stays until the end.

    Raises:
        FileExistsError: there is such a file; it is untouched.
        OSError: the folder or the disk refused; nothing is left behind.
    """
    if not replace:
        path.open("x").close()  # the name is ours from here on
    try:
        _replace_with_json(path, document)
    except BaseException:
        if not replace:
            path.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _replace_with_json(path: Path, document: Mapping[str, Any]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            json.dump(document, stream, indent=1, allow_nan=False)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def sync_traces(files: Sequence[Path], folder: Path) -> None:
    """Bring a run's trace files, and their names, to the disk.

    Raises:
        OSError: a file is missing or the disk refused.
    """
    for file in files:
        sync_file(file)
    sync_folder(folder)
