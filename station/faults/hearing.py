"""Hear what the station said: the few words of a record that invariants ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from phases.results import FAIL
from station.faults.facts import Bracket, Said


def hear(record: Mapping[str, Any], folder: Path) -> Said:
    """Take verdict, incidents and judged values out of a record.

    The store's folder is another for every case and is left out of the reason.
    """
    measured = {
        item["name"]: _bracket(item)
        for phase in record["phases"]
        for item in phase["measurements"]
    }
    return Said(
        outcome=record["outcome"],
        reason=record["reason"].replace(str(folder), "STORE"),
        bench_dead=record["bench_dead"],
        module_live=record["module_live"],
        incidents=tuple(record.get("incidents", ())),
        measured=measured,
        failed=tuple(name for name, found in measured.items() if found[0] == FAIL),
    )


def _bracket(item: Mapping[str, Any]) -> Bracket:
    return item["outcome"], item["value"], item["value_low"], item["value_high"]
