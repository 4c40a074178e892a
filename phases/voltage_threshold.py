"""Judge pack and extreme cell at an opening, for over- and under-voltage alike.

Whichever rule acted is judged on both sides; the other one only on the side on which it
may not have been passed (test-plan.md). The pack lies behind the module's contactor, so
the bracket reaches towards it by the drop at the current that flowed.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.bench import Bench, Edge
from phases.cell_history import CellHistory
from phases.climb import Climb, check_abrupt
from phases.judge import BOTH, LOWER, UPPER, Judge

METER = "terminal meter"
CELL_WITNESS = "cells by their sum against the terminal meter"
CELL_UNCERTAINTY_V = 0.002


@dataclass(frozen=True, slots=True)
class Threshold:
    """Which way the staircase went, and the drop between pack and terminals.

    `rising` is True for over-voltage. `pack_ohm` is the resistance of the module's
    contactor, fuse and bars with a margin (provisional).
    """

    rising: bool
    pack_ohm: float


def opened_early(found: Edge, level: float) -> Climb:
    """Describe an opening before the staircase began: there is no edge.

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
    opened = found.opened
    if opened is None:
        raise ValueError("nothing opened, no trip")
    cell_acted = judge_levels(bench, judge, found, history.last_v(opened), threshold)
    if found.edge_us is not None:
        delay_s = history.delay_s(opened) if cell_acted else found.delay_s()
        judge.between("delay_s", *delay_s, witness="shunt meter")


def judge_levels(
    bench: Bench, judge: Judge, found: Climb, cell_v: float, threshold: Threshold
) -> bool:
    """Judge `trip_v` and `cell_trip_v`; return whether the cell rule acted."""
    last = found.last
    uncertainty = bench.config.module_meter.uncertainty.of(last.module_v)
    if found.before is None:
        return _judge_early(judge, found, uncertainty, threshold)
    held = found.before
    drop_v = threshold.pack_ohm * max(abs(held.current_a), abs(last.current_a))
    low_v = min(held.module_v, last.module_v)
    high_v = max(held.module_v, last.module_v)
    if threshold.rising:
        low_v, high_v = low_v - drop_v, last.module_v
    else:
        low_v, high_v = last.module_v, high_v + drop_v
    if not found.seen:  # opened before it could be sampled: the level is the far edge
        low_v, high_v = min(low_v, found.level), max(high_v, found.level)
    pack, cell = judge.limit("trip_v"), judge.limit("cell_trip_v")
    if threshold.rising:
        hidden = UPPER
        pack_acted = pack.low is not None and low_v - uncertainty >= pack.low
        cell_reached = cell.low is not None and cell_v >= cell.low
    else:
        hidden = LOWER
        pack_acted = pack.high is not None and high_v + uncertainty <= pack.high
        cell_reached = cell.high is not None and cell_v <= cell.high
    cell_acted = cell_reached and not pack_acted
    judge.between(
        "trip_v",
        low_v,
        high_v,
        value=last.module_v,
        uncertainty=uncertainty,
        witness=METER,
        side=hidden if cell_acted else BOTH,
        note=f"the {'cell' if cell_acted else 'pack'} rule acted;"
        f" {drop_v:.3f} V of drop between pack and terminals within the bracket",
    )
    judge.value(
        "cell_trip_v",
        cell_v,
        uncertainty=CELL_UNCERTAINTY_V,
        witness=CELL_WITNESS,
        side=BOTH if cell_acted else hidden,
        note="acted" if cell_acted else "read, not exercised: hidden by the pack rule",
    )
    return cell_acted


def _judge_early(
    judge: Judge, found: Climb, uncertainty: float, threshold: Threshold
) -> bool:
    """Record an opening in the approach: the threshold lies short of the level."""
    record = judge.at_most if threshold.rising else judge.at_least
    record(
        "trip_v",
        found.last.module_v,
        uncertainty=uncertainty,
        witness=METER,
        note="opened before the staircase began",
    )
    return False
