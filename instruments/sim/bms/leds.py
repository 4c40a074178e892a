"""Show SOC, faults and running on the bar of five LEDs and the button (LD-*, BT-*)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from instruments.sim.bms.interface import NEVER_US, Leds
from instruments.sim.bms.parameters import Faults, to_period_us

DARK: Leds = ("off", "off", "off", "off", "off")


@dataclass(frozen=True, slots=True)
class LedBarParameters:
    """Times, bands, colours and priority: [module.led_bar]."""

    priority: tuple[str, ...]
    soc_page_s: float
    fault_page_s: float
    fault_page_first: bool
    blink_on_s: float
    blink_off_s: float
    led_5_from_pct: float
    led_4_from_pct: float
    led_3_from_pct: float
    led_2_from_pct: float
    yellow_below_pct: float
    start_colour: str
    soc_colour: str
    low_colour: str
    fault_colour: str


class LedBar:
    """Render the bar; the first cause of the priority list that has a page is shown."""

    def __init__(
        self, parameters: LedBarParameters, pages: Mapping[str, str], faults: Faults
    ) -> None:
        p = self._parameters = parameters
        self._faults = faults
        self._pages = {
            cause: _page(leds, p.fault_colour) for cause, leds in pages.items() if leds
        }
        self._soc_us = to_period_us(p.soc_page_s, "led_bar.soc_page_s")
        self._fault_us = to_period_us(p.fault_page_s, "led_bar.fault_page_s")
        self._on_us = to_period_us(p.blink_on_s, "led_bar.blink_on_s")
        self._blink_us = self._on_us + to_period_us(
            p.blink_off_s, "led_bar.blink_off_s"
        )
        self._bands = (
            (p.led_5_from_pct, 5),
            (p.led_4_from_pct, 4),
            (p.led_3_from_pct, 3),
            (p.led_2_from_pct, 2),
        )
        self._start: Leds = (p.start_colour,) * 5
        self._soc_pages = [_lit(n, p.soc_colour) for n in range(6)]
        self._low_page = _lit(1, p.low_colour)

    def start_page(self, now_us: int) -> Leds:
        """Return the page shown while the module starts."""
        return DARK if self._faults.active("dark", now_us) else self._start

    def soc_page(self, soc_pct: float) -> Leds:
        """Return the SOC page: one to five LEDs by band, LED1 yellow when low (C10)."""
        if soc_pct < self._parameters.yellow_below_pct:
            return self._low_page
        for from_pct, count in self._bands:
            if soc_pct >= from_pct:
                return self._soc_pages[count]
        return self._soc_pages[1]

    def fault_page(self, causes: Mapping[str, int]) -> tuple[Leds, int] | None:
        """Return the page of the first cause by priority and since when it stands."""
        for cause in self._parameters.priority:
            page = self._pages.get(cause)
            if page is not None and cause in causes:
                return page, causes[cause]
        return None

    def render(
        self, soc_pct: float, causes: Mapping[str, int], now_us: int
    ) -> tuple[Leds, int]:
        """Return what the bar shows now and when that changes by itself [µs]."""
        if self._faults.active("dark", now_us):
            return DARK, NEVER_US
        soc = self.soc_page(soc_pct)
        fault = self.fault_page(causes) if causes else None
        if fault is None:
            return soc, NEVER_US
        page, since_us = fault
        first, second = (
            ((page, self._fault_us), (soc, self._soc_us))
            if self._parameters.fault_page_first
            else ((soc, self._soc_us), (page, self._fault_us))
        )
        cycle_us = first[1] + second[1]
        start_us = since_us + (now_us - since_us) // cycle_us * cycle_us
        if now_us < start_us + first[1]:
            return first[0], start_us + first[1]
        return second[0], start_us + cycle_us

    def run_stays_lit(self, now_us: int) -> bool:
        """Tell whether a fault leaves the button LED lit in the off state."""
        return self._faults.active("run_stays_lit", now_us)

    def blink(self, since_us: int, now_us: int) -> tuple[str, int]:
        """Return the blinking button LED now and when it changes [µs]."""
        start_us = since_us + (now_us - since_us) // self._blink_us * self._blink_us
        if now_us < start_us + self._on_us:
            return "green", start_us + self._on_us
        return "off", start_us + self._blink_us


def _lit(count: int, colour: str) -> Leds:
    a, b, c, d, e = (colour if k < count else "off" for k in range(5))
    return a, b, c, d, e


def _page(leds: str, colour: str) -> Leds:
    a, b, c, d, e = (colour if str(k) in leds else "off" for k in range(1, 6))
    return a, b, c, d, e
