"""What the module said last: values with age and validity.

A value that was never said, or whose last frame could not be decoded, is an error
(`StaleReading`), never a default. One object for each link: the two may disagree, and
that is a finding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from instruments.clock import Clock
from instruments.errors import StaleReading

if TYPE_CHECKING:
    from instruments.wire.pylon_lv import CanValue

_INVALID: Mapping[str, CanValue] = {}


class ModuleState:
    """Last values of one link by canonical name.

    Values arrive in groups (a CAN id, a register block) that share one time stamp.

    Args:
        clock: tells their age.
        who: the link's name for messages.
    """

    def __init__(self, clock: Clock, who: str) -> None:
        self._clock = clock
        self._who = who
        self._groups: dict[int | str, tuple[int, Mapping[str, CanValue]]] = {}
        self._owner: dict[str, int | str] = {}
        self._shared = False  # two groups hold a value of the same name

    def put(self, group: int | str, values: Mapping[str, CanValue], t_us: int) -> None:
        """Store the values of one group, said at `t_us`."""
        before = self._groups.get(group)
        self._groups[group] = (t_us, values)
        if before is not None and before[1] is values and not self._shared:
            return  # the decoder's memo: the same values as last time
        owner = self._owner
        for name in values:
            if owner.get(name, group) != group:
                self._shared = True
            owner[name] = group

    def invalidate(self, group: int | str, t_us: int) -> None:
        """Note that the group's last frame could not be decoded."""
        self._groups[group] = (t_us, _INVALID)

    def clear(self) -> None:
        """Forget everything, as before the first frame."""
        self._groups.clear()
        self._owner.clear()

    def read(self, name: str, max_age_s: float) -> CanValue:
        """Read a value that is at most `max_age_s` old.

        Raises:
            StaleReading: never said, last frame invalid, or too old.
        """
        group = self._owner.get(name)
        if group is None:
            self._raise_stale(name, "was never received")
        t_us, values = self._groups[group]
        if name not in values:
            self._raise_stale(name, "was not in the last frame, or that was invalid")
        age_s = (self._clock.now_us() - t_us) * 1e-6
        if age_s > max_age_s:
            self._raise_stale(name, f"is {age_s:.2f} s old, allowed {max_age_s:g} s")
        return values[name]

    def read_number(self, name: str, max_age_s: float) -> float:
        """Read a value that is a number.

        Raises:
            StaleReading: as `read`; TypeError: it is no number.
        """
        value = self.read(name, max_age_s)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{self._who}: {name} is {value!r}, not a number")
        return float(value)

    def read_flags(self, name: str, max_age_s: float) -> frozenset[str]:
        """Read ``protections`` or ``warnings``.

        Raises:
            StaleReading: as `read`; TypeError: it is no set of flags.
        """
        value = self.read(name, max_age_s)
        if not isinstance(value, frozenset):
            raise TypeError(f"{self._who}: {name} is {value!r}, not a set of flags")
        return value

    def read_bool(self, name: str, max_age_s: float) -> bool:
        """Read a value that is yes or no.

        Raises:
            StaleReading: as `read`; TypeError: it is neither.
        """
        value = self.read(name, max_age_s)
        if not isinstance(value, bool):
            raise TypeError(f"{self._who}: {name} is {value!r}, not yes or no")
        return value

    def group_of(self, name: str) -> Mapping[str, CanValue]:
        """Return what was last said together with a value; empty if nothing was."""
        group = self._owner.get(name)
        return _INVALID if group is None else self._groups[group][1]

    def age_s(self, name: str) -> float:
        """Compute the age [s] of a value; infinite if it is not valid."""
        group = self._owner.get(name)
        if group is None:
            return math.inf
        t_us, values = self._groups[group]
        if name not in values:
            return math.inf
        return (self._clock.now_us() - t_us) * 1e-6

    def t_us(self, name: str) -> int:
        """Read when a value was said, bench time [µs].

        Raises:
            StaleReading: there is no valid value.
        """
        group = self._owner.get(name)
        if group is None or name not in self._groups[group][1]:
            self._raise_stale(name, "has no valid value")
        return self._groups[group][0]

    def snapshot(self) -> dict[str, CanValue]:
        """List every valid value, for the record; ages are not judged."""
        return {
            name: self._groups[group][1][name]
            for name, group in self._owner.items()
            if name in self._groups[group][1]
        }

    def _raise_stale(self, name: str, why: str) -> NoReturn:
        raise StaleReading(
            self._who, f"{name} {why}", "check the cable and that the module is awake"
        )
