"""Lock-out: after four current or voltage trips in a row RUN is ignored for 30 minutes.

Three rows of trips by over-current. The first finds how many lock, that a temperature
trip among them does not count, and for how long RUN is ignored; the second and the
third find what time of running without a trip clears the count, which the manual leaves
open (C16). That voltage trips count is judged where the module is full and empty
anyway, in `hidden_thresholds`. Requirements: PT-04.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.ntc import substitute
from phases.operate import SHORT_PRESS_S, ensure_running, start
from phases.plan import Plan
from phases.provoke import (
    CHARGE,
    DISCHARGE,
    restart_by_hand,
    trip_by_current,
    trip_by_temperature,
)

_METER = "terminal meter"
_SHUNT = "shunt meter"
_AFTER_TRIPS = 3  # the temperature trip comes where one more of any kind would lock
_REST_US = 30_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """Trips in a row: how many came, whether RUN was ignored then, and the last [s]."""

    trips: int
    locked: bool
    last_s: float
    opened: bool = True


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Lock the module twice, and clear its count once."""
    test = plan.lockout
    ensure_running(bench)
    if facts.trips + facts.earlier_trips:
        bench.hold(test.cleared_s, _REST_US)  # whatever counts begins anew
    first = _first_row(bench, judge, plan, facts)
    if not _judge_row(judge, first):
        return
    if _judge_wait(bench, judge, plan, first) and not judge.failed:
        _judge_clearing(bench, judge, plan, facts)  # which takes count and wait as due


def _first_row(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> Row:
    """Trip in both directions in turn until RUN is ignored."""
    ways = list(islice(cycle((CHARGE, DISCHARGE)), plan.lockout.trips_at_most))
    begin = _trip(bench, plan, facts, ways[:_AFTER_TRIPS])
    if begin.locked or not begin.opened:
        return begin
    opened = trip_by_temperature(
        bench, plan, CHARGE, plan.hidden_thresholds.releases_c["charge_hot"][0]
    )
    temperature_s = bench.now_s()
    substitute(bench, plan.temperature.normal_c)
    bench.hold(plan.temperature.settle_s, 500_000)
    if not opened:
        return Row(begin.trips, False, begin.last_s, opened=False)
    free = restart_by_hand(bench)
    judge.expect(
        "temperature_not_counted",
        free,
        witness=_METER,
        note=f"after {begin.trips} current trips and one by temperature",
    )
    if not free:
        return Row(begin.trips + 1, True, temperature_s)
    rest = _trip(bench, plan, facts, ways[_AFTER_TRIPS:])
    return Row(begin.trips + rest.trips, rest.locked, rest.last_s, rest.opened)


def _trip(bench: Bench, plan: Plan, facts: RunFacts, ways: Iterable[str]) -> Row:
    """Trip and start again, until RUN is ignored or the ways run out."""
    count, last_s = 0, bench.now_s()
    for way in ways:
        opened_s = trip_by_current(bench, plan, facts, way)
        if opened_s is None:
            return Row(count, False, last_s, opened=False)
        count, last_s = count + 1, opened_s
        if not restart_by_hand(bench):
            return Row(count, True, last_s)
    return Row(count, False, last_s)


def _judge_row(judge: Judge, row: Row) -> bool:
    """Judge the first row; return whether there is a lock to wait out."""
    judge.expect("contactor_open", row.opened, witness=f"{_METER} and {_SHUNT}")
    if not row.opened:
        return False
    note = "" if row.locked else "RUN was accepted after each"
    judge.expect("trips", row.trips if row.locked else -1, witness=_METER, note=note)
    return row.locked


def _judge_wait(bench: Bench, judge: Judge, plan: Plan, row: Row) -> bool:
    """Press RUN now and then until it is accepted; judge from the trip to there [s]."""
    ignored_s = bench.now_s() - row.last_s - SHORT_PRESS_S
    note = "from the last opening to the press of RUN"
    for probe_s in plan.lockout.probes_s:
        left_s = row.last_s + probe_s - bench.now_s()
        if left_s > 0.0:
            bench.hold(left_s, _REST_US)
        pressed_s = bench.now_s() - row.last_s
        if start(bench):
            judge.between(
                "wait_s",
                min(ignored_s, pressed_s),
                pressed_s + SHORT_PRESS_S,
                witness=_METER,
                note=note,
            )
            return True
        ignored_s = pressed_s
    judge.at_least("wait_s", ignored_s, witness=_METER, note=note)
    return False


def _judge_clearing(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Judge what time of running clears the count: not `kept_s`, but `cleared_s`."""
    test = plan.lockout
    four = _with_pause(bench, plan, facts, test.kept_s, before=1, after=3)
    if four is None or not four.locked:
        judge.between("clear_s", 0.0, test.kept_s, witness=_METER, note="too early")
        return
    bench.hold(max(0.0, four.last_s + test.wait_s - bench.now_s()), _REST_US)
    if not start(bench):
        judge.at_least("clear_s", test.kept_s, witness=_METER, note="stays locked")
        return
    one = _with_pause(bench, plan, facts, test.cleared_s, before=3, after=1)
    if one is None or one.locked:
        judge.at_least("clear_s", test.cleared_s, witness=_METER, note="still counts")
        return
    judge.between(
        "clear_s",
        test.kept_s,
        test.cleared_s,
        witness=_METER,
        note="of running without a trip",
    )


def _with_pause(
    bench: Bench, plan: Plan, facts: RunFacts, pause_s: float, before: int, after: int
) -> Row | None:
    """Trip, run for a time since the last trip [s], and trip again."""
    first = _trip(bench, plan, facts, [DISCHARGE] * before)
    if first.locked or not first.opened:
        return None
    bench.hold(max(0.0, first.last_s + pause_s - bench.now_s()), _REST_US)
    return _trip(bench, plan, facts, [DISCHARGE] * after)
