"""Charge and energy by the station's own shunt and terminal meter."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.trace import Sample

_US_PER_H = 3_600e6
_GAP_US = 2_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What had flowed into the module by some instant: charge [Ah], energy [Wh].

    `in_ah` and `out_ah` count each direction by itself; `net_ah` = in - out.
    """

    t_us: int
    net_ah: float
    net_wh: float
    in_ah: float
    out_ah: float

    def since(self, earlier: Tally) -> Tally:
        """Subtract an earlier tally."""
        return Tally(
            self.t_us - earlier.t_us,
            self.net_ah - earlier.net_ah,
            self.net_wh - earlier.net_wh,
            self.in_ah - earlier.in_ah,
            self.out_ah - earlier.out_ah,
        )


class Counter:
    """Integrates samples by the trapezoid rule; the trace file gives the same sums.

    Across a gap in sampling (sources off, contactor open) nothing is counted.
    """

    def __init__(self) -> None:
        self._last: Sample | None = None
        self._in_ah = 0.0
        self._out_ah = 0.0
        self._wh = 0.0
        self._t_us = 0

    def add(self, sample: Sample) -> None:
        """Integrate up to this sample."""
        last = self._last
        self._last = sample
        self._t_us = sample.t_a_us
        if last is None:
            return
        span_us = sample.t_a_us - last.t_a_us
        if span_us > _GAP_US:
            return
        charge_ah = (sample.current_a + last.current_a) * 0.5 * span_us / _US_PER_H
        if charge_ah > 0.0:
            self._in_ah += charge_ah
        else:
            self._out_ah -= charge_ah
        self._wh += charge_ah * (sample.module_v + last.module_v) * 0.5

    def read(self) -> Tally:
        """Read what has flowed so far."""
        return Tally(
            self._t_us,
            self._in_ah - self._out_ah,
            self._wh,
            self._in_ah,
            self._out_ah,
        )
