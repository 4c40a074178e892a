"""Read the runs once and put the whole report together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from limits.limit import Limit
from limits.limit_set import LimitSet
from station.campaigns.entry import CatalogueEntry
from station.campaigns.job import Job, Played
from station.campaigns.report.about import About
from station.campaigns.report.cost import Cost, CostCollector
from station.campaigns.report.margins import Answer, Margin, MarginCollector
from station.campaigns.report.matrix import Matrix, cross
from station.campaigns.report.necessity import Necessity, leave_out
from station.campaigns.report.repeats import make_repeats
from station.campaigns.report.seen import Seen, see
from station.campaigns.report.tally import Counts, tally

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Report:
    """All that a campaign found. `schema` numbers the form of the JSON file."""

    schema: int
    about: About
    tally: Counts
    matrix: Matrix
    necessity: Necessity
    margins: tuple[Margin, ...]
    answers: tuple[Answer, ...]
    costs: tuple[Cost, ...]


class _Stream:
    """Keeps of each run what the tables need, and forgets the rest."""

    def __init__(
        self,
        catalogue: Mapping[str, CatalogueEntry],
        limits: Mapping[str, LimitSet],
    ) -> None:
        self.catalogue = catalogue
        self.limits = limits
        self.seen: list[Seen] = []
        self._repeats = make_repeats(catalogue)
        self.steps: dict[str, dict[str, None]] = {}
        self.judged: dict[str, Limit] = {}
        self.margins = MarginCollector(limits)
        self.costs = CostCollector()

    def add(self, job: Job, played: Played) -> None:
        self.margins.add(job, played)
        self.costs.add(job, played)
        seen = see(job, played, self.catalogue)
        self.seen.append(replace(seen, repeats=self._repeats(job)))
        steps = self.steps.setdefault(job.sequence, {})
        for step, _, _ in played.steps:
            steps[step] = None
        known = self.limits[job.sequence]
        for item in played.found:
            if item.name in known:
                self.judged[item.name] = known[item.name]


def assemble(
    runs: Iterable[tuple[Job, Played]],
    about: About,
    catalogue: Mapping[str, CatalogueEntry],
    limits: Mapping[str, LimitSet],
) -> Report:
    """Put a report together.

    Args:
        runs: what was played, read once and in this order.
        about: which campaign it is.
        catalogue: every defect by its identity.
        limits: the limits of every sequence that was played, by its name.

    Raises:
        KeyError: a run of a sequence without limits.
    """
    stream = _Stream(catalogue, limits)
    for job, played in runs:
        stream.add(job, played)
    longest_first = sorted(stream.steps.items(), key=lambda item: -len(item[1]))
    steps = {name: tuple(each) for name, each in longest_first}
    every_step = tuple(dict.fromkeys(step for each in steps.values() for step in each))
    return Report(
        SCHEMA,
        about,
        tally(stream.seen, catalogue),
        cross(stream.seen, catalogue, steps, stream.judged),
        leave_out(stream.seen, every_step, tuple(stream.judged)),
        tuple(stream.margins.margins()),
        tuple(stream.margins.answers()),
        tuple(stream.costs.costs(stream.seen, steps)),
    )
