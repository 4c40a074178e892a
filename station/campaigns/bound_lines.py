"""Say in one line each what the counts of a campaign prove at 95 % confidence."""

from __future__ import annotations

from station.campaigns.count import Count, Tally
from station.campaigns.job import Kind
from station.campaigns.report.bounds import lower_bound_pct, upper_bound_pct

GOOD_KINDS = ("harmless", str(Kind.HEALTHY))


def bound_lines(tally: Tally) -> list[str]:
    """Write the bounds that the counts allow; exact, one-sided, 95 %."""
    lines = []
    drawn = tally.by_kind.get(str(Kind.DRAWN), Count())
    if drawn.runs:
        bound_pct = lower_bound_pct(drawn.detected, drawn.runs)
        lines.append(
            f"drawn defects: {drawn.detected} of {drawn.runs} detected; at least"
            f" {bound_pct:.2f} % of such defects are, at 95 % confidence"
        )
    good = [tally.by_kind.get(kind, Count()) for kind in GOOD_KINDS]
    failed = sum(count.false_failed for count in good)
    judged = sum(count.judged for count in good)
    if judged:
        bound_pct = upper_bound_pct(failed, judged)
        lines.append(
            f"good modules: {failed} of {judged} failed; at most {bound_pct:.2f} % of"
            " such modules do, at 95 % confidence"
        )
    return lines
