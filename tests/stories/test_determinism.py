"""The same seed gives the same evidence, wherever and however often it is asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.stories.command_line import SERIAL, STATES, Station

TWICE = """
import sys
from station.__main__ import main
for record in sys.argv[1:3]:
    main([*sys.argv[3:], "--record", record])
"""
SEQUENCE = "over_current"
STATE = str(STATES / "over_current.toml")


def in_another_process(station: Station, hash_seed: str, seed: str) -> str:
    """Run once in a process with its own order of hashes; return the evidence."""
    command = station.arguments(SEQUENCE, "--state", STATE, "--seed", seed)
    finished = station.execute(command, PYTHONHASHSEED=hash_seed)
    return str(finished.evidence["evidence_sha256"])


def load(path: Path) -> Mapping[str, Any]:
    """Read a record."""
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_twice_in_one_process_and_in_others(station: Station, tmp_path: Path) -> None:
    """Something that outlives a run, or the order of a set, gets into the evidence."""
    paths = [tmp_path / "first.json", tmp_path / "second.json"]
    command = [sys.executable, "-c", TWICE, *map(str, paths), "run", SEQUENCE]
    command += ["--serial", SERIAL, "--store", str(station.store)]
    station.execute([*command, "--state", STATE, "--seed", "7"], PYTHONHASHSEED="0")
    evidence = {load(path)["evidence_sha256"] for path in paths}
    evidence |= {in_another_process(station, hash_seed, "7") for hash_seed in "12"}
    assert len(evidence) == 1
    assert load(paths[0])["run_id"] != load(paths[1])["run_id"]


def test_another_seed_gives_other_evidence(station: Station) -> None:
    """The seed is ignored, and the comparison above compares constants."""
    assert in_another_process(station, "1", "7") != in_another_process(
        station, "1", "8"
    )
