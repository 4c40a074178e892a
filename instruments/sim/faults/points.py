"""The one place that every call of the station passes on its way to the bench.

Without a plan nothing changes but that calls are counted. With one, the k-th call meets
the fault. Runs of the simulated bench are deterministic, so k names a call, and a run
with a fault is the recorded run up to there.
"""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from random import Random
from typing import TYPE_CHECKING

from instruments.clock import StopSwitch
from instruments.sim.faults.call import (
    LED,
    RECORD,
    SERVICE,
    BenchState,
    SeenCall,
    Site,
    without_numbers,
)
from instruments.sim.faults.kinds import (
    DISK_FULL,
    KILLED,
    ONCE,
    STALL,
    STOP_SIGNAL,
    load_kinds,
)
from instruments.sim.faults.log import FaultLog
from instruments.sim.faults.replies import ReplyMemory
from instruments.sim.parameters import stream

if TYPE_CHECKING:
    from instruments.sim.faults.plan import FaultPlan
    from instruments.sim.faults.truth import Truth
    from instruments.sim.plant import Plant
    from instruments.sim.simulated_bench import SimulatedBench
    from instruments.sim.world import World

STALL_US = 10_000_000
STOP_REASON = "signal of the fault plan"
_SWITCH_FAULTS = {"supply": "output_stuck_on", "load": "input_stuck_on"}


class StationKilled(BaseException):
    """The process was killed; no `except Exception` may catch that."""


class FaultPoints:
    """Counts every call through every seam of one run, and lets the plan act.

    Args:
        plan: the fault, or None.
        keep_calls: also keep every call in `calls_seen`.

    Attributes:
        phase: what the station is doing; whoever runs the sequence says it.
        calls: how many calls there were.
        log: what the fault did.
        killed: the station is dead; every further call raises.
        truth: what really happened, once the bench was built.
        due_us: how long an answer may take [µs], on the seams that cannot tell.
        memory: the true answers so far, by role.
        refused: the roles with an ignored setting that nobody has asked after yet.
        ignored_off: the role whose output did not follow its last command to go off.
    """

    def __init__(
        self, plan: FaultPlan | None = None, *, keep_calls: bool = False
    ) -> None:
        self.phase = ""
        self.calls = 0
        self.calls_seen: list[SeenCall] = []
        self.log = FaultLog()
        self.killed = False
        self.truth: Truth | None = None
        self.bench: SimulatedBench | None = None
        self.world: World | None = None
        self.due_us = {LED: 500_000, SERVICE: 300_000}
        self.memory: defaultdict[str, ReplyMemory] = defaultdict(ReplyMemory)
        self.refused: set[str] = set()
        self.ignored_off: str | None = None
        self._plan = plan
        self._kind = None if plan is None else load_kinds()[plan.kind]
        self._keep_calls = keep_calls
        self._plant: Plant | None = None
        self._stop_pending = False

    # -- the run -----------------------------------------------------------------

    def attach(self, bench: SimulatedBench, truth: Truth) -> None:
        """Take the bench that was built for this run."""
        self.bench = bench
        self.world = bench.world
        self.truth = truth
        self._plant = bench.plant
        if self._stop_pending:
            bench.world.stop.request(STOP_REASON)

    def restart(self) -> None:
        """Begin a new start of the station on the same world.

        What died with the station is over; what is broken on the bench stays broken.
        The next `open_bench` with these points opens the same bench again.
        """
        self.killed = False
        self.phase = ""
        if self._kind is not None and not self._kind.outlives_station:
            self._plan = self._kind = None
        if self.world is not None:
            self.world.stop = StopSwitch()

    def reach(self, seam: str, role: str, what: str) -> str | None:
        """Pass one call; return the name of the fault that its seam has to play.

        Args:
            seam, role: where the call goes.
            what: its message.

        Raises:
            StationKilled: the station is dead, and nothing happens any more.
            OSError: no space left, at a write of the record.
        """
        if self.killed:
            raise StationKilled
        self.calls += 1
        if self._keep_calls:
            site = Site(seam, role, without_numbers(what))
            seen = SeenCall(self.calls, self.now_us(), site, self.state())
            self.calls_seen.append(seen)
        if self._plan is None or self.calls < self._plan.call:
            return None
        return self._act(Site(seam, role, without_numbers(what)))

    def now_us(self) -> int:
        """Read bench time [µs]; 0 before there is a bench."""
        return 0 if self.world is None else self.world.t_us

    def state(self) -> BenchState:
        """Tell what the bench is doing, by the plant's truth."""
        plant = self._plant
        if plant is None:
            return BenchState(self.phase, False, False, False, False)
        return BenchState(
            self.phase,
            plant.supply.output_on,
            plant.load.input_on,
            plant.fixture.contactor_closed,
            plant.modules["module"].contactor.closed,
        )

    # -- for the seams -----------------------------------------------------------

    def draw(self) -> Random:
        """Give the generator of this call's noise."""
        seed = 0 if self._plan is None else self._plan.seed
        return stream(seed, f"fault/{self.calls}")

    def is_lasting(self) -> bool:
        """Tell whether the fault stays."""
        return self._plan is not None and self._plan.persistence != ONCE

    def stick(self, role: str) -> None:
        """Let an instrument's output, input or contactor not go off from now on."""
        if self.bench is None:
            return
        if role in _SWITCH_FAULTS:
            self.bench.rack.faults_of(role).begin(_SWITCH_FAULTS[role])
        else:
            self.bench.plant.busbar.begin_fault("contactor_welded")

    # -- faults that need no seam --------------------------------------------------

    def _act(self, site: Site) -> str | None:
        plan, kind, log = self._plan, self._kind, self.log
        if plan is None or kind is None:
            return None
        if self.calls == plan.call:
            log.begin(self.now_us(), site, self.state())
        elif plan.persistence == ONCE or not self._goes_on_at(site):
            return None
        if not kind.applies(site):
            return None
        if kind.name == KILLED:
            self.killed = True
            log.act(self.now_us())
            raise StationKilled
        if kind.name == DISK_FULL:
            log.act(self.now_us())
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), site.what)
        if kind.name == STOP_SIGNAL:
            self._press_stop()
            return None
        if kind.name == STALL:
            self._stand_still()
            return None
        return kind.name

    def _goes_on_at(self, site: Site) -> bool:
        """Tell whether a lasting fault meets this call too."""
        first = self.log.site
        if first is None or site.seam != first.seam:
            return False
        return site.role == first.role or site.seam == RECORD

    def _press_stop(self) -> None:
        """Ask the run to end; where that was asked already, nothing changes."""
        if self.world is None:
            self.log.act(self.now_us())
            self._stop_pending = True
        elif self.world.stop.reason is None:
            self.log.act(self.now_us())
            self.world.stop.request(STOP_REASON)

    def _stand_still(self) -> None:
        """Let time pass without the station; it is lost only if it did pass."""
        if self.world is None:
            return
        before_us = self.now_us()
        self.world.advance_us(STALL_US)
        if self.now_us() > before_us:
            self.log.act(before_us)
