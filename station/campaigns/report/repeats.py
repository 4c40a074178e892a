"""Tell which drawn defects hold a whole defect of the catalogue, as it stands there.

One that is drawn beside something harmless, or as half of a pair, says little about
what the plan has not seen: it caught that defect in the catalogue already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from instruments.sim.defects import Change, Fault
from station.campaigns.entry import CatalogueEntry, Grade
from station.campaigns.job import Job

Marks = frozenset[tuple[str, ...]]


def make_repeats(catalogue: Mapping[str, CatalogueEntry]) -> Callable[[Job], bool]:
    """Make the test whether a job holds an ungraded entry of the catalogue whole."""
    known = [
        _marks(entry.at(Grade.BAD).changes, entry.faults)
        for entry in catalogue.values()
        if entry.detectable and not entry.graded and not entry.of
    ]

    def repeats(job: Job) -> bool:
        held: Marks = frozenset().union(
            *(_marks(defect.changes, defect.faults) for defect in job.defects)
        )
        return any(marks <= held for marks in known)

    return repeats


def _marks(changes: tuple[Change, ...], faults: tuple[Fault, ...]) -> Marks:
    return frozenset(
        [(c.target, c.operation, repr(c.amount)) for c in changes]
        + [(f.target, f.name, str(f.when)) for f in faults]
    )
