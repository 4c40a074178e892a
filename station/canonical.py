"""Write a document in one form only, so that its hash means something."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20


def plain(value: Any) -> Any:  # noqa: ANN401  any tree of values
    """Turn dataclasses, tuples and odd floats into what JSON can say.

    NaN and infinities become the words "nan", "inf" and "-inf": they stay visible
    and cannot be taken for a reading.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    return value


def canonical_json(document: Mapping[str, Any]) -> str:
    """Write JSON with sorted keys and no spaces; odd floats are refused."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_text(text: str) -> str:
    """Hash a text [sha256, hex]."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sha256_file(path: Path) -> str:
    """Hash a file [sha256, hex] without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
