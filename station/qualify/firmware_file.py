"""Read a firmware file: what runs in the module under test of a qualification.

station/firmware/README.md says how one is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.sim.defects import Change
from instruments.sim.firmware import Firmware
from instruments.toml_file import read_toml
from phases.release_image import ReleaseImage, load_release_image
from station.canonical import canonical_json, plain, sha256_file, sha256_text
from station.qualify.ownership import FIRMWARE_PARTS, belongs_to_firmware

PYTHON, SHARED_LIBRARY = "python", "shared_library"
KINDS = (PYTHON, SHARED_LIBRARY)
SHOWN = 12
"""So many digits of a digest name a firmware."""

_KEYS = ("id", "title", "kind", "parameters", "library", "image")
_LARGEST_WORD = 0xFFFF


@dataclass(frozen=True, slots=True)
class FirmwareFile:
    """One release of the firmware.

    Args:
        identity, title: what it is called.
        kind: "python" (the shipped model, perhaps with other values) or
            "shared_library".
        runs: what the simulated module gets.
        image: what its registers hold; None is the shipped image.
        digest: covers all that decides how it behaves and is judged [sha256, hex];
            empty for the shipped model as it is.
    """

    identity: str
    title: str
    kind: str
    runs: Firmware
    image: ReleaseImage | None
    digest: str

    @property
    def key(self) -> str:
        """Name it in the keys of runs."""
        return f"firmware-{self.digest[:SHOWN]}"

    @property
    def is_shipped(self) -> bool:
        """Tell whether this is the shipped model as it is."""
        return not self.digest

    @property
    def is_compiled(self) -> bool:
        """Tell whether a library takes the model's place."""
        return self.kind == SHARED_LIBRARY


def load_firmware(path: Path) -> FirmwareFile:
    """Load a firmware file with everything that it names.

    Raises:
        BenchFileError: it, a parameter, its library or its image cannot be used.
    """
    raw, file = read_toml(path), str(path)
    for key in raw:
        if key not in _KEYS:
            why = f"unknown key; write {', '.join(_KEYS)}"
            raise BenchFileError(file, key, why)
    identity, title, kind = (_line(file, raw, key) for key in ("id", "title", "kind"))
    if kind not in KINDS:
        raise BenchFileError(file, "kind", f"write one of {', '.join(KINDS)}")
    changes = _changes(file, raw.get("parameters", {}))
    library = _library(path, raw, kind, changes)
    image = _image(path, raw)
    runs = Firmware(changes, "" if library is None else str(library))
    return FirmwareFile(identity, title, kind, runs, image, _digest(runs, image))


def _line(file: str, raw: Mapping[str, Any], key: str) -> str:
    text = raw.get(key)
    if not isinstance(text, str) or not text.isprintable() or not 0 < len(text) <= 120:
        raise BenchFileError(file, key, "write one line of at most 120 characters")
    return text


def _changes(file: str, table: object) -> tuple[Change, ...]:
    """Read [parameters]; see `station defects targets` for what there is."""
    if not isinstance(table, dict):
        raise BenchFileError(file, "parameters", "write a [parameters] table")
    changes = tuple(Change(k, "set", v, file) for k, v in sorted(_flat(table)))
    for change in changes:
        if not belongs_to_firmware(change.target):
            why = f"is no part of the firmware; that is {', '.join(FIRMWARE_PARTS)}"
            raise BenchFileError(file, change.target, why)
    if changes:
        from instruments.sim.parameters import load_parameters

        load_parameters(firmware=changes)
    return changes


def _flat(table: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    """List keys as one dotted name each, quoted in the file or not."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{head}{key}.")
        else:
            yield f"{head}{key}", value


def _library(
    path: Path, raw: Mapping[str, Any], kind: str, changes: tuple[Change, ...]
) -> Path | None:
    if kind == PYTHON:
        if "library" in raw:
            why = f'belongs to kind "{SHARED_LIBRARY}"; leave it out'
            raise BenchFileError(str(path), "library", why)
        return None
    if changes:
        why = "belong to the model; a library has its own: leave them out"
        raise BenchFileError(str(path), "parameters", why)
    from instruments.sim.bms.shared_library import load_library

    library = (path.parent / _line(str(path), raw, "library")).resolve()
    load_library(library)
    return library


def _image(path: Path, raw: Mapping[str, Any]) -> ReleaseImage | None:
    """Read the register image that a release of other thresholds brings along."""
    if "image" not in raw:
        return None
    place = path.parent / _line(str(path), raw, "image")
    table, file, due = read_toml(place), str(place), load_release_image()
    for key in table:
        if key not in ("release", "words"):
            raise BenchFileError(file, key, "unknown key; write release and [words]")
    words = table.get("words")
    if not isinstance(words, dict) or set(words) != {str(a) for a in due.words}:
        known = ", ".join(str(address) for address in due.words)
        raise BenchFileError(file, "words", f"write exactly the registers {known}")
    for address, word in words.items():
        whole = isinstance(word, int) and not isinstance(word, bool)
        if not whole or not 0 <= word <= _LARGEST_WORD:
            why = f"write a word from 0 to {_LARGEST_WORD}"
            raise BenchFileError(file, f"words.{address}", why)
    return ReleaseImage(
        _line(file, table, "release"), {int(a): word for a, word in words.items()}
    )


def _digest(runs: Firmware, image: ReleaseImage | None) -> str:
    if runs == Firmware() and image is None:
        return ""
    content = {
        "parameters": {change.target: plain(change.amount) for change in runs.changes},
        "library": sha256_file(Path(runs.library)) if runs.library else None,
        "image": None if image is None else plain(image.words),
    }
    return sha256_text(canonical_json(content))
