"""Reading a truth log: dead means dead for good, by the world's own numbers."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from instruments.sim.served.truth_log import COLUMNS, TruthLog
from instruments.sim.world import World
from station.kills.truth import (
    TruthLine,
    dead_after_s,
    first_energised,
    read_truth,
    state_at,
)

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

LIVE = TruthLine(100.0, 0.0, 52.0, 43.0, 52.1, True, False, True, True)
DEAD = TruthLine(102.0, 2.0, 52.0, 0.0, 0.9, False, False, False, True)


def test_log_that_is_still_written_is_read_as_far_as_it_is_whole(
    tmp_path: Path,
) -> None:
    """Half a number would be taken for a voltage."""
    path = tmp_path / "truth.csv"
    whole = "100.0,0.0,52.0,43.0,52.1,1,0,1,1\n"
    path.write_text(",".join(COLUMNS) + "\n" + whole + "100.1,0.1,5", encoding="ascii")
    assert read_truth(path) == [LIVE]


def test_time_to_dead_counts_from_the_kill_in_bench_seconds() -> None:
    """A bench that is dead too late would pass at another speed."""
    assert dead_after_s([LIVE, DEAD], 100.5) == pytest.approx(1.5)
    assert dead_after_s([LIVE, DEAD], 100.5, 4.0) == pytest.approx(6.0)


def test_bench_that_comes_alive_again_was_not_dead() -> None:
    """A supply that switches on again after its trip would be overlooked."""
    again = replace(LIVE, real_s=103.0)
    last = replace(DEAD, real_s=104.0)
    assert dead_after_s([LIVE, DEAD, again, last], 100.0) == pytest.approx(4.0)
    assert dead_after_s([LIVE, DEAD, again], 100.0) is None


@pytest.mark.parametrize(
    "change",
    [
        {"bench_side_v": 1.0},
        {"bench_side_v": -52.0},
        {"current_a": -0.5},
        {"fixture_closed": True},
        {"supply_on": True},
    ],
)
def test_each_part_of_the_definition_counts(change: dict[str, float]) -> None:
    """A bench with one source left on would be called dead."""
    assert DEAD.dead
    assert not replace(DEAD, **change).dead  # type: ignore[arg-type]


def test_energised_is_a_source_on_a_live_module() -> None:
    """Instants would be drawn where nothing can go wrong."""
    proving = replace(LIVE, module_closed=False)
    assert first_energised([proving, LIVE]) is LIVE
    assert first_energised([proving, DEAD]) is None
    assert state_at([proving, replace(DEAD, real_s=101.0)], 100.5) is proving


@pytest.mark.parametrize("bench_v", [52.0, -52.0])
def test_log_looks_closely_while_the_bench_side_falls(bench_v: float) -> None:
    """A bench side that is live the wrong way round would be logged as dark."""
    world, switch = World(), SimpleNamespace(closed=False)
    plant = SimpleNamespace(
        on_step=[],
        supply=SimpleNamespace(output_on=False),
        load=SimpleNamespace(input_on=False),
        fixture=SimpleNamespace(contactor_closed=True),
        modules={"module": SimpleNamespace(contactor=switch)},
        current_a=0.0,
        module_v=0.0,
        bench_v=bench_v,
    )
    file = StringIO()
    TruthLog(file, world, cast("Plant", plant), 0.0, 1.0)
    plant.fixture.contactor_closed = False
    plant.on_step[0]()
    before = file.getvalue().count("\n")
    world.advance_us(50_000)
    assert file.getvalue().count("\n") - before == 5
