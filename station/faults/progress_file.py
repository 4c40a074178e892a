"""Remember played cases in a file, so that a campaign can be taken up again.

One JSON line a case, behind the fingerprint of the program that played it: results of
another version of the station are left in the file and not taken for ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

from station.errors import BadOption, escape
from station.faults.result import CaseResult, parse_result

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("station", "phases", "instruments", "limits")
_ENDINGS = ("*.py", "*.toml", "*.dbc", "*.csv")


def program_fingerprint(root: Path = _ROOT) -> str:
    """Hash every file that decides what a case does [sha256, hex, 16 digits]."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for ending in _ENDINGS:
            for file in sorted((root / package).rglob(ending)):
                digest.update(file.relative_to(root).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


class ProgressFile:
    """Played cases of this version of the program; None keeps nothing.

    Raises:
        BadOption: the file cannot be opened.
    """

    def __init__(self, path: Path | None, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._file: IO[str] | None = None
        self.known: dict[str, CaseResult] = {}
        if path is None:
            return
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            self._read(text.splitlines())
            self._file = path.open("a", encoding="utf-8")
            if text and not text.endswith("\n"):  # cut off while it wrote a line
                self._file.write("\n")
        except OSError as cause:
            raise BadOption(
                f"{escape(str(path))}: cannot be used ({cause.strerror});"
                " name another file for --resume"
            ) from cause

    def keep(self, result: CaseResult) -> None:
        """Keep one result; on disk before the next case is counted."""
        if self._file is not None:
            self._file.write(f"{self._fingerprint} {result.line()}\n")
            self._file.flush()

    def __enter__(self) -> ProgressFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            fingerprint, _, text = line.partition(" ")
            if fingerprint != self._fingerprint:
                continue
            try:
                result = parse_result(text)
            except (ValueError, TypeError, KeyError, json.JSONDecodeError):
                continue
            self.known[result.name] = result
