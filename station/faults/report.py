"""Write what came of a campaign: per sequence, per kind, and each broken case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from station.faults.campaign import Campaign
from station.faults.invariants import INVARIANTS
from station.faults.result import INCOMPLETE, CaseResult

OUTCOMES = ("PASS", "FAIL", "ERROR", "ABORTED", INCOMPLETE, "refused", "crashed")
SEQUENCE_COLUMNS = ("sequence", "points", "kinds", "cases", *OUTCOMES, "violations")
KIND_COLUMNS = ("kind", "cases", "effect", "noticeable", "worst s to dead", *OUTCOMES)
_MOST_SHOWN = 20


def sequence_rows(campaign: Campaign) -> Iterator[Sequence[str]]:
    """Write one row for each sequence: how much was played and what came of it."""
    for sequence, points in campaign.points.items():
        results = [r for r in campaign.results if r.sequence == sequence]
        kinds = {result.kind for result in results}
        broken = sum(len(result.violations) for result in results)
        yield (
            sequence,
            str(points),
            str(len(kinds)),
            str(len(results)),
            *_outcomes(results),
            str(broken),
        )


def kind_rows(campaign: Campaign) -> Iterator[Sequence[str]]:
    """Write one row for each kind: effect, worst time to dead, outcomes."""
    for kind in campaign.kinds:
        results = [r for r in campaign.results if r.kind == kind]
        alive = [r.alive_s for r in results if r.alive_s is not None]
        yield (
            kind,
            str(len(results)),
            str(sum(result.effects > 0 for result in results)),
            str(sum(result.detectable for result in results)),
            f"{max(alive):.2f}" if alive else "-",
            *_outcomes(results),
        )


def invariant_lines(campaign: Campaign) -> Iterator[str]:
    """Write one line for each invariant: how often it was broken."""
    count = Counter(
        name for result in campaign.results for name, _ in result.violations
    )
    for name, _ in INVARIANTS:
        yield f"{name}: {count[name]} violations in {len(campaign.results)} cases"


def broken_lines(campaign: Campaign) -> Iterator[str]:
    """Write each broken case with the command that replays it."""
    broken = campaign.broken
    for result in broken[:_MOST_SHOWN]:
        for name, text in result.violations:
            yield f"{name}: {text}"
        yield f"    {result.word}: {result.reason[:160]}" if result.reason else ""
        yield f"    station faults replay {result.name}"
    if len(broken) > _MOST_SHOWN:
        yield f"and {len(broken) - _MOST_SHOWN} more; the resume file holds them all"


def idle(campaign: Campaign) -> list[str]:
    """List the kinds and the seams at which nothing had an effect.

    A fault that changes nothing tests nothing.
    """
    acted = [result for result in campaign.results if result.effects]
    kinds = {result.kind for result in acted}
    seams = {result.seam for result in acted}
    found = [f"kind {kind}" for kind in campaign.kinds if kind not in kinds]
    return found + [f"seam {seam}" for seam in sorted(campaign.seams - seams)]


def _outcomes(results: Sequence[CaseResult]) -> list[str]:
    count = Counter(result.word for result in results)
    return [str(count[word]) for word in OUTCOMES]
