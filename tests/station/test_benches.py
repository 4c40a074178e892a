"""The shipped bench files: the served bench is the simulated one at other addresses."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from station.kills.bench_process import SERVED_BENCH
from station.wiring import DEFAULT_BENCH

ADDRESSES = {"can": ("interface", "channel"), "service": ("url",)}


def without_addresses(path: Path) -> dict[str, Any]:
    """Read a bench file; blank where each part is found and what is answered."""
    bench = tomllib.loads(path.read_text(encoding="utf-8"))
    del bench["bench"]
    bench["can"].pop("options", None)
    bench["operator"]["answers"] = list(bench["operator"]["answers"])
    for role, table in bench.items():
        for key in ADDRESSES.get(role, ("resource",)):
            if key in table:
                table[key] = ""
    return bench


def test_served_bench_is_the_simulated_one_at_other_addresses() -> None:
    """A kill test would prove watchdogs, wiring and meters that no other test has."""
    assert without_addresses(SERVED_BENCH) == without_addresses(DEFAULT_BENCH)
