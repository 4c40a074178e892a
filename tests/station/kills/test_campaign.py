"""Drawing the kills: seeded, spread over the energised part, cables both ways."""

from __future__ import annotations

import pytest

from station.errors import BadOption
from station.kills.campaign import draw_cases
from station.kills.kinds import choose_kinds, load_kinds

SPANS = {"": (0.0, 30.0), "supply": (0.0, 15.0), "load": (16.0, 30.0)}


def test_instants_are_seeded_and_spread() -> None:
    """A run could not be repeated, or all kills would fall on one second."""
    kinds = load_kinds()
    cases = draw_cases(kinds, 30, 1, SPANS)
    assert cases == draw_cases(kinds, 30, 1, SPANS)
    assert cases != draw_cases(kinds, 30, 2, SPANS)
    kills = [case.instant_s for case in cases if case.kind.name == "SIGKILL"]
    assert len(kills) == 30
    assert [int(instant_s) for instant_s in kills] == list(range(30))


def test_links_are_cut_while_they_are_needed_and_in_both_ways() -> None:
    """A supply that is off anyway would be cut."""
    cases = draw_cases(load_kinds(), 30, 1, SPANS)
    for role, (begin_s, end_s) in (("supply", (0, 15)), ("load", (16, 30))):
        of_role = [case for case in cases if case.kind.name == role]
        assert {case.cable for case in of_role} == {"cut", "mute"}
        assert all(begin_s <= case.instant_s <= end_s for case in of_role)
    assert len({case.name for case in cases}) == len(cases)


def test_unknown_kind_is_refused() -> None:
    """A typing error would run nothing and end clean."""
    with pytest.raises(BadOption, match="SIGKILL"):
        choose_kinds(["sigkill"], load_kinds())
