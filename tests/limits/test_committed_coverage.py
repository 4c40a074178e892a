"""The committed coverage: it proves the plan's claims and fits today's limits."""

from __future__ import annotations

from limits import load_limits
from limits.coverage import UNPROVED, load_committed, standings
from limits.load import shipped_file
from limits.requirement_plan import load_plan
from limits.requirements import load_requirements


def test_every_claim_of_the_plan_is_proved() -> None:
    """`station requirements` would count what no healthy run judged."""
    known = load_requirements()
    found = standings(known, load_plan(known), load_committed())
    assert [item.requirement.id for item in found if item.kind == UNPROVED] == []


def test_committed_coverage_is_not_older_than_the_limits() -> None:
    """A measurement that is gone would still prove a requirement."""
    limits = load_limits(shipped_file("qualification"))
    stale = [
        item
        for item in load_committed()
        if item.measurement not in limits
        or item.requirement not in limits[item.measurement].requirements
    ]
    assert stale == []
