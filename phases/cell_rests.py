"""Cells at rest: does the alarm of their spread agree with what the module says?

Cells cannot be set apart from outside, so the alarm's limit is not exercised.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.judge import Judge
from phases.operate import CAN_AGE_S

_REST_US = 30_000_000
_SPREAD_V = 0.2
_SPREAD_DOUBT_V = 0.02


class CellRests:
    """Compares alarm and cells of a module that rests.

    Args:
        bench: the module runs, nothing is connected.
        rest_s: how long it rests before it is looked at [s].
    """

    def __init__(self, bench: Bench, rest_s: float) -> None:
        self._bench = bench
        self._rest_s = rest_s
        self._spreads_v: list[float] = []
        self._agree = True

    def look(self) -> None:
        """Rest, then compare the alarm on CAN with the spread on the service link."""
        self._bench.hold(self._rest_s, _REST_US)
        self._bench.hold(2.0, 500_000)  # a frame that is younger than a look
        cells = self._bench.parts.service.read_block("summary")
        spread_v = cells["cell_max_v"] - cells["cell_min_v"]
        warnings = self._bench.parts.can.state.read_flags("warnings", CAN_AGE_S)
        alarm = "system_error" in warnings
        doubtful = abs(spread_v - _SPREAD_V) <= _SPREAD_DOUBT_V
        self._agree = self._agree and (doubtful or alarm == (spread_v > _SPREAD_V))
        self._spreads_v.append(spread_v)

    def judge(self, judge: Judge) -> None:
        """Judge that they agreed at every rest."""
        told = ", ".join(f"{spread_v * 1e3:.0f}" for spread_v in self._spreads_v)
        judge.expect(
            "spread_alarm_match",
            self._agree,
            witness="self_reported",
            note=f"cells {told} mV apart",
        )
