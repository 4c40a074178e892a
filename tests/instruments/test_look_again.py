"""make_safe looks again after watchdog and dead-man had their time."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from instruments.safe_state import make_safe
from tests.instruments.fake_parts import FakeClock, World, fake_parts

SELF_OFF_S = 2.6


@dataclass
class LateWorld(World):
    """A bench whose parts obey and answer again once the watchdogs have acted."""

    clock: FakeClock = field(default_factory=FakeClock)

    def act(self, what: str) -> None:
        """Note an act; from then on nothing is stuck or broken."""
        if self.clock.now_us() >= SELF_OFF_S * 1e6:
            self.stuck.clear()
            self.broken.clear()
        super().act(what)


@pytest.mark.parametrize("part", ["supply", "load", "contactor"])
def test_part_that_obeys_late_leaves_a_dead_bench(part: str) -> None:
    """A bench that its watchdogs made dead is left on, or reported as live."""
    world = LateWorld(load_on=True, stuck={part})
    report = make_safe(fake_parts(world), world.clock, SELF_OFF_S, False)
    assert report.dead
    assert not any((world.supply_on, world.load_on, world.contactor_closed))


@pytest.mark.parametrize("role", ["supply", "load", "shunt_meter", "scan_meter"])
def test_part_that_answers_again_proves_the_bench_dead(role: str) -> None:
    """One lost reply leaves the bench locked although everything is off."""
    world = LateWorld(load_on=True, broken={role})
    report = make_safe(fake_parts(world), world.clock, SELF_OFF_S, False)
    assert report.errors
    assert report.dead
