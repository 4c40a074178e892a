"""The parts of the station that a campaign runs; a test may give it weaker ones."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.bench import Bench
from station.results.store import Store
from station.run import Run


@dataclass(frozen=True, slots=True)
class StationParts:
    """Bench, store and run as shipped, unless a test gives others."""

    bench_type: type[Bench] = Bench
    store_type: type[Store] = Store
    run_type: type[Run] = Run
