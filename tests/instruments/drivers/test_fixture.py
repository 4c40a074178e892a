"""Switchbox and resistance emulator: exact messages and read-back."""

from __future__ import annotations

import math

import pytest

from instruments.drivers import keysight_34980a, resistance
from instruments.drivers.keysight_34980a import Keysight34980a
from instruments.drivers.resistance import ResistanceEmulator
from instruments.errors import BadReply, OutOfRange, SetpointMismatch
from instruments.roles import NtcEmulator, Switchbox
from tests.instruments.exchange import ScriptedManager, scripted_link

NO_ERROR = '+0,"No error"'
LINES = {"button": 1001, "fixture_contactor": 1004, "dead_man": 1005}
INPUTS = {"estop_ok": 0, "door_ok": 1, "contactor_closed": 4}


def switchbox(
    *exchanges: tuple[str, str], dead_man: str = "0"
) -> tuple[Keysight34980a, ScriptedManager]:
    """Make an opened switchbox that follows the exchanges."""
    link, manager = scripted_link(
        ("ROUT:CLOS? (@1005)", dead_man),
        *exchanges,
        idn="Keysight Technologies,34980A,S,F",
        pattern=keysight_34980a.IDN_PATTERN,
    )
    box = Keysight34980a(link, lines=LINES, inputs=INPUTS)
    box.open()
    return box, manager


def test_a_line_is_switched_and_read_back() -> None:
    """A contactor would be believed open that is still driven."""
    close = "ROUT:CLOS (@1004);*OPC?;:ROUT:CLOS? (@1004);:SYST:ERR?"
    opened = "ROUT:OPEN (@1004);*OPC?;:ROUT:CLOS? (@1004);:SYST:ERR?"
    box, manager = switchbox(
        (close, f"1;1;{NO_ERROR}"),
        ("ROUT:CLOS? (@1004)", "1"),
        (opened, f"1;1;{NO_ERROR}"),
    )
    role: Switchbox = box
    role.set_line("fixture_contactor", True)
    assert role.read_line("fixture_contactor") is True
    with pytest.raises(SetpointMismatch, match="fixture_contactor"):
        role.set_line("fixture_contactor", False)
    manager.done()


def test_lines_are_opened_in_one_exchange_and_read_back() -> None:
    """make_safe would take an exchange for each line, or believe one open."""
    opened = (
        "ROUT:OPEN (@1001,1004);*OPC?;:ROUT:CLOS? (@1001,1004);:SYST:ERR?",
        f"1;0,0;{NO_ERROR}",
    )
    held = (opened[0], f"1;0,1;{NO_ERROR}")
    short = (opened[0], f"1;0;{NO_ERROR}")
    box, manager = switchbox(opened, held, short)
    assert box.line_names == ("button", "fixture_contactor")
    box.open_lines(box.line_names)
    with pytest.raises(SetpointMismatch, match="fixture_contactor"):
        box.open_lines(box.line_names)
    with pytest.raises(BadReply):
        box.open_lines(box.line_names)
    manager.done()


def test_inputs_are_read_by_name() -> None:
    """Door and emergency stop would be swapped."""
    box, _ = switchbox(("SENS:DIG:DATA:BYTE? (@3001)", "17"))
    assert box.read_inputs() == {
        "estop_ok": True,
        "door_ok": False,
        "contactor_closed": True,
    }


def test_feeding_alternates_because_each_edge_retriggers() -> None:
    """A level that stays would let the dead-man drop."""
    close = "ROUT:CLOS (@1005);:SENS:DIG:DATA:BYTE? (@3001)"
    opened = "ROUT:OPEN (@1005);:SENS:DIG:DATA:BYTE? (@3001)"
    box, manager = switchbox((close, "3"), (opened, "3"), (close, "+2"))
    assert box.feed_dead_man()["estop_ok"] is True
    box.feed_dead_man()
    assert box.feed_dead_man()["estop_ok"] is False
    manager.done()


def test_feeding_begins_with_the_edge_that_is_left() -> None:
    """After a killed run the first feeding is no edge, and the contactor stays open."""
    opened = ("ROUT:OPEN (@1005);:SENS:DIG:DATA:BYTE? (@3001)", "3")
    box, manager = switchbox(opened, dead_man="1")
    box.feed_dead_man()
    manager.done()


@pytest.mark.parametrize("reply", ["256", "-1", "ON", "1;1"])
def test_inputs_of_another_shape_are_refused(reply: str) -> None:
    """A healthy safety chain would be made up."""
    box, _ = switchbox(("SENS:DIG:DATA:BYTE? (@3001)", reply))
    with pytest.raises(BadReply):
        box.read_inputs()


def test_an_unknown_line_is_refused() -> None:
    """Another relay would move, or none."""
    box, manager = switchbox()
    with pytest.raises(OutOfRange, match="no line 'buton'"):
        box.set_line("buton", True)
    manager.done()


def test_a_switchbox_without_dead_man_is_refused() -> None:
    """Nothing would drop the contactor when the station hangs."""
    link, _ = scripted_link()
    with pytest.raises(OutOfRange, match="dead_man"):
        Keysight34980a(link, lines={"button": 1001}, inputs=INPUTS)


def emulator(*exchanges: tuple[str, str]) -> tuple[ResistanceEmulator, ScriptedManager]:
    """Make an opened emulator that follows the exchanges."""
    link, manager = scripted_link(
        *exchanges, idn="STATION,NTC-EMULATOR-4,S,F", pattern=resistance.IDN_PATTERN
    )
    box = ResistanceEmulator(link)
    box.open()
    return box, manager


def test_a_resistance_is_set_and_read_back() -> None:
    """The module would be judged at another temperature."""
    message = "RES:CH2 10000.00;:MODE:CH2 OHM;*OPC?;:MODE:CH2?;:RES:CH2?;:SYST:ERR?"
    box, manager = emulator(
        (message, f"1;OHM;1.0001E+04;{NO_ERROR}"),
        (message, f"1;OHM;1.1E+04;{NO_ERROR}"),
        (message, f"1;REAL;1.0E+04;{NO_ERROR}"),
    )
    role: NtcEmulator = box
    role.set_ohm(2, 10_000.0)
    for _ in range(2):
        with pytest.raises(SetpointMismatch):
            role.set_ohm(2, 10_000.0)
    manager.done()


@pytest.mark.parametrize(
    ("method", "word"),
    [("set_open", "OPEN"), ("set_short", "SHORT"), ("set_real", "REAL")],
)
def test_a_mode_is_set_and_read_back(method: str, word: str) -> None:
    """A short that was never made would pass a module without detection."""
    message = f"MODE:CH1 {word};*OPC?;:MODE:CH1?;:SYST:ERR?"
    box, manager = emulator(
        (message, f"1;{word};{NO_ERROR}"), (message, f"1;OHM;{NO_ERROR}")
    )
    getattr(box, method)(1)
    with pytest.raises(SetpointMismatch):
        getattr(box, method)(1)
    manager.done()


def test_the_state_is_read() -> None:
    """The record could not say what the module was shown."""
    query = "MODE:CH1?;:RES:CH1?"
    box, _ = emulator((query, "OHM;1E+04"), (query, "REAL;1E+04"), (query, "WARM;1"))
    assert box.read_state(1) == ("ohm", 10_000.0)
    state, ohm = box.read_state(1)
    assert state == "real"
    assert math.isnan(ohm)
    with pytest.raises(BadReply):
        box.read_state(1)


def test_channels_and_values_it_does_not_have_are_refused() -> None:
    """A clamped resistance is another temperature."""
    box, manager = emulator()
    for channel, ohm in ((0, 1e4), (5, 1e4), (1, 1.0), (1, 1e9), (1, math.nan)):
        with pytest.raises(OutOfRange):
            box.set_ohm(channel, ohm)
    manager.done()
