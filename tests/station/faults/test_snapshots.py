"""A case played from a snapshot is the case played from the start."""

from __future__ import annotations

import pytest

from instruments.sim.faults.kinds import load_kinds
from station.faults.choice import STORE, choose_points, list_cases, sample_cases
from station.faults.parts import StationParts
from station.faults.survey import survey
from station.faults.workers import Share, play_all, play_whole

SEQUENCE = "over_current"
CASES = 22


@pytest.fixture(scope="module")
def share() -> Share:
    """Survey the sequence once."""
    parts = StationParts()
    seen = survey((SEQUENCE, None), parts)
    points = [
        point for point in choose_points(seen.calls, seed=4) if point.site.role != STORE
    ]
    cases = sample_cases(list_cases(SEQUENCE, None, points, load_kinds()), CASES, 4)
    return Share({seen.key: cases}, {seen.key: seen.clean}, parts)


def test_snapshot_equals_the_whole_run(share: Share) -> None:
    """A campaign would judge runs that no station ever makes."""
    (cases,) = share.cases.values()
    split = {r.name: r for r in play_all(cases, share.clean, share.parts, jobs=1)}
    assert split.keys() == {case.name for case in cases}
    for case in cases:
        assert split[case.name] == play_whole(case, share), case.name
