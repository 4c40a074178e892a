"""How much weight a verdict bears: production, provisional or simulated."""

from __future__ import annotations

from collections.abc import Sequence

from phases.results import FAIL, PASS, READ_ONLY, PhaseResult

PRODUCTION = "production"
PROVISIONAL = "provisional"
SIMULATED = "simulated"

_JUDGED = (PASS, FAIL, READ_ONLY)


def grade_of(simulated: bool, phases: Sequence[PhaseResult]) -> str:
    """Find the weakest grade that applies (test plan, verdict words).

    A simulated bench gives `simulated`; one judged limit that is provisional gives
    `provisional`, and so does a run that judged nothing; only a real bench with settled
    limits gives `production`.
    """
    if simulated:
        return SIMULATED
    statuses = [
        measurement.status
        for phase in phases
        for measurement in phase.measurements
        if measurement.outcome in _JUDGED
    ]
    settled = statuses and PROVISIONAL not in statuses
    return PRODUCTION if settled else PROVISIONAL
