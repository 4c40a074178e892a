"""Draw further defects by seed: other magnitudes, places, times and pairs.

The plan was mended until it caught the catalogue, so the catalogue says nothing of what
it would miss. Only defects drawn after plan and limits were frozen do. Each one is a
function of (seed, number): a longer draw begins with the shorter one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from instruments.sim.defects import Change, DefectFile, Fault
from instruments.sim.population import stream
from station.campaigns.distribution import KINDS, Distribution, Span, load_distribution
from station.campaigns.entry import (
    CLEARLY_BAD_TOLERANCES,
    JUST_BAD_TOLERANCES,
    CatalogueEntry,
    GradedChange,
)
from station.campaigns.job import Job, Kind

BAD = "bad"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What one draw came to; `how` says in the title what was drawn."""

    name: str
    how: str
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    steps: tuple[str, ...]


def draw_defects(
    catalogue: Mapping[str, CatalogueEntry],
    seed: int,
    count: int,
    distribution: Distribution | None = None,
) -> tuple[Job, ...]:
    """Draw so many defects, ready to be played on the nominal module.

    Each is named `drawn-<seed>-<number>-<entry>`; its title says what was drawn.

    Raises:
        ValueError: the catalogue holds nothing that could be drawn.
        BenchFileError: the distribution cannot be read.
    """
    given = distribution or load_distribution()
    entries = [
        entry
        for _, entry in sorted(catalogue.items())
        if entry.sequence in given.sequences and not entry.of
    ]
    graded = [entry for entry in entries if entry.graded]
    plain = [entry for entry in entries if not entry.graded]
    if not graded or not plain:
        raise ValueError("the catalogue has no graded or no plain defect to draw from")
    return tuple(
        _draw_one(graded, plain, given, seed, number) for number in range(count)
    )


def _draw_one(
    graded: Sequence[CatalogueEntry],
    plain: Sequence[CatalogueEntry],
    given: Distribution,
    seed: int,
    number: int,
) -> Job:
    rng = stream(seed, f"defect/{number}")
    kind = rng.choices(KINDS, given.weights)[0]
    if kind == "graded":
        entry = rng.choice(graded)
        drawn = _moved(rng, entry, given.graded)
    elif kind == "ungraded":
        entry = rng.choice(plain)
        drawn = _varied(rng, entry, graded, given)
    else:
        entry = rng.choice([*graded, *plain])
        drawn = _paired(rng, entry, [*graded, *plain], given)
    identity = f"drawn-{seed}-{number:04d}-{drawn.name}"
    file = DefectFile(identity, drawn.how, drawn.changes, drawn.faults, "draw.toml")
    return Job(Kind.DRAWN, identity, BAD, entry.sequence, None, (file,), drawn.steps)


def _moved(rng: random.Random, entry: CatalogueEntry, span: Span) -> _Drawn:
    """Move a graded entry by a drawn number of tolerances; leave any other as it is."""
    if not entry.graded:
        built = entry.at_tolerances(JUST_BAD_TOLERANCES)
        return _Drawn(
            entry.identity, "as it is", built.changes, built.faults, entry.steps
        )
    least, most = span
    tolerances = _between(rng, least, _furthest(entry, most))
    built = entry.at_tolerances(tolerances)
    how = f"{tolerances:.3f} tolerances"
    return _Drawn(entry.identity, how, built.changes, built.faults, entry.steps)


def _furthest(entry: CatalogueEntry, most: float) -> float:
    """Say how many tolerances off an entry may be: what its author says, or any."""
    said = [
        change.clearly_bad
        for change in entry.changes
        if isinstance(change, GradedChange)
        and change.clearly_bad != CLEARLY_BAD_TOLERANCES
    ]
    return min([most, *said])


def _between(rng: random.Random, least: float, most: float) -> float:
    """Draw a number between two, uniform in the logarithm."""
    return math.exp(rng.uniform(math.log(least), math.log(most)))


def _varied(
    rng: random.Random,
    entry: CatalogueEntry,
    graded: Sequence[CatalogueEntry],
    given: Distribution,
) -> _Drawn:
    """Put a defect without grades elsewhere, let it begin later, or give it company."""
    plain = _moved(rng, entry, given.graded)
    ways = ["company"]
    if _elsewhere(plain, given, {}) is not None:
        ways.append("place")
    begin_s = given.begins_s.get(entry.steps[0], 0.0)
    if begin_s and plain.faults and not plain.changes:
        ways.append("time")
    way = rng.choice(ways)
    if way == "place":
        numbers = {
            place.pattern.pattern: rng.choice(place.numbers) for place in given.places
        }
        moved = _elsewhere(plain, given, numbers)
        return moved or plain
    if way == "time":
        when_s = round(rng.uniform(0.0, begin_s), 3)
        late = tuple(replace(fault, when=when_s) for fault in plain.faults)
        return replace(plain, how=f"from {when_s:g} s", faults=late)
    return _accompanied(rng, plain, entry, graded, given.company)


def _elsewhere(
    drawn: _Drawn, given: Distribution, numbers: Mapping[str, str]
) -> _Drawn | None:
    """Put every numbered name at the drawn numbers; None if there is no such name."""
    found: list[str] = []

    def put(name: str) -> str:
        for place in given.places:
            match = place.pattern.match(name)
            if match:
                number = numbers.get(place.pattern.pattern, match[2])
                found.append(number)
                return f"{match[1]}{number}{match[3]}"
        return name

    changes = tuple(
        replace(change, target=put(change.target)) for change in drawn.changes
    )
    faults = tuple(replace(fault, name=put(fault.name)) for fault in drawn.faults)
    targets = {change.target for change in changes}
    if not found or len(targets) < len(changes) or len(set(faults)) < len(faults):
        return None
    return replace(
        drawn, how=f"at {', '.join(sorted(set(found)))}", changes=changes, faults=faults
    )


def _accompanied(
    rng: random.Random,
    drawn: _Drawn,
    entry: CatalogueEntry,
    graded: Sequence[CatalogueEntry],
    span: Span,
) -> _Drawn:
    """Add a value of another part that is off by less than it may be."""
    other = _partner(rng, entry, graded)
    beside = _moved(rng, other, span)
    return replace(
        drawn,
        how=f"with {other.identity} at {beside.how}",
        changes=drawn.changes + beside.changes,
        faults=drawn.faults + beside.faults,
    )


def _paired(
    rng: random.Random,
    entry: CatalogueEntry,
    others: Sequence[CatalogueEntry],
    given: Distribution,
) -> _Drawn:
    """Put two bad defects of one sequence into one module."""
    other = _partner(rng, entry, others)
    first, second = _moved(rng, entry, given.pair), _moved(rng, other, given.pair)
    return _Drawn(
        f"{first.name}--{second.name}",
        f"{first.how}, and {second.how}",
        first.changes + second.changes,
        first.faults + second.faults,
        tuple(dict.fromkeys(first.steps + second.steps)),
    )


def _partner(
    rng: random.Random, entry: CatalogueEntry, others: Sequence[CatalogueEntry]
) -> CatalogueEntry:
    """Draw an entry of the same sequence that changes nothing of the first one's.

    Raises:
        ValueError: there is none.
    """
    taken = _touched(entry)
    fitting = [
        other
        for other in others
        if other.sequence == entry.sequence and not taken & _touched(other)
    ]
    if fitting:
        return rng.choice(fitting)
    raise ValueError(f"{entry.identity}: nothing in the catalogue can go with it")


def _touched(entry: CatalogueEntry) -> frozenset[str]:
    """Name what an entry changes, and the parts that its faults are in."""
    targets = [change.target for change in entry.changes]
    return frozenset([*targets, *(fault.target for fault in entry.faults)])
