"""Leave out one step, or one limit, and ask which bad modules would pass.

Nothing is played again: what failed besides is in the stored findings. Where the stop
table ended a run, the later steps found nothing because they were not asked. Such a
run is not known: it may pass without the one that stopped it, or fail later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from station.campaigns.report.seen import Seen


class Need(StrEnum):
    """What leaving something out would do."""

    NEEDED = "needed"
    NOT_KNOWN = "not_known"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One step or limit that is left out in thought.

    Args:
        name: the step or the limit.
        caught: bad runs in which it failed.
        let_through: runs that would pass without it.
        not_known: runs that ended there, so that nobody knows.
        need: whether something needs it.
    """

    name: str
    caught: int
    let_through: tuple[str, ...]
    not_known: tuple[str, ...]
    need: Need


@dataclass(frozen=True, slots=True)
class Necessity:
    """Every step and every limit, left out one at a time."""

    steps: Sequence[LeftOut]
    limits: Sequence[LeftOut]


def leave_out(
    runs: Iterable[Seen], steps: Sequence[str], limits: Sequence[str]
) -> Necessity:
    """Leave out every step and every limit, one at a time."""
    caught = [run for run in runs if run.caught]
    return Necessity(
        [_without_step(caught, step) for step in steps],
        [_without_limit(caught, name) for name in limits],
    )


def _without_step(caught: Sequence[Seen], step: str) -> LeftOut:
    hit = [run for run in caught if step in run.steps]
    alone = [run for run in hit if run.hangs_on_step(step)]
    return _left_out(step, hit, alone, [run.ended_at_step() for run in alone])


def _without_limit(caught: Sequence[Seen], name: str) -> LeftOut:
    """Leave out one limit; the verdict's rule of a live module is none and stays."""
    hit = [run for run in caught if name in run.limits]
    alone = [run for run in hit if run.hangs_on_limit(name)]
    return _left_out(name, hit, alone, [run.ended() for run in alone])


def _left_out(
    name: str, hit: Sequence[Seen], alone: Sequence[Seen], ended: Sequence[bool]
) -> LeftOut:
    pairs = list(zip(alone, ended, strict=True))
    let_through = tuple(run.name for run, stopped in pairs if not stopped)
    not_known = tuple(run.name for run, stopped in pairs if stopped)
    return LeftOut(
        name, len(hit), let_through, not_known, _need(let_through, not_known)
    )


def _need(let_through: Sequence[str], not_known: Sequence[str]) -> Need:
    if let_through:
        return Need.NEEDED
    return Need.NOT_KNOWN if not_known else Need.NOT_NEEDED
