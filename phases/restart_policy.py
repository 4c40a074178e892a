"""Restart policy: self-restarts of five days, counted from the first trip.

Every self-restart is seen as voltage at the terminals and answered by one more trip, so
that the module goes on with its list; the last trip is followed by 13 hours in which
nothing may come. Judged is what readings A and B of C15 share; which reading the
firmware follows on the first day is recorded. Nothing is energised but for the trips,
so the bench looks once a second around an attempt and rarely in between.
Requirements: PT-02, PT-03.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from instruments.bench import LIVE_V, Bench
from instruments.trace import Sample
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import demand_can, ensure_running
from phases.plan import Plan
from phases.provoke import DISCHARGE, restart_by_hand, trip_by_current
from phases.qualification_plan import RestartPolicyPlan

_METER = "terminal meter"
_MOST = 150  # 104 attempts of reading B, and some more
_READING_B = 92  # from 75 min to 24 h
_REST_US = 30_000_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One self-restart: the looks between which it came, from the first trip [s]."""

    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """A time up to an instant after the first trip [s], and how often is looked [s]."""

    until_s: float
    look_s: float


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Trip, and trip again after each self-restart, until none comes any more."""
    test = plan.restart_policy
    ensure_running(bench)
    watch = Watch(bench, plan, facts)
    if watch.begin():
        watch.follow(first_hour(test))
        if watch.opened:
            _judge_hour(judge, watch.attempts, test)
        if watch.opened and not judge.failed:
            in_hour = len(watch.attempts)
            watch.follow([Span(test.morning_end_s, test.day_look_s)])
            watch.follow(days_after(test, restless=len(watch.attempts) > in_hour))
            _judge_days(judge, watch.attempts, test)
    judge.expect("contactor_open", watch.opened, witness="terminal meter and shunt")
    if watch.opened:
        judge.expect("recovered", _recover(bench, plan), witness=_METER)


def _recover(bench: Bench, plan: Plan) -> bool:
    """Start the module by hand; after four trips in an hour RUN may be locked out."""
    if restart_by_hand(bench):
        return True
    bench.hold(plan.lockout.wait_s, _REST_US)
    return restart_by_hand(bench)


class Watch:
    """Looks for self-restarts and trips the module after each."""

    def __init__(self, bench: Bench, plan: Plan, facts: RunFacts) -> None:
        self._bench = bench
        self._plan = plan
        self._facts = facts
        self._from_s = 0.0
        self.opened = False
        self.attempts: list[Attempt] = []

    def begin(self) -> bool:
        """Trip for the first time; return whether the contactor opened."""
        tripped_s = self._trip()
        self._from_s = tripped_s or 0.0
        return self.opened

    def follow(self, spans: Sequence[Span]) -> None:
        """Look through the spans in order; ends early if the contactor stays closed."""
        for span in spans:
            while self.opened and len(self.attempts) < _MOST:
                left_s = self._from_s + span.until_s - self._bench.now_s()
                if left_s <= 0.0 or not self._look(left_s, span.look_s):
                    break

    def _look(self, duration_s: float, look_s: float) -> bool:
        """Wait for one self-restart; return whether it came."""
        found = self._bench.wait_until(_is_live, duration_s, round(look_s * 1e6))
        if found is None:
            return False
        self.attempts.append(
            Attempt(
                found.before.t_v_us / 1e6 - self._from_s,
                found.after.t_v_us / 1e6 - self._from_s,
            )
        )
        if demand_can(self._bench):
            self._trip()
        return True

    def _trip(self) -> float | None:
        tripped_s = trip_by_current(self._bench, self._plan, self._facts, DISCHARGE)
        self.opened = tripped_s is not None
        return tripped_s


def first_hour(test: RestartPolicyPlan) -> list[Span]:
    """List how often is looked when in the first hour."""
    spans: list[Span] = []
    for due_s in test.early_s:
        spans.append(Span(due_s - test.early_before_s, test.hour_look_s))
        spans.append(Span(due_s + test.early_after_s, test.early_look_s))
    spans.append(Span(test.hour_end_s, test.hour_look_s))
    return spans


def days_after(test: RestartPolicyPlan, *, restless: bool) -> list[Span]:
    """List how often is looked when after the first hours, to the end.

    A module that came back after the first hour is `restless`: reading B, every 15
    minutes of the first day.
    """
    day_look_s = test.day_look_s if restless else test.far_look_s
    spans = [Span(test.day_end_s, day_look_s)]
    for due_s in test.late_s:
        spans.append(Span(due_s - test.late_margin_s, test.far_look_s))
        spans.append(Span(due_s + test.late_margin_s, test.late_look_s))
    spans.append(Span(test.watch_s, test.far_look_s))
    return spans


def _is_live(sample: Sample) -> bool:
    return sample.module_v > LIVE_V


def _judge_hour(
    judge: Judge, attempts: Sequence[Attempt], test: RestartPolicyPlan
) -> None:
    """Judge the first hour: when the first comes, how many, and how far apart."""
    if attempts:
        first = attempts[0]
        judge.between("first_s", first.low_s, first.high_s, witness=_METER)
    else:
        judge.at_least("first_s", test.hour_end_s, witness=_METER)
    judge.expect("hour_count", len(attempts), witness=_METER)
    _judge_spacing(judge, "hour_spacing_s", attempts, test.hour_end_s)


def _judge_days(
    judge: Judge, attempts: Sequence[Attempt], test: RestartPolicyPlan
) -> None:
    """Record the first day, judge the four days after it and the end."""
    day = [a for a in attempts if test.hour_end_s < a.high_s <= test.day_end_s]
    reading = reading_of(len(day))
    told = f"{len(day)} from 1 h to 24 h (C15)"
    judge.info("reading", reading, "1", told)
    judge.expect("day_reading_match", reading in "AB", witness=_METER, note=told)
    end_s = test.late_s[-1] + test.late_margin_s
    late = [a for a in attempts if test.day_end_s < a.high_s <= end_s]
    judge.expect("late_count", len(late), witness=_METER)
    if late:
        judge.between("late_first_s", late[0].low_s, late[0].high_s, witness=_METER)
    else:
        judge.at_least("late_first_s", end_s, witness=_METER)
    _judge_spacing(judge, "late_spacing_s", late, end_s - test.day_end_s)
    after = [a for a in attempts if a.high_s > end_s]
    judge.expect("after_end_count", len(after), witness=_METER)


def _judge_spacing(
    judge: Judge, key: str, attempts: Sequence[Attempt], watched_s: float
) -> None:
    """Judge the shortest and the longest time from one attempt to the next [s]."""
    if len(attempts) < 2:
        judge.at_least(key, watched_s, witness=_METER)
        return
    pairs = list(pairwise(attempts))
    judge.between(
        key,
        min(b.low_s - a.high_s for a, b in pairs),
        max(b.high_s - a.low_s for a, b in pairs),
        witness=_METER,
        note=f"over {len(attempts)} attempts",
    )


def reading_of(count: int) -> str:
    """Name the reading of C15 that so many attempts between 1 h and 24 h follow."""
    if count == 0:
        return "A"
    return "B" if abs(count - _READING_B) <= 1 else "neither A nor B"
