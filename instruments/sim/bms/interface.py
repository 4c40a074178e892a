"""The boundary between the simulated module and its BMS: what goes in, what comes out.

A host-compiled firmware can take the place of the model behind the same four names.
Current is positive into the module (charging).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Mode = Literal["off", "running", "shutdown"]
ContactorCommand = Literal["close", "open"]
Leds = tuple[str, str, str, str, str]

NEVER_US = 1 << 62
"""A wake time that never comes: the BMS sleeps until an input edge."""


@dataclass(slots=True)
class BmsInputs:
    """What the BMS sees at one instant, as its own sensors report it.

    `cell_v` holds 16 cell voltages [V], `pack_v` their measured sum [V], `terminal_v`
    the voltage at the power terminals [V], `current_a` the shunt current [A, + into the
    module], `ntc_ohm` four thermistors [ohm] (infinity = open, 0 = short). `dip` has
    bit 0 = switch 1. `contactor_closed` is the feedback of the main contactor. The
    tuples hold whole messages received since the previous step.
    """

    now_us: int
    cell_v: Sequence[float]
    pack_v: float
    terminal_v: float
    current_a: float
    ntc_ohm: Sequence[float]
    button_pressed: bool = False
    dip: int = 0
    di: tuple[bool, bool] = (False, False)
    contactor_closed: bool = False
    rs485_a: tuple[bytes, ...] = ()
    rs485_b: tuple[bytes, ...] = ()
    can_rx: tuple[tuple[int, bytes], ...] = ()
    serial_rx: bytes = b""


@dataclass(slots=True)
class BmsOutputs:
    """What the BMS drives after one step.

    `contactor` is None when the command has not changed. `bleed` has one switch a cell.
    `leds` runs from LED1 to LED5, each "off", "green", "blue", "yellow" or "red".
    `next_wake_us` is the latest time [us] of the next step if no input changes before.
    """

    next_wake_us: int
    contactor: ContactorCommand | None
    bleed: Sequence[bool]
    leds: Leds
    button_led: str
    do: tuple[bool, bool]
    can_tx: tuple[tuple[int, bytes], ...]
    serial_tx: bytes
    rs485_a: tuple[bytes, ...]
    rs485_b: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BmsInitial:
    """What the BMS remembers when the simulation begins.

    `soc_pct` is the state of charge [%]. `last_opening` names the rule that last opened
    the contactor ("over_voltage", "under_voltage", ...), or None. `trips` counts
    consecutive current and voltage trips.
    """

    soc_pct: float
    mode: Mode = "off"
    last_opening: str | None = None
    trips: int = 0


class BmsUnit(Protocol):
    """Step a BMS: the only thing the rest of the module knows about it."""

    def step(self, inputs: BmsInputs) -> BmsOutputs:
        """Advance the BMS to `inputs.now_us` and return what it drives."""
        ...
