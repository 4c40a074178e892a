"""The record: its keys, its canonical form, and what its hash covers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.canonical import canonical_json, plain
from station.record import evidence_sha256

RECORD = {
    "schema": 1,
    "run_id": "a",
    "serial": "WE-4K4P-26-47-0001",
    "utc_start": "2026-01-01T00:00:00.000+00:00",
    "utc_end": "2026-01-01T01:00:00.000+00:00",
    "wall_s": 3.1,
    "host": "line1",
    "outcome": "PASS",
    "bench_s": 13000.25,
    "traceback": None,
    "attachments": [{"name": "vi.csv", "sha256": "00", "path": "/a/vi.csv"}],
}


@pytest.mark.parametrize(
    "change",
    [
        {"run_id": "b"},
        {"utc_start": "2027"},
        {"utc_end": "2027"},
        {"wall_s": 9.0},
        {"host": "line2"},
        {"evidence_sha256": "whatever"},
        {"traceback": "/home/x.py"},
        {"attachments": [{"name": "vi.csv", "sha256": "00", "path": "/b/vi.csv"}]},
    ],
)
def test_evidence_ignores(change: dict[str, object]) -> None:
    """Two equal runs at another time or place would count as different."""
    assert evidence_sha256({**RECORD, **change}) == evidence_sha256(RECORD)


@pytest.mark.parametrize(
    "change",
    [
        {"serial": "WE-4K4P-26-47-0002"},
        {"outcome": "FAIL"},
        {"bench_s": 13000.250001},
        {"attachments": [{"name": "vi.csv", "sha256": "01", "path": "/a/vi.csv"}]},
        {"attachments": []},
        {"more": 1},
    ],
)
def test_evidence_covers(change: dict[str, object]) -> None:
    """A change in what was found would go unseen."""
    assert evidence_sha256({**RECORD, **change}) != evidence_sha256(RECORD)


def test_evidence_does_not_depend_on_the_order_of_keys() -> None:
    """The hash would change with the order in which a program fills the record."""
    turned = dict(reversed(RECORD.items()))
    assert evidence_sha256(turned) == evidence_sha256(RECORD)


def test_canonical_form_is_fixed() -> None:
    """Every stored hash would become worthless with a new way of writing."""
    assert canonical_json({"b": [1, 2.5], "a": "é"}) == '{"a":"\\u00e9","b":[1,2.5]}'


def test_odd_floats_stay_visible() -> None:
    """A NaN would become a number or null on its way into the record."""
    assert plain({"x": (math.nan, math.inf, 1.0)}) == {"x": ["nan", "inf", 1.0]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": math.nan})


def test_dataclasses_and_sets_become_plain() -> None:
    """A set would make the hash depend on the process's hash seed."""

    @dataclass(frozen=True, slots=True)
    class Point:
        name: str
        tags: frozenset[str]

    assert plain(Point("p", frozenset("cab"))) == {
        "name": "p",
        "tags": ["a", "b", "c"],
    }


def test_store_json_writes_whole_files_only(tmp_path: Path) -> None:
    """A copy could be half written under its final name."""
    from station.results.files import store_json

    target = tmp_path / "r.json"
    with pytest.raises(ValueError, match="not JSON compliant"):
        store_json(target, {"x": math.nan})
    assert list(tmp_path.iterdir()) == []
    store_json(target, {"x": 1})
    assert [file.name for file in tmp_path.iterdir()] == ["r.json"]


def test_store_json_replaces_nothing(tmp_path: Path) -> None:
    """A file that appeared during the run would be lost."""
    from station.results.files import store_json

    target = tmp_path / "r.json"
    target.write_text("old")
    with pytest.raises(FileExistsError):
        store_json(target, {"x": 1})
    assert target.read_text() == "old"
