"""The simulated switchbox and the fixture's dead-man."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.instruments.sim.responders.responder_fakes import Rig

FEED = ("ROUT:CLOS (@1005);*OPC?", "ROUT:OPEN (@1005);*OPC?")
ALIVE, CLOSED = 1 << 3, 1 << 4


@pytest.fixture
def box(rig: Rig) -> Any:
    """Open the switchbox."""
    return rig.open("switchbox")


def inputs(box: Any) -> int:
    """Read the input byte."""
    return int(box.query("SENS:DIG:DATA:BYTE? (@3001)"))


@pytest.mark.parametrize(
    ("channel", "seen"),
    [
        (1001, lambda f: f.button["module"]),
        (1002, lambda f: f.button["peer1"]),
        (1003, lambda f: f.button["peer2"]),
        (1008, lambda f: f.peer1_bar),
        (1009, lambda f: f.peer2_bar),
        (1010, lambda f: f.rs485_chain),
        (1011, lambda f: f.rs485_port_a),
        (1012, lambda f: f.dip == 1),
        (1016, lambda f: f.dip == 16),
        (1017, lambda f: f.dry_in == (True, False)),
        (1018, lambda f: f.dry_in == (False, True)),
        (1019, lambda f: f.rs485_head),
    ],
)
def test_each_line_moves_its_relay(
    rig: Rig, box: Any, channel: int, seen: Callable[[Any], bool]
) -> None:
    """A line would be wired to another part of the fixture."""
    assert not seen(rig.plant.fixture)
    box.query(f"ROUT:CLOS (@{channel});*OPC?")
    assert seen(rig.plant.fixture)
    assert box.query(f"ROUT:CLOS? (@{channel})") == "1"
    box.query(f"ROUT:OPEN (@{channel});*OPC?")
    assert not seen(rig.plant.fixture)
    assert box.query(f"ROUT:CLOS? (@{channel});:ROUT:OPEN? (@{channel})") == "0;1"


def test_the_contactor_needs_the_dead_man(rig: Rig, box: Any) -> None:
    """The contactor would close while nobody feeds the dead-man."""
    box.query("ROUT:CLOS (@1004);*OPC?")
    assert not rig.plant.fixture.contactor_drive
    assert box.query("ROUT:CLOS? (@1004)") == "1"
    box.query(FEED[0])
    assert not rig.plant.fixture.contactor_drive
    box.query("ROUT:CLOS (@1004);*OPC?")
    assert rig.plant.fixture.contactor_drive
    assert inputs(box) & (ALIVE | CLOSED) == ALIVE | CLOSED


def test_the_dead_man_drops_every_contactor(rig: Rig, box: Any) -> None:
    """A dead station would leave a contactor closed."""
    box.query(FEED[0])
    box.query("ROUT:CLOS (@1004,1006,1007);*OPC?")
    fixture = rig.plant.fixture
    assert (fixture.contactor_drive, fixture.peer1_contactor) == (True, True)
    rig.wait_s(2.6)
    assert not fixture.contactor_drive
    assert not fixture.peer1_contactor
    assert not fixture.peer2_contactor
    assert inputs(box) & (ALIVE | CLOSED) == 0


def test_a_dropped_contactor_stays_down(rig: Rig, box: Any) -> None:
    """A retrigger would close the contactor again by itself."""
    box.query(FEED[0])
    box.query("ROUT:CLOS (@1004);*OPC?")
    rig.wait_s(2.6)
    box.query(FEED[1])
    assert not rig.plant.fixture.contactor_drive
    box.query("ROUT:CLOS (@1004);*OPC?")
    assert rig.plant.fixture.contactor_drive


def test_only_edges_feed_the_dead_man(rig: Rig, box: Any) -> None:
    """A relay that hangs closed would hold the dead-man for ever."""
    box.query(FEED[0])
    box.query("ROUT:CLOS (@1004);*OPC?")
    for _ in range(3):
        rig.wait_s(1)
        box.query(FEED[0])
    assert not rig.plant.fixture.contactor_drive


def test_alternating_edges_hold_it(rig: Rig, box: Any) -> None:
    """A station that feeds would lose its contactor."""
    box.query(FEED[0])
    box.query("ROUT:CLOS (@1004);*OPC?")
    for turn in range(1, 20):
        rig.wait_s(2.4)
        box.query(FEED[turn % 2])
    assert rig.plant.fixture.contactor_drive


def test_inputs_show_the_safety_chain_and_dry_contacts(rig: Rig, box: Any) -> None:
    """An open door would read as closed."""
    assert inputs(box) == 0b0000111
    rig.plant.fixture.door_ok = False
    rig.plant.modules["module"].do = (False, True)
    assert inputs(box) == 0b1000101


def test_unknown_channels_are_refused(box: Any) -> None:
    """A wrong channel would be acknowledged."""
    box.write("ROUT:CLOS (@1099)")
    assert box.query("SYST:ERR?").startswith("-224")
    box.write("SENS:DIG:DATA:BYTE? (@3002)")
    assert box.query("SYST:ERR?").startswith("-224")


def test_reset_opens_everything(rig: Rig, box: Any) -> None:
    """*RST would leave relays closed."""
    box.query(FEED[0])
    box.query("ROUT:CLOS (@1001,1004,1010);*OPC?")
    box.query("*RST;*OPC?")
    fixture = rig.plant.fixture
    assert not fixture.contactor_drive
    assert not fixture.button["module"]
    assert not fixture.rs485_chain


def test_a_stuck_dead_man_never_drops(faulty: Callable[..., Rig]) -> None:
    """The fault that the start check must find would not exist."""
    rig = faulty("fixture", "dead_man_stuck")
    box = rig.open("switchbox")
    box.query(FEED[0])
    box.query("ROUT:CLOS (@1004);*OPC?")
    rig.wait_s(10)
    assert rig.plant.fixture.contactor_drive
    assert inputs(box) & ALIVE


def test_a_stuck_button_actuator(faulty: Callable[..., Rig]) -> None:
    """An actuator that does not press would show in the relay's read-back."""
    rig = faulty("switchbox", "button_stuck_open")
    box = rig.open("switchbox")
    assert box.query("ROUT:CLOS (@1001);:ROUT:CLOS? (@1001)") == "1"
    assert not rig.plant.fixture.button["module"]
