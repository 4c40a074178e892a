"""Judge pack and extreme cell at an opening, for over- and under-voltage alike.

Whichever rule acted is judged on both sides; the other one only on the side on which it
may not have been passed (test-plan.md). The pack lies behind the module's contactor, so
the bracket reaches towards it by the drop at the current that flowed.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.bench import Bench, Edge
from instruments.errors import StaleReading
from limits.limit import Limit
from phases.cell_history import CellHistory
from phases.climb import Climb, check_abrupt
from phases.judge import BOTH, LOWER, UPPER, Judge

METER = "terminal meter"
CELL_WITNESS = "cells by their sum against the terminal meter"
CELL_UNCERTAINTY_V = 0.002
_PULSE_CELL_V = 0.05
"""How far a pulse of 60 A moves a cell by its resistance, with a margin."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Which way the climb went, and the drop between pack and terminals.

    `rising` is True for over-voltage. `pack_ohm` is the resistance of the module's
    contactor, fuse and bars with a margin (provisional). At `stop_cell_v` a climb ends
    to spare the cell.
    """

    rising: bool
    pack_ohm: float
    stop_cell_v: float


def opened_early(found: Edge, level: float) -> Climb:
    """Describe an opening before the climb began: there is no edge.

    Raises:
        PreconditionNotMet: the current died away by itself, nothing opened.
    """
    check_abrupt(found, found.before)
    return Climb(found, None, level, None, found.before, None)


def judge_trip(
    bench: Bench,
    judge: Judge,
    found: Climb,
    history: CellHistory,
    threshold: Threshold,
) -> None:
    """Judge levels and delay of the rule that acted.

    Raises:
        StaleReading: no cell was read in time before the opening.
    """
    if found.opened is None:
        raise ValueError("nothing opened, no trip")
    _judge_levels(bench, judge, found, history, threshold)
    if found.edge_us is not None:
        judge.between("delay_s", *found.delay_s(), witness="shunt meter")


def judge_no_trip(
    bench: Bench,
    judge: Judge,
    found: Climb,
    history: CellHistory,
    threshold: Threshold,
) -> None:
    """Record a trip that did not come, of the cell if it was the one to be spared.

    Raises:
        StaleReading: no cell was read in time.
    """
    record = judge.at_least if threshold.rising else judge.at_most
    cell_v, held_v = history.last_v(None), found.last.module_v
    if history.is_beyond(threshold.stop_cell_v):
        record(
            "cell_trip_v",
            cell_v,
            uncertainty=CELL_UNCERTAINTY_V,
            witness=CELL_WITNESS,
            note="did not come; the cell is spared, the pack not exercised",
        )
    else:
        record(
            "trip_v",
            held_v,
            uncertainty=bench.config.module_meter.uncertainty.of(held_v),
            witness=METER,
        )
    extreme = "highest" if threshold.rising else "lowest"
    judge.info(f"{extreme}_cell_v", cell_v, "V", "when the climb ended")


def _judge_levels(
    bench: Bench,
    judge: Judge,
    found: Climb,
    history: CellHistory,
    threshold: Threshold,
) -> None:
    """Judge `trip_v` and `cell_trip_v`, of which one acted."""
    last = found.last
    uncertainty = bench.config.module_meter.uncertainty.of(last.module_v)
    if found.before is None:
        _judge_early(judge, found, uncertainty, threshold)
        return
    cell_v = history.last_v(found.opened)
    held_cell_v = history.at_v(found.before.t_v_us)
    held_v = found.before.module_v - threshold.pack_ohm * found.before.current_a
    low_v, high_v = _spanned(held_v, last.module_v, found.level)
    pack, cell = judge.limit("trip_v"), judge.limit("cell_trip_v")
    if threshold.rising:
        hidden = UPPER
        pack_inside = pack.low is not None and low_v - uncertainty >= pack.low
        cell_inside = cell.low is not None and cell_v >= cell.low
    else:
        hidden = LOWER
        pack_inside = pack.high is not None and high_v + uncertainty <= pack.high
        cell_inside = cell.high is not None and cell_v <= cell.high
    if not (pack_inside or cell_inside):
        _demand_reading(found, history, cell, cell_v, threshold)
    cell_acted = cell_inside and not pack_inside
    judge.between(
        "trip_v",
        low_v,
        high_v,
        value=last.module_v,
        uncertainty=uncertainty,
        witness=METER,
        side=hidden if cell_acted else BOTH,
        note=_who_acted(pack_inside, cell_inside),
    )
    cell_low_v, cell_high_v = (
        _spanned(held_cell_v, cell_v) if cell_acted else (cell_v,) * 2
    )
    judge.between(
        "cell_trip_v",
        cell_low_v,
        cell_high_v,
        value=cell_v,
        uncertainty=CELL_UNCERTAINTY_V,
        witness=CELL_WITNESS,
        side=BOTH if cell_acted else hidden,
        note="acted" if cell_acted else "read, not exercised: hidden by the pack rule",
    )


def _demand_reading(
    found: Climb,
    history: CellHistory,
    cell: Limit,
    cell_v: float,
    threshold: Threshold,
) -> None:
    """Refuse to blame the pack where a cell may have acted unread.

    A rule may be quicker than the polling of the cells. What they read before the edge
    then says nothing of the pulse.

    Raises:
        StaleReading: no cell was read within the pulse, and one may have been there.
    """
    if found.opened is None or found.edge_us is None:
        return
    if history.is_read_since(found.opened, found.edge_us[1]):
        return
    near = cell.low if threshold.rising else cell.high
    if near is not None and abs(near - cell_v) <= _PULSE_CELL_V:
        raise StaleReading(
            "service",
            f"the module opened before a cell was read; at {cell_v:.3f} V before the"
            " edge one of them may have acted",
            "test again; if it repeats, compare the cell rule's delay with the release",
        )


def _spanned(*values: float) -> tuple[float, float]:
    return min(values), max(values)


def _who_acted(pack_inside: bool, cell_inside: bool) -> str:
    """Say which rule acted, as far as the levels tell."""
    if pack_inside and cell_inside:
        return "the pack rule acted, or the cell rule: both stand inside"
    if cell_inside:
        return "the cell rule acted"
    return "the pack rule acted" if pack_inside else "neither rule stands inside"


def _judge_early(
    judge: Judge, found: Climb, uncertainty: float, threshold: Threshold
) -> None:
    """Record an opening in the approach: the threshold lies short of the level."""
    record = judge.at_most if threshold.rising else judge.at_least
    record(
        "trip_v",
        found.last.module_v,
        uncertainty=uncertainty,
        witness=METER,
        note="opened before the climb began",
    )
