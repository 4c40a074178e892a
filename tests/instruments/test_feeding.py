"""Watchdog and dead-man are fed by fresh, plausible samples and by nothing else.

Whatever hangs, or loops without looking at voltage and current, loses the bench within
the watchdog's time. The states are the simulated world's, not the station's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from instruments.bench import Bench
from instruments.errors import InstrumentError, NotProtected
from tests.instruments.test_bench import change, fault, running
from tests.phases import rig

LOST_S = 3.0
"""Watchdog 2 s or dead-man 2.5 s, and what output and contactor take to act."""
CURRENT_A = 20.0


def hang(bench: Bench) -> None:
    """Stand still."""
    bench.clock.wait_us(100_000)


def drain(bench: Bench) -> None:
    """Listen to CAN."""
    bench.parts.can.drain()
    bench.clock.wait_us(50_000)


def ask_service(bench: Bench) -> None:
    """Read the service port."""
    bench.parts.service.read_block("main")


def read_inputs(bench: Bench) -> None:
    """Read the fixture's inputs."""
    bench.parts.switchbox.read_inputs()


def switch_a_line(bench: Bench) -> None:
    """Work another relay."""
    bench.parts.switchbox.set_line("dry_in1", True)


def read_light(bench: Bench) -> None:
    """Read the LED bar."""
    bench.parts.led_reader.read_bar("module")


def scan(bench: Bench) -> None:
    """Scan the bench side."""
    bench.parts.scan_meter.measure(("bench_side_v",))


def wait_shortly(bench: Bench) -> None:
    """Wait again and again, each time shorter than a sample's period."""
    bench.wait(0.2)


LOOPS = (
    hang,
    drain,
    ask_service,
    read_inputs,
    switch_a_line,
    read_light,
    scan,
    wait_shortly,
)


@pytest.mark.parametrize("loop", LOOPS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("source", ["supply", "load"])
def test_phase_that_does_not_look_loses_the_bench(
    source: str, loop: Callable[[Bench], None]
) -> None:
    """A phase that hangs or loops keeps watchdog or dead-man alive."""
    with running() as bench:
        if source == "supply":
            bench.charge(CURRENT_A, 56.0)
        else:
            bench.discharge(CURRENT_A)
        bench.hold(2.0)
        start_s = bench.now_s()
        while bench.now_s() - start_s < LOST_S:
            loop(bench)
        plant = bench.world.plant
        assert not plant.fixture.contactor_closed
        assert abs(plant.current_a) < 0.5
        assert not plant.supply.output_on


@pytest.mark.parametrize("role", ["module_meter", "shunt_meter"])
def test_phase_that_goes_on_after_a_dead_meter_loses_the_bench(role: str) -> None:
    """A phase that swallows the error of a meter keeps its source fed."""
    with running(fault(role, "silent", 12.0)) as bench:
        bench.charge(CURRENT_A, 56.0)
        bench.hold(11.5 - bench.now_s())
        while bench.now_s() < 12.0 + LOST_S + 0.5:
            with suppress(InstrumentError):
                bench.set_charge_current_a(CURRENT_A)
            bench.clock.wait_us(100_000)
        assert not bench.world.plant.supply.output_on
        assert not bench.world.plant.fixture.contactor_closed


def test_phase_that_goes_on_past_a_ceiling_loses_the_bench() -> None:
    """An implausible sample feeds the supply's watchdog."""
    patient = change("module.bms.over_current.charge_delay_s", 20.0)
    with running(patient) as bench:
        bench.charge(CURRENT_A, 57.0)
        bench.set_charge_current_a(135.0)
        start_s = bench.now_s()
        while bench.now_s() - start_s < LOST_S:
            with suppress(InstrumentError):
                bench.sample()
            bench.clock.wait_us(50_000)
        assert not bench.world.plant.supply.output_on


def test_setpoints_alone_are_preceded_by_samples() -> None:
    """A loop of setpoints feeds the watchdog without a look at the module."""
    with running() as bench:
        bench.charge(CURRENT_A, 56.0)
        before = bench.sampler.samples
        for _ in range(40):
            bench.set_charge_current_a(CURRENT_A)
            bench.clock.wait_us(100_000)
        assert bench.sampler.samples - before >= 7


def test_supply_that_forgot_its_watchdog_stays_off() -> None:
    """A supply that was reset by somebody else is switched on without a watchdog."""
    with running() as bench:
        supply = bench.parts.supply
        supply.set_protection(57.0, over_current=True)
        supply.arm_watchdog(2)
        supply.set_current_priority(0.5, 53.0)
        bench.world.devices["supply"].responder.reset()
        with pytest.raises(NotProtected, match="watchdog"):
            supply.set_output(True)
        assert not bench.world.plant.supply.output_on


def test_reopened_supply_is_armed_anew() -> None:
    """A session that was opened again takes the watchdog of the last for its own."""
    with running() as bench:
        supply = bench.parts.supply
        supply.set_protection(57.0, over_current=True)
        supply.arm_watchdog(2)
        supply.reopen()
        with pytest.raises(NotProtected):
            supply.set_output(True)
        bench.charge(CURRENT_A, 56.0)
        assert supply.read_watchdog() == (True, 2.0)


def test_dead_man_that_was_left_closed_is_fed_by_the_first_edge() -> None:
    """After a killed run the first feeding makes no edge, and the start is refused."""
    with rig.opened({"soc_pct": 50.0}) as bench:
        box = bench.parts.switchbox
        assert box.feed_dead_man()["dead_man_alive"]
        bench.clock.wait_us(5_000_000)
        box.reopen()
        assert box.feed_dead_man()["dead_man_alive"]


def test_phases_leave_sources_and_dead_man_to_the_bench() -> None:
    """A phase talks to a source by itself, and so feeds its watchdog unseen."""
    allowed = {"supply.read_output", "supply.ratings", "load.ratings"}
    found = set()
    for path in (Path(__file__).parents[2] / "phases").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "feed_dead_man" not in text, path.name
        found |= set(re.findall(r"parts\.((?:supply|load)\.\w+)", text))
    assert found <= allowed
