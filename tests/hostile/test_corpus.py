"""The corpus itself: large enough, and every file of it is used."""

from __future__ import annotations

from tests.hostile.corpus import FOLDER, load

KINDS = {
    "serials": 60,
    "operators": 30,
    "limit_files": 40,
    "defect_files": 40,
    "state_files": 20,
    "bench_files": 40,
    "scpi_replies": 40,
    "can_payloads": 30,
    "service_replies": 20,
    "led_replies": 20,
}
"""What each kind holds at least; together well above 200."""


def test_corpus_is_as_large_as_promised() -> None:
    """An entry would be taken out instead of its bug."""
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(KINDS)
    short = {kind: len(load(kind)) for kind in KINDS if len(load(kind)) < KINDS[kind]}
    assert short == {}
