"""The corpus of hostile input: entries of the TOML files beside this module, as data.

An entry gives `text` (repeated `times`, with `before` and `after`), or `hex` bytes, or
`deep` nested arrays, or a `special` kind of file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]

FOLDER = Path(__file__).parent
NAME = "hostile.toml"
LONGEST_LINE = 1000


@cache
def load(kind: str) -> dict[str, Entry]:
    """Load the entries of one kind by their names."""
    text = (FOLDER / f"{kind}.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)["entry"]
    found = {entry["name"]: entry for entry in entries}
    assert len(found) == len(entries), "a name stands twice"
    return found


def text_of(entry: Entry) -> str:
    """Write an entry as a command line would hand it over."""
    if "hex" in entry:
        return os.fsdecode(bytes.fromhex(entry["hex"]))
    return str(entry["text"]) * int(entry.get("times", 1))


def bytes_of(entry: Entry) -> bytes:
    """Write an entry as the bytes of a file or of a line."""
    if "hex" in entry:
        return bytes.fromhex(entry["hex"])
    if "deep" in entry:
        return f"a = {'[' * entry['deep']}{']' * entry['deep']}\n".encode()
    body = str(entry.get("text", "")) * int(entry.get("times", 1))
    return f"{entry.get('before', '')}{body}{entry.get('after', '')}".encode()


def write_file(folder: Path, entry: Entry) -> Path:
    """Write an entry as a file, or make the special kind of file that it asks for."""
    path = folder / NAME
    special = entry.get("special")
    if special is not None:
        make = SPECIAL.get(special)
        return Path(special) if make is None else make(path)
    path.write_bytes(bytes_of(entry))
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _circle(path: Path) -> Path:
    path.symlink_to(path.name)
    return path


SPECIAL: Mapping[str, Callable[[Path], Path]] = {
    "missing": lambda path: path,
    "folder": _folder,
    "pipe": _pipe,
    "circle": _circle,
}


def check_refusal(err: str, *, says: str = "") -> None:
    """Check one line for people: short, printable, and saying what it has to."""
    assert err.endswith("\n")
    line = err.removesuffix("\n")
    assert line.isprintable(), repr(line)
    assert len(line) < LONGEST_LINE
    assert "Traceback" not in line
    assert "internal error" not in line
    assert says in line
