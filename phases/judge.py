"""Turn readings into measurements: every limit is judged on the worst edge.

The judge is the only place in which a limit meets a value. It widens a reading by its
expanded uncertainty (k = 2) and asks the limit about both edges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from limits.limit import Limit, Side
from phases.release_image import ReleaseImage, load_release_image
from phases.results import (
    FAIL,
    INFO,
    NOT_RUN,
    PASS,
    READ_ONLY,
    Measurement,
    Value,
)

BOTH: Side = "both"
UPPER: Side = "upper"
LOWER: Side = "lower"


class Judge:
    """Judges one behaviour's measurements against its table of limits.

    Args:
        behaviour: who measures.
        owed: the limits that it has to judge.
        on_fail: told the name of each measurement that fails, at once.
        image: what the registers of the released firmware hold; None is the shipped.

    A key is looked up in the behaviour's own table first, then as a full name.
    """

    def __init__(
        self,
        behaviour: str,
        owed: Iterable[Limit],
        on_fail: Callable[[str], None] | None = None,
        image: ReleaseImage | None = None,
    ) -> None:
        self.behaviour = behaviour
        self.measurements: list[Measurement] = []
        self._limits = {limit.name: limit for limit in owed}
        self._on_fail = on_fail
        self._image = image

    @property
    def names(self) -> tuple[str, ...]:
        """List every measurement that the behaviour owes."""
        return tuple(self._limits)

    @property
    def image(self) -> ReleaseImage:
        """Read what the registers of the released firmware hold."""
        return load_release_image() if self._image is None else self._image

    @property
    def failed(self) -> bool:
        """Tell whether any measurement failed so far."""
        return any(found.outcome == FAIL for found in self.measurements)

    def limit(self, key: str) -> Limit:
        """Look up a limit by its key within the behaviour's table, or by full name."""
        own = f"{self.behaviour}_{key}"
        return self._limits[own if own in self._limits else key]

    def value(
        self,
        key: str,
        value: float,
        *,
        uncertainty: float = 0.0,
        witness: str = "",
        note: str = "",
        side: Side = BOTH,
    ) -> bool:
        """Judge one reading with its expanded uncertainty; return whether it passed."""
        return self.between(
            key,
            value,
            value,
            uncertainty=uncertainty,
            witness=witness,
            note=note,
            side=side,
        )

    def between(
        self,
        key: str,
        low: float,
        high: float,
        *,
        value: float | None = None,
        uncertainty: float = 0.0,
        witness: str = "",
        note: str = "",
        side: Side = BOTH,
    ) -> bool:
        """Judge a bracket: the quantity lies between two readings.

        `side` UPPER or LOWER leaves the other limit out, and the record shows none
        there. It is meant for a threshold that another one hid: what lies within the
        remaining limit was read and not exercised, READ_ONLY (test-plan.md, steps).

        Raises:
            LimitError: a reading or its uncertainty is no finite number, or the
                limit cannot judge it (`Limit.judge`).
        """
        limit = self.limit(key)
        value_low, value_high = low - uncertainty, high + uncertainty
        good = limit.judge(value_low, value_high, side=side)
        lower, upper = limit.sides(side)
        passed = PASS if side == BOTH else READ_ONLY
        self._keep(
            limit,
            value=_middle(low, high) if value is None else value,
            outcome=passed if good else FAIL,
            value_low=value_low,
            value_high=value_high,
            bound="exact" if low == high else "between",
            uncertainty=uncertainty,
            low=lower,
            high=upper,
            witness=witness,
            note=note,
        )
        return good

    def at_least(
        self,
        key: str,
        held: float,
        *,
        uncertainty: float = 0.0,
        witness: str = "",
        note: str = "",
    ) -> bool:
        """Record what did not come up to the highest stimulus held: a FAIL.

        The quantity lies above `held`, however far; no upper limit can contain that.
        """
        return self._did_not_come(
            key, held, "at_least", uncertainty=uncertainty, witness=witness, note=note
        )

    def at_most(
        self,
        key: str,
        held: float,
        *,
        uncertainty: float = 0.0,
        witness: str = "",
        note: str = "",
    ) -> bool:
        """Record what did not come down to the lowest stimulus held: a FAIL."""
        return self._did_not_come(
            key, held, "at_most", uncertainty=uncertainty, witness=witness, note=note
        )

    def expect(
        self, key: str, value: Value, *, witness: str = "", note: str = ""
    ) -> bool:
        """Judge a statement or a state against what the limit expects."""
        limit = self.limit(key)
        good = value is not None and limit.matches(value)
        self._keep(
            limit,
            value=value,
            outcome=PASS if good else FAIL,
            witness=witness,
            note=note,
        )
        return good

    def info(self, key: str, value: Value, unit: str, note: str = "") -> None:
        """Record a value without a limit."""
        self.measurements.append(
            Measurement(
                name=f"{self.behaviour}_{key}",
                value=value,
                outcome=INFO,
                unit=unit,
                note=note,
            )
        )

    def not_run(self, reason: str) -> None:
        """Record every measurement still owed as not run."""
        done = {found.name for found in self.measurements}
        for name, limit in self._limits.items():
            if name not in done:
                self._keep(
                    limit,
                    value=None,
                    outcome=NOT_RUN,
                    low=limit.low,
                    high=limit.high,
                    note=reason,
                )

    def _did_not_come(
        self,
        key: str,
        held: float,
        bound: str,
        *,
        uncertainty: float,
        witness: str,
        note: str,
    ) -> bool:
        """Keep a FAIL that is known on one side only, widened by its uncertainty."""
        limit = self.limit(key)
        if not math.isfinite(held + uncertainty):
            raise ValueError(f"{limit.name}: {held} is no stimulus that was held")
        above = bound == "at_least"
        self._keep(
            limit,
            value=held,
            outcome=FAIL,
            value_low=held - uncertainty if above else None,
            value_high=None if above else held + uncertainty,
            bound=bound,
            uncertainty=uncertainty,
            low=limit.low,
            high=limit.high,
            witness=witness,
            note=note or "did not come",
        )
        return False

    def _keep(
        self,
        limit: Limit,
        *,
        value: Value,
        outcome: str,
        value_low: float | None = None,
        value_high: float | None = None,
        bound: str = "exact",
        uncertainty: float | None = None,
        low: float | None = None,
        high: float | None = None,
        witness: str = "",
        note: str = "",
    ) -> None:
        if any(found.name == limit.name for found in self.measurements):
            raise ValueError(f"{limit.name} is judged twice in one phase")
        self.measurements.append(
            Measurement(
                name=limit.name,
                value=value,
                outcome=outcome,
                value_low=value_low,
                value_high=value_high,
                bound=bound,
                uncertainty=uncertainty,
                unit=limit.unit,
                low=low,
                high=high,
                expect=limit.expect,
                source=limit.source,
                status=limit.status,
                witness=witness,
                requirements=limit.requirements,
                safety=limit.safety,
                note=note,
            )
        )
        if outcome == FAIL and self._on_fail is not None:
            self._on_fail(limit.name)


def _middle(low: float, high: float) -> float:
    return low if low == high else (low + high) / 2.0
