"""Survey a sequence: play it once without a fault and see every call it makes."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.faults.call import SeenCall
from phases.results import PASS
from station.errors import Unsure
from station.faults.cases import Case
from station.faults.facts import Clean
from station.faults.parts import StationParts
from station.faults.play import play
from station.faults.rig import Stage
from station.faults.workers import StageKey


@dataclass(frozen=True, slots=True)
class Survey:
    """The clean run of a sequence, and its calls in order."""

    key: StageKey
    clean: Clean
    calls: list[SeenCall]


def survey(key: StageKey, parts: StationParts) -> Survey:
    """Play a sequence without a fault.

    Raises:
        Unsure: it does not pass, so that no fault could be told from it.
    """
    sequence, seed = key
    case = Case(sequence, seed, "", "", 0)
    played = play(case, Stage(sequence, seed), None, parts, keep_calls=True)
    said = played.facts.said
    if said.outcome != PASS:
        reason = said.reason or said.refused or said.crashed
        raise Unsure(
            f"sequence {sequence}: without a fault it ends {said.outcome} ({reason});"
            " a campaign begins with a run that passes"
        )
    return Survey(key, played.facts.clean, list(played.points.calls_seen))
