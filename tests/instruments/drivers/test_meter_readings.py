"""A meter's readings: in full, finite, and not the same digits on and on."""

from __future__ import annotations

import pytest

from instruments.drivers.meter_readings import MeterReadings
from instruments.errors import BadReply
from tests.instruments.exchange import scripted_link


def readings() -> MeterReadings:
    """Make the readings of a meter on a link that is not asked anything."""
    link, _ = scripted_link()
    return MeterReadings(link)


@pytest.mark.parametrize("reply", ["+5.2503", "+5.25033317", "5", "", "+5.25033317E+"])
def test_half_an_answer_is_no_reading(reply: str) -> None:
    """52 V read as 5 V, because the end of the answer was lost."""
    with pytest.raises(BadReply, match="exponent"):
        readings().take("READ?", reply)


def test_every_reading_of_a_scan_is_taken() -> None:
    """A scan's readings are mixed up or lost."""
    found = readings().take("READ?", "+5.25033317E+01,-1.0E-03,2.5E+01")
    assert found == [52.5033317, -0.001, 25.0]


def test_overload_is_no_reading() -> None:
    """An overloaded range is a very high voltage."""
    with pytest.raises(BadReply):
        readings().take("READ?", "+9.90000000E+37")


def test_fifth_identical_answer_is_a_meter_that_stands_still() -> None:
    """A meter that repeats itself is believed for ever."""
    meter = readings()
    for _ in range(4):
        meter.take("READ?", "+5.25033317E+01")
    with pytest.raises(BadReply, match="5 times running"):
        meter.take("READ?", "+5.25033317E+01")


def test_another_digit_begins_the_count_anew() -> None:
    """Four equal answers now and one later are taken for a meter that stands still."""
    meter = readings()
    for number in range(40):
        meter.take("READ?", f"+5.2503331{number // 4 % 10}E+01")
