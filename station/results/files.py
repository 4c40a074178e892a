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


def store_json(path: Path, document: Mapping[str, Any]) -> None:
    """Store a document as JSON: written beside the target, synced, then renamed.

    Raises:
        OSError: the folder or the disk refused; the old file, if any, is untouched.
    """
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
    sync_folder(path.parent)


def sync_traces(files: Sequence[Path], folder: Path) -> None:
    """Bring a run's trace files, and their names, to the disk.

    Raises:
        OSError: a file is missing or the disk refused.
    """
    for file in files:
        sync_file(file)
    sync_folder(folder)
