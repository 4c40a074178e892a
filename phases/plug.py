"""The bench as an OpenHTF plug: one plug owns everything, its tearDown is the last net.

OpenHTF tears plugs down in random order and ignores their failures (reference facts 2
and 3), so there is only this one, and the measured teardown phase comes before it.
"""

from __future__ import annotations

from typing import ClassVar

import openhtf as htf

from instruments.bench import Bench


class BenchPlug(htf.BasePlug):  # type: ignore[misc]
    """Holds the bench that `bound_to` was given."""

    bench: ClassVar[Bench]

    @classmethod
    def bound_to(cls, bench: Bench) -> type[BenchPlug]:
        """Make a plug class for one run on one bench."""
        return type("RunBenchPlug", (cls,), {"bench": bench})

    def tearDown(self) -> None:
        """Make the bench safe unless the teardown phase has proved it dead."""
        last = self.bench.last_safe
        if last is None or not last.dead:
            self.bench.make_safe(module_dead=False)
