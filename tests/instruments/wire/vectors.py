"""Public frames to check against: reference material, not part of this tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).parents[3].parent / "shared" / "reference" / "wire_vectors.json"


def load_vectors(kind: str) -> list[dict[str, Any]]:
    """Load the public frames of one kind; skip the test where they are not at hand."""
    if not _FILE.exists():
        pytest.skip("public wire vectors are not beside this checkout")
    vectors: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))[kind]
    return vectors
