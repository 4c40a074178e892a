"""Run a campaign: survey, choose, play, and sum up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from instruments.sim.faults.kinds import Kind, load_kinds
from station.faults.cases import Case
from station.faults.choice import (
    Place,
    choose_kinds,
    choose_points,
    list_cases,
    sample_cases,
)
from station.faults.facts import Clean
from station.faults.parts import StationParts
from station.faults.progress_file import ProgressFile, program_fingerprint
from station.faults.result import CaseResult
from station.faults.survey import survey
from station.faults.workers import StageKey, play_all


@dataclass(frozen=True, slots=True)
class Order:
    """What a campaign is to do.

    `sample` is how many cases are drawn over all sequences; None plays every case.
    `seed` draws passes and sample, `module` draws the module (None: the nominal one).
    """

    sequences: Sequence[str]
    kinds: Sequence[str] = ()
    sample: int | None = None
    jobs: int = 0
    seed: int = 1
    module: int | None = None
    resume: Path | None = None


@dataclass(slots=True)
class Campaign:
    """A campaign's plan and what came of it."""

    order: Order
    kinds: Mapping[str, Kind]
    clean: dict[StageKey, Clean] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    """The call site of each case, by the case's name."""
    cases: list[Case] = field(default_factory=list)
    results: list[CaseResult] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Tell whether every case is played, so that nothing may be without effect."""
        return self.order.sample is None

    @property
    def broken(self) -> list[CaseResult]:
        """List the cases that broke an invariant."""
        return [result for result in self.results if result.violations]


Tell = Callable[[int, int, CaseResult | None], None]
"""Told after each case: how many are done, of how many, and the last one."""


def plan_campaign(order: Order, parts: StationParts) -> Campaign:
    """Play each sequence once without a fault and list the cases.

    Raises:
        BadOption: no such kind.
        Unsure: a sequence does not pass without a fault.
    """
    kinds = choose_kinds(order.kinds, load_kinds())
    campaign = Campaign(order, kinds)
    played: set[Place] = set()
    for sequence in order.sequences:
        key = (sequence, order.module)
        seen = survey(key, parts)
        points = choose_points(seen.calls, order.seed, played)
        campaign.clean[key] = seen.clean
        campaign.points[sequence] = len(points)
        cases = list_cases(sequence, order.module, points, kinds)
        site_at = {point.k: str(point.site) for point in points}
        campaign.sites.update((case.name, site_at[case.call]) for case in cases)
        campaign.cases += cases
    if order.sample is not None:
        campaign.cases = sample_cases(campaign.cases, order.sample, order.seed)
    return campaign


def run_campaign(campaign: Campaign, parts: StationParts, tell: Tell) -> None:
    """Play every case that is not known yet; results end in the campaign."""
    order, total = campaign.order, len(campaign.cases)
    with ProgressFile(order.resume, program_fingerprint()) as file:
        names = {case.name for case in campaign.cases}
        campaign.results += [r for name, r in file.known.items() if name in names]
        left = [case for case in campaign.cases if case.name not in file.known]
        tell(len(campaign.results), total, None)
        for result in play_all(left, campaign.clean, parts, order.jobs):
            file.keep(result)
            campaign.results.append(result)
            tell(len(campaign.results), total, result)
    campaign.results.sort(key=lambda result: result.name)
