"""Hidden thresholds: releases by steps (defects: failures/hidden_thresholds.toml)."""

from __future__ import annotations

import pytest

from phases.judge import Judge
from phases.plan import load_plan
from phases.release_levels import PackSaid, judge_pack_release
from phases.results import FAIL, PASS, READ_ONLY
from tests.phases import rig

TEST = load_plan().hidden_thresholds


@pytest.mark.parametrize("name", list(TEST.releases_c))
def test_steps_reach_past_the_limits_of_each_release(name: str) -> None:
    """A release a little outside its limits would not be found."""
    limit = rig.limits()[f"hidden_thresholds_{name}_release_c"]
    trip_c, first_c, last_c = TEST.releases_c[name]
    assert limit.low is not None
    assert limit.high is not None
    reach = 0.2 * (limit.high - limit.low)
    assert min(first_c, last_c) <= limit.low - reach
    assert max(first_c, last_c) >= limit.high + reach
    assert abs(trip_c - first_c) < abs(trip_c - last_c)


def outcomes(refused: PackSaid, released: PackSaid) -> tuple[str, str]:
    """Judge a release of pack [V] and cell [V]; return the outcomes of both."""
    owed = rig.limits().for_behaviour("hidden_thresholds")
    judge = Judge("hidden_thresholds", owed)
    judge_pack_release(judge, refused, released)
    found = {m.name: m.outcome for m in judge.measurements}
    return (
        found["hidden_thresholds_over_voltage_release_v"],
        found["hidden_thresholds_over_voltage_cell_release_v"],
    )


@pytest.mark.parametrize(
    ("refused", "released", "expected"),
    [
        (PackSaid(56.1, 3.51), PackSaid(55.9, 3.50), (PASS, READ_ONLY)),
        (PackSaid(55.2, 3.56), PackSaid(55.0, 3.54), (READ_ONLY, PASS)),
        (PackSaid(57.0, 3.57), PackSaid(56.8, 3.56), (FAIL, PASS)),
        (PackSaid(57.9, 3.66), PackSaid(57.8, 3.65), (FAIL, FAIL)),
        (PackSaid(55.5, 3.57), PackSaid(55.3, 3.55), (READ_ONLY, PASS)),
        (PackSaid(55.2, 3.46), PackSaid(55.0, 3.45), (FAIL, READ_ONLY)),
    ],
)
def test_what_is_released_last_is_judged_on_both_sides(
    refused: PackSaid, released: PackSaid, expected: tuple[str, str]
) -> None:
    """A healthy module would fail by the rule that did not hold it back."""
    assert outcomes(refused, released) == expected
