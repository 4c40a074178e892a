"""Say in one line each what the counts of a campaign prove at 95 % confidence."""

from __future__ import annotations

from station.campaigns.count import GOOD_KINDS, Count, Tally
from station.campaigns.job import Kind
from station.campaigns.report.bounds import detection_bound, false_fail_bound


def bound_lines(tally: Tally) -> list[str]:
    """Write the bounds that the counts allow; exact, one-sided, 95 %."""
    lines = []
    drawn = tally.by_kind.get(str(Kind.DRAWN), Count())
    detection = detection_bound(drawn.detected, drawn.runs)
    if detection.runs:
        lines.append(
            f"drawn defects: {detection.count} of {detection.runs} detected; at least"
            f" {detection.bound_pct:.2f} % of such defects are, at 95 % confidence"
        )
    good = [tally.by_kind.get(kind, Count()) for kind in GOOD_KINDS]
    false_fails = false_fail_bound(
        sum(count.false_failed for count in good), sum(count.passed for count in good)
    )
    if false_fails.runs:
        lines.append(
            f"good modules: {false_fails.count} of {false_fails.runs} failed; at most"
            f" {false_fails.bound_pct:.2f} % of such modules do, at 95 % confidence"
        )
    return lines
