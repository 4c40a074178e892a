"""The Chroma driver: exact messages, read-back, and the declared dead-man."""

from __future__ import annotations

import pytest

from instruments.drivers.chroma_63200a import IDN_PATTERN, Chroma63200a
from instruments.errors import BadReply, NotProtected, OutOfRange, SetpointMismatch
from instruments.roles import Load, LoadSample
from tests.instruments.exchange import ScriptedManager, scripted_link

IDN = "Chroma,63210A-150-1000,S1,1.00"
NO_ERROR = '+0,"No error"'
START = (
    "CONF:AUTO:LOAD OFF;*OPC?;:CONF:AUTO:LOAD?;:SYST:ERR?",
    f"1;OFF;{NO_ERROR}",
)
SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:LOAD?;:LOAD:PROT?"
INPUT_OFF = ("LOAD OFF;*OPC?;:LOAD?;:SYST:ERR?", f"1;OFF;{NO_ERROR}")


def load_on(
    *exchanges: tuple[str, str], dead_man: bool = True
) -> tuple[Chroma63200a, ScriptedManager]:
    """Make an opened driver that follows the exchanges."""
    link, manager = scripted_link(
        START, *exchanges, idn=IDN, pattern=IDN_PATTERN, role="load"
    )
    load = Chroma63200a(link, dead_man=dead_man)
    load.open()
    return load, manager


def test_it_is_a_load_that_never_loads_by_itself() -> None:
    """Mains that return would discharge the module with nobody there."""
    load, manager = load_on()
    role: Load = load
    assert role.ratings.power_w == 10_000.0
    manager.done()


def test_constant_current_is_set_and_read_back() -> None:
    """The range is part of the mode word; a wrong one limits the current."""
    message = "MODE CCH;:CURR:STAT:L1 43.000;*OPC?;:MODE?;:CURR:STAT:L1?;:SYST:ERR?"
    load, manager = load_on(
        (message, f"1;CCH;4.3E+01;{NO_ERROR}"),
        (message, f"1;CV;4.3E+01;{NO_ERROR}"),
    )
    load.set_current_a(43.0)
    with pytest.raises(SetpointMismatch, match="MODE"):
        load.set_current_a(43.0)
    manager.done()


def test_constant_voltage_is_set_with_its_current_limit() -> None:
    """Without the limit the first instant draws what the cells give."""
    load, manager = load_on(
        (
            "MODE CV;:VOLT:STAT:L1 49.500;:VOLT:STAT:ILIM 43.000;*OPC?"
            ";:MODE?;:VOLT:STAT:L1?;:VOLT:STAT:ILIM?;:SYST:ERR?",
            f"1;CV;4.95E+01;4.4E+01;{NO_ERROR}",
        )
    )
    with pytest.raises(SetpointMismatch, match="ILIM"):
        load.set_voltage_v(49.5, 43.0)
    manager.done()


def test_a_load_without_dead_man_never_goes_on() -> None:
    """It has no watchdog: a hung station would empty the module."""
    load, manager = load_on(INPUT_OFF, dead_man=False)
    with pytest.raises(NotProtected, match="dead_man"):
        load.set_input(True)
    load.set_input(False)
    manager.done()


@pytest.mark.parametrize("state", ["ON", "1"])
def test_the_input_is_switched_and_read_back(state: str) -> None:
    """Families answer ON or 1."""
    load, manager = load_on(
        ("LOAD ON;*OPC?;:LOAD?;:SYST:ERR?", f"1;{state};{NO_ERROR}"),
        ("LOAD?", state),
    )
    load.set_input(True)
    assert load.read_input() is True
    manager.done()


def test_an_input_that_stays_on_is_reported() -> None:
    """Off would be taken for granted."""
    load, _ = load_on((INPUT_OFF[0], f"1;ON;{NO_ERROR}"))
    with pytest.raises(SetpointMismatch):
        load.set_input(False)


def test_input_off_is_sent_before_protections_are_cleared() -> None:
    """Clearing first could load the module again."""
    load, manager = load_on(
        ("*CLS;*OPC?", "1"),
        ("LOAD OFF;*OPC?;:LOAD?;:SYST:ERR?", f"1;0;{NO_ERROR}"),
        ("LOAD:PROT:CLE;*OPC?;:LOAD?;:SYST:ERR?", f"1;0;{NO_ERROR}"),
    )
    load.clear_protection()
    manager.done()


def test_a_sample_names_its_trips() -> None:
    """A load that gave up would look like a module that did."""
    load, _ = load_on((SAMPLE, "5.2E+01;4.3E+01;ON;0"), (SAMPLE, "5.2E+01;0;0;33"))
    assert load.measure() == LoadSample(52.0, 43.0, True, frozenset())
    assert load.measure().tripped == {"over_temperature", "over_current"}


@pytest.mark.parametrize("reply", ["52;43;ON", "NAN;43;ON;0", "52;43;3;0", "52;43;1;x"])
def test_a_sample_of_another_shape_is_refused(reply: str) -> None:
    """Half a reply would become a current."""
    load, _ = load_on((SAMPLE, reply))
    with pytest.raises(BadReply):
        load.measure()


def test_nothing_beyond_the_ratings_is_sent() -> None:
    """A negative current is no load."""
    load, manager = load_on()
    for ask in (
        lambda: load.set_current_a(-0.1),
        lambda: load.set_current_a(1000.1),
        lambda: load.set_voltage_v(151.0, 10.0),
        lambda: load.set_voltage_v(50.0, -1.0),
    ):
        with pytest.raises(OutOfRange):
            ask()
    manager.done()
