"""The module's inner wiring: switches, chain ports, dry outputs, LEDs."""

from __future__ import annotations

import pytest

from instruments.sim.defects import Fault
from instruments.sim.harness import Harness, Lamps
from instruments.sim.sense_plug import RANGE_V, SensePlug

BLUE = ("blue",) * 5
CELLS = [3.3] * 16


def harness(*names: str, **values: int) -> Harness:
    """Make wiring with faults."""
    return Harness(values, [Fault("module.harness", name) for name in names])


def lamps(*names: str) -> Lamps:
    """Make lamps with faults."""
    return Lamps([Fault("module.led_bar", name) for name in names])


def test_sound_wiring_changes_nothing() -> None:
    """Broken: a healthy module is wired wrong."""
    wires = harness()
    assert wires.dip(0b10110, 0) == 0b10110
    assert (wires.port("a", 0), wires.port("b", 0)) == ("a", "b")
    assert wires.do((True, False), 0) == (True, False)
    assert lamps().bar(BLUE, 0) == BLUE
    assert lamps().button("green", 0) == "green"


def test_dip_switches_stick() -> None:
    """Broken: a switch that is stuck follows its lever."""
    assert harness(dip_stuck_on=0b100).dip(0b001, 0) == 0b101
    assert harness(dip_stuck_off=0b001).dip(0b011, 0) == 0b010


def test_dip_switches_can_be_mirrored() -> None:
    """Broken: switch 1 of a switch that is soldered in turned round reads as 1."""
    assert harness("dip_mirrored").dip(0b0000_0001, 0) == 0b1000_0000


@pytest.mark.parametrize(
    ("fault", "ports"),
    [
        ("rs485_swapped", ("b", "a")),
        ("rs485_dead", (None, None)),
        ("rs485_a_dead", (None, "b")),
        ("rs485_b_dead", ("a", None)),
    ],
)
def test_chain_ports(fault: str, ports: tuple[str | None, str | None]) -> None:
    """Broken: a message leaves by a port that is dead, or by the right one."""
    wires = harness(fault)
    assert (wires.port("a", 0), wires.port("b", 0)) == ports


def test_dry_outputs() -> None:
    """Broken: a welded, missing or exchanged contact follows its drive."""
    assert harness("do_swapped").do((True, False), 0) == (False, True)
    assert harness("do2_stuck_closed").do((False, False), 0) == (False, True)
    assert harness("do1_dead").do((True, True), 0) == (False, True)


def test_lamps() -> None:
    """Broken: a dead LED or a dead colour lights, or the wrong one stays dark."""
    assert lamps("led2_dead").bar(BLUE, 0) == ("blue", "off", "blue", "blue", "blue")
    assert lamps("led1_no_red").bar(BLUE, 0) == BLUE
    assert lamps("led1_no_blue").bar(BLUE, 0)[0] == "off"
    lit = ("red", "off", "off", "off", "off")
    assert lamps("mirrored").bar(lit, 0) == lit[::-1]
    assert lamps("button_dead").button("green", 0) == "off"


def test_sound_plug_carries_the_same_list() -> None:
    """Broken: a healthy module pays for a plug that has nothing wrong."""
    assert SensePlug(0, 0, 0).carry(CELLS) is CELLS


def test_exchanged_sense_wires() -> None:
    """Broken: an input shows more than it can, or the wrong inputs are touched."""
    seen = SensePlug(4, 0, 0).carry(CELLS)
    assert seen[3:6] == [RANGE_V, 0.0, RANGE_V]
    assert seen[:3] + seen[6:] == pytest.approx(CELLS[:13])
    assert SensePlug(15, 0, 0).carry(CELLS)[13:] == pytest.approx([3.3, RANGE_V, 0.0])


def test_open_sense_wire() -> None:
    """Broken: a cell whose wire hangs free reads its voltage."""
    seen = SensePlug(0, 3, 0).carry(CELLS)
    assert seen[2:4] == [0.0, RANGE_V]


def test_crossed_cells() -> None:
    """Broken: two cells that stand for each other read their own voltages."""
    true_v = [3.3 + 0.001 * k for k in range(16)]
    seen = SensePlug(0, 0, 6).carry(true_v)
    assert (seen[5], seen[6]) == (true_v[6], true_v[5])
