"""Compare the judged values of a PASS with the world, and with a run without faults."""

from __future__ import annotations

from station.faults.bounds import Bounds
from station.faults.facts import Bracket, CaseFacts, Opening

_TRIPS = {
    "over_voltage_trip_v": "terminal_v",
    "under_voltage_trip_v": "terminal_v",
    "over_current_charge_trip_a": "current_a",
    "over_current_discharge_trip_a": "current_a",
}


def disagreements(facts: CaseFacts, bounds: Bounds) -> list[str]:
    """List what the record says otherwise than the world, or than the clean run."""
    found = []
    for name, said in facts.said.measured.items():
        due = facts.clean.said.measured.get(name)
        if due is None:
            found.append(f"{name} stands in no run without a fault")
        elif not _agree(said, due, bounds.slack_of(name)):
            found.append(f"{name} is {_text(said)}, without the fault {_text(due)}")
        elif name in _TRIPS:
            found += _untrue_trip(name, said, facts.world.openings, bounds)
    missing = facts.clean.said.measured.keys() - facts.said.measured.keys()
    found += [f"{name} was not judged" for name in sorted(missing)]
    return found


def _agree(said: Bracket, due: Bracket, slack: float) -> bool:
    if said[0] != due[0]:
        return False
    one, other = _edges(said), _edges(due)
    if one is None or other is None:
        return said[1] == due[1]
    return one[0] - slack <= other[1] and other[0] - slack <= one[1]


def _untrue_trip(
    name: str, said: Bracket, openings: tuple[Opening, ...], bounds: Bounds
) -> list[str]:
    """Demand that some opening of the module lies within the bracket."""
    edges = _edges(said)
    slack = bounds.slack_of(name)
    true = [abs(float(getattr(opening, _TRIPS[name]))) for opening in openings]
    if edges is None:
        return []
    if any(edges[0] - slack <= value <= edges[1] + slack for value in true):
        return []
    shown = ", ".join(f"{value:.3f}" for value in true) or "never"
    return [f"{name} is {_text(said)}, the module opened at {shown}"]


def _edges(found: Bracket) -> tuple[float, float] | None:
    """Take the bracket of a number; None for what is no number."""
    _, value, low, high = found
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return (
        float(value) if low is None else low,
        float(value) if high is None else high,
    )


def _text(found: Bracket) -> str:
    outcome, value, low, high = found
    if low is None or high is None:
        return f"{outcome} {value}"
    return f"{outcome} {value} ({low:.4g} .. {high:.4g})"
