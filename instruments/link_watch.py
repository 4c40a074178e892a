"""The module's two links while energy flows: silence, old answers, and cells.

Silence is found by ages, a link that repeats itself by the meters: what it says has to
change once current or voltage at the terminals have (test-plan.md, stale and frozen).
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.ceilings import Ceilings
from instruments.clock import Clock
from instruments.errors import RepeatedReading, ServiceLinkError, StaleReading
from instruments.parts import BenchParts
from instruments.trace import Sample

_SERVICE_TURNS = 3
"""Asked for, collected, and a turn for CAN: no answer is older than a second."""
_CAN_MAX_AGE_S = 3.5
_SERVICE_FAILURES = 2
_UNCOLLECTED_US = 1_000_000
"""An answer that nobody collected for so long belongs to an earlier look."""
_MOVED_V = 0.1
_MOVED_A = 1.0
"""Ten steps of what the links resolve; the meters' noise is far below."""
_CAN_REPEATS_US = 3_000_000
_SERVICE_REPEATS_US = 1_500_000
"""Three periods of the frames; the registers follow the module within a second."""
_LOOK_US = 1_000_000
_CARRIES_A = 0.2
"""Half of the smallest current that a source gives."""
_SPEAKS_S = 1.5
_LIVE_V = 30.0


class Standstill:
    """Finds a link that says the same on and on while the meters have moved.

    Args:
        who: the link, for the message.
        patience_us: how long it may repeat itself while they read otherwise [µs].
        remembers: count on when the meters have come back; for a link that is asked
            often enough to have seen them move.
    """

    def __init__(self, who: str, patience_us: int, *, remembers: bool = False) -> None:
        self._who = who
        self._patience_us = patience_us
        self._remembers = remembers
        self._said: Mapping[str, object] | None = None
        self._then = self._before = self._last = Sample(0, 0.0, 0, 0.0)
        self._moved_us = 0

    def forget(self) -> None:
        """Begin anew: what was said belongs to another state of the module."""
        self._said = None

    def look(self, said: Mapping[str, object], sample: Sample) -> None:
        """Compare what the link says with what it said, and the meters likewise.

        Raises:
            RepeatedReading: it has repeated itself for too long.
        """
        last, self._last = self._last, sample
        if said is not self._said and said != self._said:
            # It may have been said before an edge that this look already sees.
            self._said, self._then, self._before = said, sample, last
            self._moved_us = 0
            return
        moved = _parted(sample, self._then) and _parted(sample, self._before)
        if moved or (self._remembers and self._moved_us):
            self._moved_us += min(sample.t_a_us - last.t_a_us, _LOOK_US)
        if self._moved_us >= self._patience_us:
            then = self._then
            self._moved_us = 0  # who looks on has to see it anew
            raise RepeatedReading(
                self._who,
                f"repeats what it said at {then.module_v:.2f} V,"
                f" {then.current_a:.2f} A; the meters read {sample.module_v:.2f} V,"
                f" {sample.current_a:.2f} A",
                "check the adapter and the module's firmware",
            )


def _parted(one: Sample, other: Sample) -> bool:
    """Tell whether the meters moved between two looks, beyond their noise."""
    return (
        abs(one.module_v - other.module_v) >= _MOVED_V
        or abs(one.current_a - other.current_a) >= _MOVED_A
    )


class LinkWatch:
    """Watches both links, a little at each look.

    Attributes:
        cells: the last summary of the cells by the service port; empty before.
    """

    def __init__(self, parts: BenchParts, clock: Clock, ceilings: Ceilings) -> None:
        self._can = parts.can
        self._service = parts.service
        self._now_us = clock.now_us
        self._ceilings = ceilings
        self._can_stands = Standstill("CAN", _CAN_REPEATS_US)
        self._service_stands = Standstill(
            "service port", _SERVICE_REPEATS_US, remembers=True
        )
        self._asked_us: int | None = None
        self._failures = 0
        self.cells: Mapping[str, float] = {}

    def look(self, turn: int, sample: Sample) -> None:
        """Watch the ages of both links; poll the cells about once a second.

        Without current the module has opened, and it may fall silent.

        Raises:
            StaleReading: a link is silent or stands still.
            ServiceLinkError: two answers on end did not come.
            CeilingExceeded: a cell.
        """
        if abs(sample.current_a) < _CARRIES_A:
            self._asked_us, self._failures = None, 0
            return
        age_s = self._can.state.age_s("pack_voltage_v")
        if age_s > _CAN_MAX_AGE_S:
            raise StaleReading(
                "CAN",
                f"no pack voltage frame for {age_s:.1f} s",
                "check the CAN cable and the module",
            )
        phase = turn % _SERVICE_TURNS
        if self._asked_us is not None:
            self._collect(sample)
        elif phase == 1:
            self._ask()
        elif phase == 0:
            self._look_for_silent_ids()
            self._can_stands.look(self._can.state.group_of("pack_voltage_v"), sample)

    def hear(self, sample: Sample) -> None:
        """Ask the service port before current flows: under it that has to change.

        Raises:
            ServiceLinkError: no valid answer.
            CeilingExceeded: a cell.
        """
        self._asked_us = None
        self.cells = self._service.read_block("summary")
        self._ceilings.check_cells(self.cells["cell_max_v"], self.cells["cell_min_v"])
        self._service_stands.look(self.cells, sample)

    def look_at_rest(self, sample: Sample) -> None:
        """See that a module which is live at rest does not repeat itself on CAN.

        With its contactor open it speaks of the pack, and not of its terminals.
        """
        state = self._can.state
        speaks = state.age_s("pack_voltage_v") < _SPEAKS_S
        if speaks and sample.module_v > _LIVE_V:
            self._can_stands.look(state.group_of("pack_voltage_v"), sample)
        else:
            self._can_stands.forget()

    def _ask(self) -> None:
        self._service.send("summary")
        self._asked_us = self._now_us()

    def _look_for_silent_ids(self) -> None:
        """Look for an id that stopped coming while others still do."""
        silent = self._can.silent_ids()
        if silent:
            names = ", ".join(f"0x{can_id:03X}" for can_id in silent)
            raise StaleReading(
                "CAN",
                f"no frame in time of {names}",
                "check the module's firmware and CAN profile",
            )

    def _collect(self, sample: Sample) -> None:
        """Take the answer; after one that failed ask again at once."""
        asked_us, self._asked_us = self._asked_us, None
        if asked_us is None or self._now_us() - asked_us > _UNCOLLECTED_US:
            self._ask()
            return
        try:
            self.cells = self._service.collect()
        except ServiceLinkError:
            self._failures += 1
            if self._failures >= _SERVICE_FAILURES:
                raise
            self._ask()
            return
        self._failures = 0
        self._ceilings.check_cells(self.cells["cell_max_v"], self.cells["cell_min_v"])
        self._service_stands.look(self.cells, sample)
