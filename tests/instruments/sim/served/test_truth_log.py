"""The truth log: a line at every change, and close looks while the bench side falls."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest

from instruments.sim.served.truth_log import TruthLog
from instruments.sim.simulated_bench import SimulatedBench, build_simulated_bench

BENCHES = Path(__file__).parents[4] / "station" / "benches"


class Kept(StringIO):
    """A file whose text outlives its end."""

    text = ""

    def flush(self) -> None:
        self.text = self.getvalue()


@pytest.fixture
def bench() -> SimulatedBench:
    """Build a bench whose module is off."""
    return build_simulated_bench({})


def rows(file: Kept) -> list[dict[str, str]]:
    """Read the log back."""
    return list(csv.DictReader(file.text.splitlines()))


def test_nothing_happens_without_a_line_for_long(bench: SimulatedBench) -> None:
    """A log that stopped would look like a bench that rests."""
    file = Kept()
    log = TruthLog(file, bench.world, bench.plant, 50.0, 2.0)
    bench.world.advance_us(1_000_000)
    log.close()
    bench.world.advance_us(1_000_000)
    times_s = [float(row["bench_s"]) for row in rows(file)]
    assert times_s == pytest.approx([number / 10 for number in range(11)])
    assert float(rows(file)[-1]["real_s"]) == pytest.approx(50.5)


def test_a_switch_is_logged_at_its_instant_and_the_fall_closely(
    bench: SimulatedBench,
) -> None:
    """The time to dead would be known to a tenth of a second only."""
    file = Kept()
    log = TruthLog(file, bench.world, bench.plant, 0.0, 1.0)
    supply = bench.plant.supply

    def switch_on() -> None:
        supply.output_on, supply.voltage_v, supply.current_limit_a = True, 50.0, 10.0

    bench.world.advance_us(33_000)
    bench.plant.change(switch_on)
    bench.world.advance_us(200_000)
    bench.plant.change(lambda: setattr(supply, "output_on", False))
    bench.world.advance_us(1_000_000)
    log.close()
    on = [row for row in rows(file) if row["supply_output"] == "1"]
    assert float(on[0]["bench_s"]) == pytest.approx(0.033)
    falling = [
        float(row["bench_s"])
        for row in rows(file)
        if float(row["bench_s"]) > 0.233 and float(row["bench_side_v"]) > 1.0
    ]
    gaps_s = [after - before for before, after in pairwise(falling)]
    assert len(falling) > 20
    assert max(gaps_s) < 0.011
