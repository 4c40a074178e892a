"""The LED bar: SOC bands, every fault page, priority."""

from __future__ import annotations

import pytest

from instruments.sim.bms.leds import LedBar, LedBarParameters
from instruments.sim.bms.parameters import Faults, build
from tests.instruments.sim.bms.rig import S, Source

PAGES = {
    "over_voltage": "5",
    "under_voltage": "1",
    "charge_over_current": "3",
    "discharge_over_current": "3",
    "charge_hot": "4",
    "discharge_hot": "4",
    "charge_cold": "2",
    "discharge_cold": "2",
    "master_lost": "12",
    "bms_fault": "12345",
    "voltage_imbalance": "12345",
    "port_a": "12345",
}


def bar(**changes: str) -> LedBar:
    """Build the shipped bar, some pages changed."""
    source = Source({f"module.led_bar.pages.{k}": v for k, v in changes.items()})
    return LedBar(
        build(LedBarParameters, source, "module.led_bar"),
        source.section("module.led_bar.pages"),
        Faults(()),
    )


@pytest.mark.parametrize(
    ("soc_pct", "count", "colour"),
    [
        (95.0, 5, "blue"),
        (90.0, 5, "blue"),
        (89.9, 4, "blue"),
        (72.0, 4, "blue"),
        (43.0, 3, "blue"),
        (18.0, 2, "blue"),
        (6.0, 2, "blue"),
        (5.2, 1, "blue"),
        (4.9, 1, "blue"),
        (4.0, 1, "yellow"),
        (0.0, 1, "yellow"),
    ],
)
def test_soc_bands(soc_pct: float, count: int, colour: str) -> None:
    """LD-03..08: a band with another count, or yellow at the wrong charge."""
    leds = bar().soc_page(soc_pct)
    assert leds == (colour,) * count + ("off",) * (5 - count)


@pytest.mark.parametrize(("cause", "page"), PAGES.items())
def test_every_page(cause: str, page: str) -> None:
    """LD-09..15: a fault shown on the LEDs of another fault."""
    leds, due_us = bar().render(50.0, {cause: 3 * S}, 3 * S)
    red = "".join(str(k) for k, colour in enumerate(leds, 1) if colour == "red")
    assert red == page
    assert due_us == 8 * S
    leds, due_us = bar().render(50.0, {cause: 3 * S}, 8 * S)
    assert "red" not in leds
    assert due_us == 13 * S


def test_priority_of_two_faults() -> None:
    """LD-18: two faults must not mix their LEDs."""
    causes = {"charge_hot": 0, "over_voltage": 0}
    leds, _ = bar().render(50.0, causes, 0)
    assert leds == ("off", "off", "off", "off", "red")


def test_page_is_data() -> None:
    """A defect file can put a wrong page on the bar."""
    leds, _ = bar(over_voltage="2").render(50.0, {"over_voltage": 0}, 0)
    assert leds == ("off", "red", "off", "off", "off")
