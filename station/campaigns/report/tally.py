"""Count what a campaign found, and bound what it may have missed.

Only FAIL is a detection: a run without a verdict found nothing. Only the defects drawn
by seed bear the bound on detection, because nobody chose them; the catalogue was
written by the people who wrote the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from station.campaigns.catalogue import SEVERITIES
from station.campaigns.count import HARMLESS, Result, kind_of
from station.campaigns.entry import CatalogueEntry
from station.campaigns.job import Kind
from station.campaigns.report.bounds import Bound, detection_bound, false_fail_bound
from station.campaigns.report.seen import DRAWN_FAMILY, Seen, family_of

_NAMES = {
    str(Kind.CATALOGUE): "catalogue defects",
    str(Kind.DRAWN): "drawn defects",
    HARMLESS: "harmless deviations",
    str(Kind.HEALTHY): "healthy modules",
}
_ORDER = (*_NAMES.values(), *SEVERITIES, DRAWN_FAMILY)


@dataclass(frozen=True, slots=True)
class Group:
    """How many runs of one group came to what."""

    group: str
    runs: int
    results: Mapping[Result, int]

    def of(self, result: Result) -> int:
        """Count one result."""
        return self.results.get(result, 0)


@dataclass(frozen=True, slots=True)
class Excused:
    """A defect that no sequence can catch, and why not."""

    identity: str
    title: str
    family: str
    severity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """All counts of a campaign.

    `detection` bounds the detection of drawn defects from below, `detection_new` that
    of those which hold no whole defect of the catalogue; `false_fails` bounds
    the rate of good modules that fail from above, `false_fails_healthy` the same
    without the harmless deviations.
    """

    by_kind: Sequence[Group]
    by_sequence: Sequence[Group]
    by_severity: Sequence[Group]
    by_family: Sequence[Group]
    detection: Bound
    detection_new: Bound
    false_fails: Bound
    false_fails_healthy: Bound
    escapes: Sequence[Seen]
    false_failed: Sequence[Seen]
    errors: Sequence[Seen]
    not_owed: Sequence[Seen]
    not_detectable: Sequence[Excused]


def tally(runs: Iterable[Seen], catalogue: Mapping[str, CatalogueEntry]) -> Counts:
    """Count the runs of a campaign."""
    every = list(runs)
    owed = [run for run in every if run.owed]
    bad = [run for run in owed if run.job.is_bad]
    good = [run for run in owed if not run.job.is_bad]
    drawn = [run for run in bad if run.job.kind is Kind.DRAWN]
    new = [run for run in drawn if not run.repeats]
    healthy = [run for run in good if run.job.kind is Kind.HEALTHY]
    return Counts(
        by_kind=_grouped(owed, _kind),
        by_sequence=_grouped(owed, _sequence_and_kind),
        by_severity=_grouped(bad, lambda run: run.severity),
        by_family=_grouped(bad, lambda run: run.family),
        detection=_detection(drawn),
        detection_new=_detection(new),
        false_fails=_false_fails(good),
        false_fails_healthy=_false_fails(healthy),
        escapes=_with(owed, Result.ESCAPED),
        false_failed=_with(owed, Result.FALSE_FAILED),
        errors=_with(owed, Result.ERROR),
        not_owed=[run for run in every if not run.owed],
        not_detectable=_excused(catalogue),
    )


def _kind(run: Seen) -> str:
    """Name the kind of a run for people."""
    return _NAMES[kind_of(run.job)]


def _sequence_and_kind(run: Seen) -> str:
    return f"{run.job.sequence}: {_kind(run)}"


def _grouped(runs: Sequence[Seen], group_of: Callable[[Seen], str]) -> list[Group]:
    groups: dict[str, dict[Result, int]] = {}
    for run in runs:
        results = groups.setdefault(group_of(run), {})
        results[run.result] = results.get(run.result, 0) + 1
    found = [
        Group(name, sum(results.values()), results) for name, results in groups.items()
    ]
    return sorted(found, key=lambda count: _place(count.group))


def _place(group: str) -> tuple[str, int, str]:
    """Order groups: kinds and severities as listed, the rest by name."""
    sequence, _, kind = group.rpartition(": ")
    rank = _ORDER.index(kind) if kind in _ORDER else -1
    return sequence, rank, group.lower()


def _detection(drawn: Sequence[Seen]) -> Bound:
    return detection_bound(len(_with(drawn, Result.DETECTED)), len(drawn))


def _false_fails(good: Sequence[Seen]) -> Bound:
    failed, accepted = _with(good, Result.FALSE_FAILED), _with(good, Result.ACCEPTED)
    return false_fail_bound(len(failed), len(accepted))


def _with(runs: Sequence[Seen], result: Result) -> list[Seen]:
    return [run for run in runs if run.result is result]


def _excused(catalogue: Mapping[str, CatalogueEntry]) -> list[Excused]:
    """List what nothing can detect, the most severe first."""
    found = [
        Excused(
            entry.identity, entry.title, family_of(entry), entry.severity, entry.reason
        )
        for entry in catalogue.values()
        if not entry.detectable
    ]
    return sorted(found, key=lambda item: SEVERITIES.index(item.severity))
