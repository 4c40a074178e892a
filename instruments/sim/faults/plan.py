"""One fault: what goes wrong, from which call on, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.faults.kinds import ON, ONCE, load_kinds

_LASTS = f'lasts ("{ON}")'
_PASSES = f'happens at one call ("{ONCE}")'


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Act at the k-th call of a run; seam and role are those of that call.

    Args:
        kind: a name of `kinds.toml`.
        persistence: "once" or "on".
        call: k, counted from 1 over all seams.
        seed: for what is drawn (the bytes of garbage).

    Raises:
        ValueError: no such kind, not with this persistence, or no such call.
    """

    kind: str
    persistence: str
    call: int
    seed: int = 0

    def __post_init__(self) -> None:
        kind = load_kinds().get(self.kind)
        if kind is None:
            known = ", ".join(load_kinds())
            raise ValueError(f"no fault {self.kind!r}; there are {known}")
        if self.persistence not in kind.persistence:
            can_be = _LASTS if ON in kind.persistence else _PASSES
            raise ValueError(f'{self.kind} {can_be} and cannot be "{self.persistence}"')
        if self.call < 1:
            raise ValueError(f"calls are counted from 1, not {self.call}")
