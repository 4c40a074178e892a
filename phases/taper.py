"""Let a current fall so that a voltage stays where a climb begins.

The climb's pulses start from a small current; what a larger one has built up in the
cells (polarisation, above all near full) has to fade first.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench import Bench, Edge
from instruments.trace import Sample
from phases.cell_history import CellHistory
from phases.climb import Flow
from phases.operate import reach
from phases.plan import PulsePlan

_FALL = 0.98


class Taper:
    """Takes a current back whenever pack or extreme cell stands at the first level.

    Args:
        test: the first levels of pack and cell [V], and the last current [A].
        rising: True while charging.
        history: the extreme cell's readings.
        trim_current_a: sets the current [A, magnitude].
    """

    def __init__(
        self,
        test: PulsePlan,
        *,
        rising: bool,
        history: CellHistory,
        trim_current_a: Callable[[float], object],
    ) -> None:
        self._test = test
        self._rising = rising
        self._history = history
        self._trim_current_a = trim_current_a

    def run(self, bench: Bench, from_a: float, expected: str) -> Edge | None:
        """Go on from a current [A] that flows already down to the last one.

        Args:
            bench: energised.
            from_a: the current that was set [A, magnitude].
            expected: what is wrong with a module that never comes there.

        Returns:
            The opening, if it came.

        Raises:
            PreconditionNotMet: the level or the last current was not reached in time.
        """
        flow = Flow(bench)
        current_a = from_a

        def ended(sample: Sample) -> bool:
            nonlocal current_a
            if flow.stopped(sample):
                return True
            if not flow.flowing or not self._stands(sample):
                return False
            if current_a <= self._test.rest_a:
                return True
            current_a = max(self._test.rest_a, current_a * _FALL)
            self._trim_current_a(current_a)
            return False

        reach(bench, ended, self._test.approach_timeout_s, expected)
        return flow.edge

    def _stands(self, sample: Sample) -> bool:
        start_v = self._test.start_v
        if self._rising:
            reached = sample.module_v >= start_v
        else:
            reached = sample.module_v <= start_v
        return reached or self._history.is_beyond(self._test.start_cell_v)
