"""Choose the points of a run, and the cases at them.

A point is a call site in a bench state. In a loop its first, second and last pass and
three seeded ones stand for all. A point that two sequences share (start-up, off state)
is played in the first of them.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from station.errors import BadOption, escape
from station.faults.cases import Case

if TYPE_CHECKING:
    from instruments.sim.faults.call import SeenCall
    from instruments.sim.faults.kinds import Kind

SEEDED_PASSES = 3
STORE = "store"


Place = tuple[object, object]
"""A call site and a bench state."""


def choose_points(
    calls: Iterable[SeenCall], seed: int, played: set[Place] | None = None
) -> list[SeenCall]:
    """Choose the passes that stand for all, in the order of the run.

    Args:
        calls: the calls of one run.
        seed: draws the passes within loops.
        played: points of earlier sequences, left out here; this run's are added.
    """
    groups: dict[Place, list[SeenCall]] = {}
    for call in calls:
        groups.setdefault((call.site, call.state), []).append(call)
    if played is not None:
        groups = {place: g for place, g in groups.items() if place not in played}
        played.update(groups)
    chosen = [
        call for passes in groups.values() for call in _representatives(passes, seed)
    ]
    return sorted(chosen, key=lambda call: call.k)


def list_cases(
    sequence: str,
    module: int | None,
    points: Sequence[SeenCall],
    kinds: Mapping[str, Kind],
) -> list[Case]:
    """List every kind that makes sense at every point, once and for good."""
    return [
        Case(
            sequence,
            module,
            kind.name,
            persistence,
            point.k,
            seam=point.site.seam,
            whole=point.site.role == STORE,
        )
        for point in points
        for kind in kinds.values()
        if kind.applies(point.site)
        for persistence in kind.persistence
    ]


def sample_cases(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """Draw cases, each kind as often as the others, and of its seams each in turn.

    A plain draw would hardly ever take a kind that has few points.
    """
    generator = random.Random(seed)  # noqa: S311  a sample, not a secret
    by_kind: dict[tuple[str, str, str], list[Case]] = {}
    for case in cases:
        key = (case.sequence, case.kind, case.persistence)
        by_kind.setdefault(key, []).append(case)
    for group in by_kind.values():
        _mix(group, generator)
    drawn: list[Case] = []
    while len(drawn) < min(count, len(cases)):
        for group in by_kind.values():
            if group and len(drawn) < count:
                drawn.append(group.pop())
    return sorted(drawn)


def _mix(group: list[Case], generator: random.Random) -> None:
    """Put cases in the order in which they are drawn from the end: seam after seam."""
    generator.shuffle(group)
    seams = sorted({case.seam for case in group})
    generator.shuffle(seams)
    count = dict.fromkeys(seams, 0)
    turn: dict[Case, tuple[int, int]] = {}
    for case in group:
        turn[case] = (count[case.seam], seams.index(case.seam))
        count[case.seam] += 1
    group.sort(key=turn.__getitem__, reverse=True)


def choose_kinds(named: Collection[str], known: Mapping[str, Kind]) -> dict[str, Kind]:
    """Take the named kinds, or all.

    Raises:
        BadOption: no such kind.
    """
    unknown = sorted(set(named) - known.keys())
    if unknown:
        raise BadOption(
            f"kind {escape(unknown[0])}: not known; known are {', '.join(known)}"
        )
    return {name: kind for name, kind in known.items() if not named or name in named}


def _representatives(passes: list[SeenCall], seed: int) -> list[SeenCall]:
    if len(passes) <= SEEDED_PASSES + 3:
        return passes
    inner = passes[2:-1]
    name = f"{seed}:{passes[0].site}:{passes[0].state}"
    drawn = random.Random(name).sample(inner, SEEDED_PASSES)  # noqa: S311
    return [passes[0], passes[1], *drawn, passes[-1]]
