"""The serial ports of the simulated bench behind pyserial."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import serial

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.serial_port import LineDevice, PortEnd, enter_port, remove_port
from instruments.sim.world import World

URL = "bench://test/port"


class Far:
    """A far end that keeps what it gets."""

    def __init__(self) -> None:
        self.world = World()
        self.received = b""
        self.plugged = True
        self.end = PortEnd(self.world, self)

    def present(self) -> bool:
        """Tell whether the adapter is there."""
        return self.plugged

    def receive(self, data: bytes) -> None:
        """Keep bytes."""
        self.received += data


@pytest.fixture
def far() -> Iterator[Far]:
    """Enter a port and take it out again."""
    made = Far()
    enter_port(URL, made.end)
    yield made
    remove_port(URL)


def open_port(timeout: float | None = 0.3) -> Any:
    """Open the port the way a link does."""
    return serial.serial_for_url(URL, baudrate=9600, timeout=timeout)


def test_read_waits_in_bench_time(far: Far) -> None:
    """A reply would be read before it arrived, or waiting would take real time."""
    port = open_port()
    far.end.emit_at(40_000, b"abc")
    far.end.emit_at(50_000, b"d")
    assert port.read(4) == b"abcd"
    assert far.world.now_us() == 50_000


def test_read_ends_at_the_timeout_with_what_is_there(far: Far) -> None:
    """A short reply would hang, or be thrown away."""
    port = open_port()
    far.end.emit_at(10_000, b"ab")
    assert port.read(4) == b"ab"
    assert far.world.now_us() == 300_000


def test_read_without_timeout_is_refused(far: Far) -> None:
    """A read without time-out would spin for ever on a silent line."""
    with pytest.raises(serial.SerialException):
        open_port(timeout=None).read(1)


def test_written_bytes_reach_the_far_end(far: Far) -> None:
    """A request would not leave the port."""
    assert open_port().write(bytearray(b"\x01\x02")) == 2
    assert far.received == b"\x01\x02"


def test_a_port_has_one_user(far: Far) -> None:
    """Two users would steal each other's bytes."""
    port = open_port()
    with pytest.raises(serial.SerialException):
        open_port()
    port.close()
    open_port().close()


def test_bytes_before_opening_are_lost(far: Far) -> None:
    """A reopened port would deliver what belonged to the last session."""
    far.end.emit_at(1_000, b"old")
    far.world.advance_us(2_000)
    port = open_port()
    assert port.in_waiting == 0
    far.end.emit_at(3_000, b"new")
    far.world.advance_us(2_000)
    port.reset_input_buffer()
    assert port.in_waiting == 0


def test_a_missing_port_does_not_open(far: Far) -> None:
    """An unplugged adapter or a wrong URL would open."""
    far.plugged = False
    with pytest.raises(serial.SerialException):
        open_port()
    with pytest.raises(serial.SerialException):
        serial.serial_for_url("bench://test/other")


def test_a_closed_port_is_refused(far: Far) -> None:
    """A closed port would go on working."""
    port = open_port()
    port.close()
    with pytest.raises(serial.SerialException):
        port.write(b"x")
    with pytest.raises(serial.SerialException):
        port.read(1)


@pytest.mark.parametrize("name", ["readline", "read_until"])
def test_reads_on_the_real_clock_are_refused(far: Far, name: str) -> None:
    """Line readers of pyserial would wait in real time on a bench that stands still."""
    with pytest.raises(NotImplementedError):
        getattr(open_port(), name)()


def test_a_line_device_answers_each_line_after_its_latency() -> None:
    """A text instrument would answer at once, twice, or not until more came."""
    world = World()
    device = LineDevice(
        world, lambda line: line.upper() + b"\r\n", lambda: 7_000, FaultSchedule(world)
    )
    enter_port(URL, device.end)
    port = open_port()
    port.write(b"cap")
    assert (port.in_waiting, world.now_us()) == (0, 0)
    port.write(b"ture\r\n")
    assert port.read(port.in_waiting) == b"CAPTURE\r\n"
    assert world.now_us() == 7_000
    remove_port(URL)


def test_a_silent_line_device_costs_the_timeout() -> None:
    """A dead LED reader would cost no bench time."""
    world = World()
    device = LineDevice(
        world, lambda line: line, lambda: 7_000, FaultSchedule(world, {"silent": 0})
    )
    enter_port(URL, device.end)
    port = open_port()
    port.write(b"capture\r")
    assert port.read(1) == b""
    assert world.now_us() == 307_000
    remove_port(URL)
