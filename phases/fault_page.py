"""Fault page: SOC and fault alternate on the bar, five seconds each.

Measured once, in the rest after the over-voltage trip. Requirements: LD-17.
"""

from __future__ import annotations

from itertools import pairwise

from instruments.bench import Bench
from phases.judge import Judge
from phases.operate import page_of, read_bar

_LOOK_S = 0.02
_WATCH_S = 24.0


def judge_alternation(bench: Bench, judge: Judge) -> None:
    """Judge how long each page stands, by the LED reader."""
    changes = _watch(bench)
    for key, wanted in (("fault_page_fault_s", True), ("fault_page_soc_s", False)):
        spans = [
            (start[1], end[0])
            for (start, is_fault), (end, _) in pairwise(changes)
            if is_fault is wanted
        ]
        if not spans:
            judge.at_least(key, _WATCH_S, witness="LED reader", note="no alternation")
            continue
        shown = [end - start for start, end in spans]
        judge.between(
            key,
            min(shown),
            max(shown),
            uncertainty=0.05,
            witness="LED reader",
        )


def _watch(bench: Bench) -> list[tuple[tuple[float, float], bool]]:
    """List the changes of page: bracket of the instant [s], and whether to fault."""
    changes: list[tuple[tuple[float, float], bool]] = []
    end_s = bench.now_s() + _WATCH_S
    before_s = bench.now_s()
    shown = bool(page_of(read_bar(bench)))
    while bench.now_s() < end_s:
        bench.wait(_LOOK_S)
        is_fault = bool(page_of(read_bar(bench)))
        now_s = bench.now_s()
        if is_fault != shown:
            changes.append(((before_s, now_s), is_fault))
        shown, before_s = is_fault, now_s
    return changes
