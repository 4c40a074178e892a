"""The module's links under current: silence, lost answers, and a link that repeats."""

from __future__ import annotations

import pytest

from instruments.errors import ServiceLinkError, StaleReading
from instruments.link_watch import Standstill
from instruments.trace import Sample
from tests.instruments.test_bench import fault, running

PATIENCE_US = 3_000_000
SAID = {"pack_current_a": 20.0}


def look(at_s: float, current_a: float, module_v: float = 52.0) -> Sample:
    """Make a look at the meters."""
    t_us = round(at_s * 1e6)
    return Sample(t_us, module_v, t_us, current_a)


def repeat(looks: list[Sample]) -> None:
    """Let a link say the same at 20 A and at each of the looks that follow."""
    link = Standstill("CAN", PATIENCE_US)
    link.look(SAID, look(0.0, 20.0))
    for one in looks:
        link.look(dict(SAID), one)


@pytest.mark.parametrize("moved", [look(0, 22.0), look(0, 20.0, 52.2)])
def test_link_that_repeats_itself_while_the_meters_moved_is_found(
    moved: Sample,
) -> None:
    """Old frames under another current or voltage are believed for ever."""
    looks = [moved._replace(t_a_us=tenth * 100_000) for tenth in range(1, 50)]
    with pytest.raises(StaleReading, match="repeats"):
        repeat(looks)


def test_current_that_comes_back_between_two_looks_does_not_hide_it() -> None:
    """A staircase that goes back after each step starts the patience anew."""
    looks = [look(second, 20.0 + 5.0 * (second % 2)) for second in range(1, 12)]
    with pytest.raises(StaleReading):
        repeat(looks)


def test_link_that_follows_is_left_alone() -> None:
    """A healthy link is taken for one that stands still."""
    link = Standstill("CAN", PATIENCE_US)
    for second in range(60):
        current_a = 20.0 + second
        link.look({"pack_current_a": current_a}, look(second, current_a))


def test_steady_state_is_no_standstill() -> None:
    """A module at a constant current has to say something new all the time."""
    link = Standstill("CAN", PATIENCE_US)
    for second in range(600):
        link.look(SAID, look(second, 20.0 + 0.2 * (second % 2)))


def test_frame_sent_before_an_edge_is_no_standstill() -> None:
    """A break of a second between two currents ends a healthy run: same frame after."""
    link = Standstill("CAN", PATIENCE_US)
    link.look({"pack_current_a": -42.9}, look(0.0, -43.0))
    link.look({"pack_current_a": -43.0}, look(0.5, 0.0))
    for tenth in range(10, 100):
        link.look({"pack_current_a": -43.0}, look(tenth / 10, -43.0))


def test_pause_between_two_charges_does_not_count() -> None:
    """The first look after an hour of rest finds an old answer and gives up."""
    link = Standstill("CAN", PATIENCE_US)
    link.look(SAID, look(0.0, 20.0))
    link.look(dict(SAID), look(3600.0, 40.0))


def test_silent_service_port_is_found_within_a_second_of_the_first_miss() -> None:
    """Cells are charged on without anybody hearing of them."""
    with running(fault("service", "silent", 20.0)) as bench:
        bench.charge(20.0, 56.0)
        with pytest.raises(ServiceLinkError):
            bench.hold(60.0)
        assert bench.now_s() < 20.0 + 1.0 + 1.0  # asked in one second, missed in one


def test_every_third_answer_may_be_damaged() -> None:
    """One damaged answer ends a run that the next one would have saved."""
    with running(fault("service", "corrupt", 12.0)) as bench:
        bench.charge(20.0, 56.0)
        bench.hold(20.0)
        assert bench.parts.service.bad_frames >= 3


def test_restarted_module_is_asked_with_its_key() -> None:
    """A restart between two charges costs two time-outs without a sample."""
    with running() as bench:
        bench.charge(20.0, 56.0)
        bench.hold(3.0)
        bench.disconnect()
        bench.hold(10.0)
        before = bench.parts.service.timeouts
        bench.charge(20.0, 56.0)
        bench.hold(3.0)
        assert bench.parts.service.timeouts == before
