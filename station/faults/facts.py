"""What one case left behind: the world's truth beside what the station said.

Frozen and plain, so that the invariants are pure functions over it. Times are bench
times [µs]; None where the thing never happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from instruments.sim.faults.kinds import KILLED
from station.faults.cases import Case

_LONGEST = 2
_LONGEST_EXTRA_US = 3_600_000_000
Number = float | int | str | bool | None
Bracket = tuple[str, Number, float | None, float | None]
"""Outcome, value, lower and upper edge of one measurement."""


@dataclass(frozen=True, slots=True)
class SafeSpan:
    """One make_safe: when it began and ended, and its module-dead step within.

    `supply_off_us`, `load_off_us` and `contactor_open_us` are the instants since when
    each is truly off; None if it was still on at the end.
    """

    begin_us: int
    end_us: int
    module_begin_us: int | None
    module_end_us: int | None
    supply_off_us: int | None
    load_off_us: int | None
    contactor_open_us: int | None

    @property
    def module_s(self) -> float:
        """How long the module-dead step took [s]."""
        if self.module_begin_us is None or self.module_end_us is None:
            return 0.0
        return (self.module_end_us - self.module_begin_us) / 1e6

    @property
    def bench_s(self) -> float:
        """How long everything but the module-dead step took [s]."""
        return (self.end_us - self.begin_us) / 1e6 - self.module_s


@dataclass(frozen=True, slots=True)
class Opening:
    """The module's contactor as it opened, from the simulated world."""

    t_us: int
    terminal_v: float
    current_a: float


@dataclass(frozen=True, slots=True)
class World:
    """The simulated world's truth over the case; `off` means off for good."""

    end_us: int
    dead_since_us: int | None
    supply_off_us: int | None
    load_off_us: int | None
    contactor_open_us: int | None
    module_v: float
    ceilings: tuple[tuple[int, str], ...] = ()
    energising: tuple[tuple[int, str], ...] = ()
    openings: tuple[Opening, ...] = ()
    stretches: tuple[tuple[int, int | None], ...] = ()
    """From detectable on: from when to when the bench was not dead; None is the end.

    An output that the fault holds on counts as off.
    """


@dataclass(frozen=True, slots=True)
class Fault:
    """What the fault did: first act, first instant at which it could be noticed."""

    effects: int
    first_us: int | None = None
    detectable_us: int | None = None
    asked_again_us: int | None = None
    """When the service port was asked again."""
    seam: str = ""
    role: str = ""
    what: str = ""
    state: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """What an independent reader found in the store after the case."""

    runs: int
    ended: int
    confirmed: int
    closed: int
    outcome: str | None
    whole: bool
    """The confirmed record has the hash that was confirmed."""
    locked: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What the station said: its verdict, or why there is none."""

    outcome: str | None
    reason: str = ""
    bench_dead: bool | None = None
    module_live: bool = False
    incidents: tuple[str, ...] = ()
    measured: Mapping[str, Bracket] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    refused: str | None = None
    crashed: str | None = None


@dataclass(frozen=True, slots=True)
class Clean:
    """A run without a fault: what the station said, and when it ended [µs]."""

    said: Said
    end_us: int

    @property
    def longest_us(self) -> int:
        """Bench time at which a case of this run is stopped [µs]."""
        return _LONGEST * self.end_us + _LONGEST_EXTRA_US


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case, whole."""

    case: Case
    fault: Fault
    world: World
    said: Said
    stored: Stored
    clean: Clean
    spans: tuple[SafeSpan, ...] = ()
    unread: tuple[str, ...] = ()
    """What the station energised before it had read back that it was off."""
    refusal: str | None = None
    """Why the next start on this store is refused, where one was tried."""
    restart: str | None = None
    """What the next start on the same world did before it had read back off."""

    @property
    def killed(self) -> bool:
        """Tell whether the station was killed."""
        return self.case.kind == KILLED and self.fault.first_us is not None

    @property
    def alive_s(self) -> float | None:
        """How long the bench was not dead with the fault detectable [s].

        The longest stretch: a bench that is energised anew, and dead again as soon as
        the fault shows, was not alive all the time. None where nothing was detectable.
        """
        if self.fault.detectable_us is None:
            return None
        end_us = self.world.end_us
        return (
            max(
                ((end or end_us) - begin for begin, end in self.world.stretches),
                default=0,
            )
            / 1e6
        )

    @property
    def overcome(self) -> bool:
        """Tell whether the run went on and ended as it does without a fault."""
        return self.said.outcome == self.clean.said.outcome
