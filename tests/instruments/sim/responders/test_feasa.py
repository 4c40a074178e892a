"""The simulated LED analyser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import serial

from tests.instruments.sim.responders.responder_fakes import Rig


@pytest.fixture
def port(rig: Rig) -> Iterator[Any]:
    """Open its serial port."""
    opened = serial.serial_for_url(rig.bench.serial_url("led_reader"), timeout=0.5)
    yield opened
    opened.close()


def ask(port: Any, text: str) -> str:
    """Send one line and take all that comes back."""
    port.write(text.encode() + b"\r")
    return str(port.read(port.in_waiting).decode())


def test_colours_and_fibres(rig: Rig, port: Any) -> None:
    """A fibre would look at another LED, or a colour have another hue."""
    modules = rig.plant.modules
    modules["module"].leds = ("green", "blue", "yellow", "red", "off")
    modules["peer1"].button_led = "green"
    assert ask(port, "capture") == "OK\r\n"
    lines = ask(port, "gethsiall").splitlines()
    assert [line[:2] for line in lines] == [f"{n:02d}" for n in range(1, 21)]
    hues = [float(line.split()[1]) for line in lines[:4]]
    assert hues == pytest.approx([121, 238, 58, 0.8], abs=3)
    assert lines[4] == "05 999.99 999 00000"
    assert 110 < float(lines[11].split()[1]) < 130


def test_data_stay_from_the_last_capture(rig: Rig, port: Any) -> None:
    """A reader that forgets to capture would get fresh data here only."""
    ask(port, "capture")
    rig.plant.modules["module"].leds = ("red",) * 5
    assert ask(port, "gethsi01") == "999.99 999 00000\r\n"
    ask(port, "CAPTURE")
    assert ask(port, "GETHSI01") != "999.99 999 00000\r\n"


def test_a_capture_takes_its_exposure(rig: Rig, port: Any) -> None:
    """A capture would cost no bench time."""
    start_us = rig.world.now_us()
    ask(port, "capture")
    assert rig.world.now_us() - start_us >= 65_000


@pytest.mark.parametrize("text", ["gethsi00", "gethsi21", "getrainbow"])
def test_unknown_commands(port: Any, text: str) -> None:
    """A wrong command would be answered like a right one."""
    assert ask(port, text) == "Syntax Error\r\n"


def test_an_absent_reader_does_not_open(faulty: Callable[..., Rig]) -> None:
    """An unplugged reader would open."""
    rig = faulty("led_reader", "absent")
    with pytest.raises(serial.SerialException):
        serial.serial_for_url(rig.bench.serial_url("led_reader"), timeout=0.5)
