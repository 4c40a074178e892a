"""Derating edges: how they are walked (defects: failures/derating_edges.toml)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from phases.derating_edges import Table
from phases.plan import load_plan
from tests.phases import rig

TEST = load_plan().derating_edges
EDGES = [
    (name, row, edge_c)
    for name, table in (("charge", TEST.charge_c), ("discharge", TEST.discharge_c))
    for row, edge_c in table.items()
]


@pytest.mark.parametrize(("name", "row", "edge_c"), EDGES)
def test_walk_reaches_past_the_limits_of_each_edge(
    name: str, row: str, edge_c: float
) -> None:
    """An edge a little outside its limits would not be found."""
    limit = rig.limits()[f"derating_edges_{name}_edge{row}_up_c"]
    assert limit.low is not None
    assert limit.high is not None
    assert edge_c - TEST.span_c <= edge_c - 1.2 * (edge_c - limit.low)
    assert edge_c + TEST.span_c >= edge_c + 1.2 * (limit.high - edge_c)


@pytest.mark.parametrize("edges_c", [TEST.charge_c, TEST.discharge_c])
def test_walks_of_neighbours_do_not_meet(edges_c: dict[str, float]) -> None:
    """A walk would cross two edges and blame the wrong one."""
    found = list(edges_c.values())
    gaps_c = [b - a for a, b in pairwise(found)]
    assert min(gaps_c) > 2 * TEST.span_c


def test_outside_of_a_table_has_its_own_name() -> None:
    """What is said beyond the last row would be judged as that row."""
    table = Table("charge", {})
    assert [table.key(row) for row in (0, 1, 6, 7)] == [
        "charge_below_a",
        "charge_row1_a",
        "charge_row6_a",
        "charge_above_a",
    ]
