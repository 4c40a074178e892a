"""Take the world's and the fault's own account of a run, as plain facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from instruments.sim.faults.call import CAN, SERVICE, Site
from instruments.sim.faults.kinds import OUTPUT_STICKS_ON
from station.faults.facts import Fault, Opening, World
from station.faults.points import CampaignPoints
from station.faults.watch import since_us

if TYPE_CHECKING:
    from instruments.sim.faults.history import TruthState
    from instruments.sim.faults.log import FaultLog

_MOST_REPLIES = 20
_MOST_BYTES = 40


def true_fault(points: CampaignPoints) -> Fault:
    """Take what the fault did."""
    log = points.log
    site = log.site
    return Fault(
        effects=log.effects,
        first_us=log.first_us,
        detectable_us=log.detectable_us,
        asked_again_us=points.asked_again_us,
        seam=site.seam if site else "",
        role=site.role if site else "",
        what=site.what if site else "",
        state=str(log.state) if log.state else "",
        lines=tuple(_reply_lines(log)),
    )


def _reply_lines(log: FaultLog) -> Iterator[str]:
    """Write the first altered answers; the last line says how many more were kept."""
    more = len(log.altered) - _MOST_REPLIES
    for number, reply in enumerate(log.altered[:_MOST_REPLIES], 1):
        last = more > 0 and number == _MOST_REPLIES
        yield (
            f"{reply.t_us / 1e6:10.3f} s  {reply.role}: {_shorten(reply.message)}"
            f" gave {_shorten(reply.given)} instead of {_shorten(reply.true)}"
            + (f" (and {more} more)" if last else "")
        )


def _shorten(data: bytes) -> str:
    """Write bytes for people; of many only the first."""
    if len(data) <= _MOST_BYTES:
        return repr(data)
    return f"{data[:_MOST_BYTES]!r}... ({len(data)} bytes)"


def _stretches(points: CampaignPoints, kind: str) -> Iterator[tuple[int, int | None]]:
    """List when the bench was not dead, from when the fault was detectable."""
    start_us, site = points.log.detectable_us, points.log.site
    if start_us is None or site is None or points.truth is None:
        return
    is_dead = _judge_of(kind, site)
    begin_us: int | None = None
    for state in points.truth.states:
        if is_dead(state):
            if begin_us is not None and state.t_us > start_us:
                yield max(begin_us, start_us), state.t_us
            begin_us = None
        elif begin_us is None:
            begin_us = state.t_us
    if begin_us is not None:
        yield max(begin_us, start_us), None


def _judge_of(kind: str, site: Site) -> Callable[[TruthState], bool]:
    """Choose what counts as dead: a stuck output apart, and for the links no source.

    A module that has tripped or shut down may be silent, and nobody asks it then;
    behind a closed contactor without a source that is no danger, no contradiction.
    """
    if kind == OUTPUT_STICKS_ON:
        return lambda state: state.dead_but(site.role)
    if site.seam in (CAN, SERVICE):
        return lambda state: state.dead or not (state.supply_on or state.load_on)
    return lambda state: state.dead


def true_world(points: CampaignPoints, kind: str) -> World:
    """Take the world's truth as it stands when the station has ended."""
    truth, world = points.truth, points.world
    if truth is None or world is None:
        return World(0, 0, 0, 0, 0, 0.0)
    truth.look()
    end = truth.at(world.t_us)
    return World(
        end_us=world.t_us,
        dead_since_us=truth.dead_since_us,
        supply_off_us=since_us(truth, "supply_on"),
        load_off_us=since_us(truth, "load_on"),
        contactor_open_us=since_us(truth, "fixture_closed"),
        module_v=end.terminal_v,
        ceilings=tuple(
            (v.t_us, f"{v.what} {v.value:.3f}, ceiling {v.level:g} {v.unit}")
            for v in truth.violations
        ),
        energising=tuple(
            (w.t_us, f"{w.role} {w.name}" + ("" if w.executed else ", lost"))
            for w in truth.writes
        ),
        openings=tuple(
            Opening(o.t_us, o.terminal_v, o.current_a) for o in truth.openings
        ),
        stretches=tuple(_stretches(points, kind)),
    )
