"""The module's inner wiring: DIP switches, chain ports, button and LEDs.

Faults (``faults.toml``, targets ``module.harness`` and ``module.led_bar``) and two
parameters of ``module.harness`` say what is wrong; sound wiring changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from instruments.sim.defects import Fault

DIP_SWITCHES = 8
OTHER_PORT = {"a": "b", "b": "a"}


class Harness:
    """Carries switches and chain messages between the module's shell and its BMS."""

    __slots__ = ("_faults", "_stuck_off", "_stuck_on")

    def __init__(self, values: Mapping[str, Any], faults: Sequence[Fault] = ()) -> None:
        self._stuck_on: int = values.get("dip_stuck_on", 0)
        self._stuck_off: int = values.get("dip_stuck_off", 0)
        self._faults = tuple(faults)

    def dip(self, switches: int, now_us: int) -> int:
        """Carry the positions of the DIP switches, bit 0 = switch 1."""
        seen = (switches | self._stuck_on) & ~self._stuck_off
        if self._faults and self._active("dip_mirrored", now_us):
            bits = f"{seen:0{DIP_SWITCHES}b}"
            seen = int(bits[::-1], 2)
        return seen

    def port(self, port: str, now_us: int) -> str | None:
        """Find the socket of a chain port, or the port of a socket; None is no wire."""
        if not self._faults:
            return port
        if self._active("rs485_dead", now_us) or self._active(
            f"rs485_{port}_dead", now_us
        ):
            return None
        return OTHER_PORT[port] if self._active("rs485_swapped", now_us) else port

    def do(self, driven: tuple[bool, bool], now_us: int) -> tuple[bool, bool]:
        """Carry the dry outputs to their terminals, True = closed."""
        if not self._faults:
            return driven
        one, two = driven[::-1] if self._active("do_swapped", now_us) else driven
        return (
            (one or self._active("do1_stuck_closed", now_us))
            and not self._active("do1_dead", now_us),
            (two or self._active("do2_stuck_closed", now_us))
            and not self._active("do2_dead", now_us),
        )

    def _active(self, name: str, now_us: int) -> bool:
        return any(f.name == name and f.from_us <= now_us for f in self._faults)


class Lamps:
    """The LEDs themselves: what they show of what the BMS drives.

    Args:
        faults: those of ``module.led_bar``; ledK_dead, ledK_no_COLOUR, mirrored,
            button_dead are the lamps', others the BMS's.
    """

    __slots__ = ("_faults",)

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = tuple(faults)

    def bar(self, driven: tuple[str, ...], now_us: int) -> tuple[str, ...]:
        """Show the bar, LED1 first."""
        if not self._faults:
            return driven
        names = [fault.name for fault in self._faults if fault.from_us <= now_us]
        shown = driven[::-1] if "mirrored" in names else driven
        return tuple(
            "off"
            if f"led{number}_dead" in names or f"led{number}_no_{colour}" in names
            else colour
            for number, colour in enumerate(shown, 1)
        )

    def button(self, driven: str, now_us: int) -> str:
        """Show the light of the button."""
        dead = any(
            f.name == "button_dead" and f.from_us <= now_us for f in self._faults
        )
        return "off" if dead else driven
