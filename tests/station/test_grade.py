"""The grade: the weakest that applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phases.results import INFO, PASS
from station.grade import grade_of
from tests.station.fakes import measured, phase


@pytest.mark.parametrize(
    ("simulated", "status", "outcome", "grade"),
    [
        (True, "manual", PASS, "simulated"),
        (True, "provisional", PASS, "simulated"),
        (False, "provisional", PASS, "provisional"),
        (False, "provisional", INFO, "production"),
        (False, "manual", PASS, "production"),
        (False, "derived", PASS, "production"),
    ],
)
def test_weakest_grade_wins(
    simulated: bool, status: str, outcome: str, grade: str
) -> None:
    """A module would ship on limits that nobody has settled."""
    settled = replace(measured(), status="manual")
    other = replace(measured(), status=status, outcome=outcome)
    ran = phase(measurements=[settled, other])
    assert grade_of(simulated, [ran]) == grade
