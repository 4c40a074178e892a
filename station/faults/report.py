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
        if result.reason:
            yield f"    {result.word}: {result.reason[:160]}"
        yield f"    station faults replay {result.name}"
    if len(broken) > _MOST_SHOWN:
        kept = campaign.order.resume is not None
        where = "the resume file holds" if kept else "--resume FILE would keep"
        yield f"and {len(broken) - _MOST_SHOWN} more; {where} them all"


def idle(campaign: Campaign) -> list[str]:
    """List kinds and seams of the cases played at which nothing had an effect.

    Where every case of every kind was played, call sites too: elsewhere a site may
    have met only kinds that can do nothing there. A fault that changes nothing tests
    nothing.
    """
    acted = {result.name for result in campaign.results if result.effects}
    kinds = {case.kind: False for case in campaign.cases}
    if campaign.whole:
        kinds = dict.fromkeys(campaign.kinds, False)
    seams = {case.seam: False for case in campaign.cases}
    sites = {campaign.sites[case.name]: False for case in campaign.cases}
    for case in campaign.cases:
        if case.name in acted:
            kinds[case.kind] = seams[case.seam] = True
            sites[campaign.sites[case.name]] = True
    return [
        *(f"kind {kind}" for kind, has_acted in kinds.items() if not has_acted),
        *(f"seam {seam}" for seam, has_acted in sorted(seams.items()) if not has_acted),
        *(
            f"call site {site}"
            for site, has_acted in sorted(sites.items())
            if campaign.whole and not campaign.order.kinds and not has_acted
        ),
    ]


def _outcomes(results: Sequence[CaseResult]) -> list[str]:
    count = Counter(result.word for result in results)
    return [str(count[word]) for word in OUTCOMES]
