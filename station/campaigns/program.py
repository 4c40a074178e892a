"""Say by hashes which program a campaign plays, so that two are never mixed.

The identity of a campaign is the hash of its plan and of every file that decides what
a run does and how it is judged: the simulated bench, phases, limits, the verdict, the
catalogue. What only shows or stores results is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from station.canonical import canonical_json, plain, sha256_file, sha256_text
from station.compiled.restart import is_compiled

ROOT = Path(__file__).resolve().parents[2]
Stamps = tuple[tuple[str, int, int], ...]
_ENDINGS = frozenset({".py", ".toml", ".dbc", ".csv", ".h"})
_WHOLE_FOLDERS = (
    "instruments",
    "limits",
    "phases",
    "station/defects/catalogue",
    "station/benches",
    "station/states",
)
_STATION_FILES = (
    "station/canonical.py",
    "station/errors.py",
    "station/ports.py",
    "station/verdict.py",
    "station/wiring.py",
    "station/campaigns/job.py",
    "station/campaigns/jobs.py",
    "station/campaigns/play.py",
    "station/campaigns/entry.py",
    "station/campaigns/catalogue.py",
    "station/campaigns/distribution.py",
    "station/qualify/firmware_file.py",
    "station/qualify/ownership.py",
)
_STATION_PATTERNS = ("station/campaigns/draw*",)


def program_hashes(root: Path = ROOT) -> dict[str, str]:
    """Hash each file that decides a result [sha256, hex], by its name."""
    hashes = {
        path.relative_to(root).as_posix(): sha256_file(path)
        for path in _deciding_files(root)
    }
    if is_compiled():  # the same sources, but another program
        hashes["compiled"] = sha256_file(root / "station/compiled/compiled.toml")
    return hashes


def _deciding_files(root: Path) -> list[Path]:
    found = [root / name for name in _STATION_FILES]
    for folder in _WHOLE_FOLDERS:
        found += [p for p in (root / folder).rglob("*") if p.suffix in _ENDINGS]
    for pattern in _STATION_PATTERNS:
        found += [p for p in root.glob(pattern) if p.suffix in _ENDINGS]
    return [path for path in sorted(found) if path.is_file()]


def fold(hashes: Mapping[str, str]) -> str:
    """Hash all the hashes into one [sha256, hex]."""
    return sha256_text(canonical_json(dict(hashes)))


@lru_cache(maxsize=1)
def program_sha256() -> str:
    """Hash the program that this process plays [sha256, hex]; read once."""
    program_stamps()
    return fold(program_hashes())


@lru_cache(maxsize=1)
def program_stamps() -> Stamps:
    """Read the stamps of the files as they were when they were hashed."""
    return read_stamps()


def read_stamps(root: Path = ROOT) -> Stamps:
    """Read time [ns] and size of each file that decides a result, by its path."""
    stamps = []
    for path in _deciding_files(root):
        found = path.stat()
        stamps.append((str(path), found.st_mtime_ns, found.st_size))
    return tuple(stamps)


def is_unchanged() -> bool:
    """Tell whether every file still is the one that was hashed.

    Data files are read anew for every run: one that is saved while a campaign plays
    would mix two programs under one name.
    """
    try:
        return read_stamps() == program_stamps()
    except OSError:  # one is gone
        return False


def campaign_identity(plan: Mapping[str, Any], program: Mapping[str, str]) -> str:
    """Hash plan and program into the identity of a campaign [sha256, hex]."""
    return sha256_text(
        canonical_json({"plan": plain(dict(plan)), "program": dict(program)})
    )
