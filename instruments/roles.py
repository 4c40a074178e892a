"""What a phase may ask of each part of the bench, whoever makes it.

Every number carries its unit in its name; current is positive into the module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

SCPI_ROLES = (
    "supply",
    "load",
    "module_meter",
    "shunt_meter",
    "scan_meter",
    "switchbox",
    "ntc_emulator",
)
INSTRUMENT_ROLES = (*SCPI_ROLES, "led_reader")

LED_OFF = "off"
LED_COLOURS = ("off", "green", "blue", "red", "yellow")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered: the fields of ``*IDN?`` or their equivalent."""

    maker: str
    model: str
    serial: str
    firmware: str


@dataclass(frozen=True, slots=True)
class Ratings:
    """What a power instrument can carry: voltage [V], current [A], power [W]."""

    voltage_v: float
    current_a: float
    power_w: float


@dataclass(frozen=True, slots=True)
class SupplySample:
    """One look at the supply.

    `current_a` is positive out of the supply, into the module. `tripped` names the
    latched protections ("over_voltage", "over_current", "watchdog", ...);
    `regulation` is "cv", "cc", "off" or "unregulated".
    """

    voltage_v: float
    current_a: float
    output_on: bool
    regulation: str
    tripped: frozenset[str]


@dataclass(frozen=True, slots=True)
class LoadSample:
    """One look at the load; `current_a` is the magnitude it draws [A, >= 0]."""

    voltage_v: float
    current_a: float
    input_on: bool
    tripped: frozenset[str]


@dataclass(frozen=True, slots=True)
class LedBar:
    """Colours of LED1..LED5 and of the button LED, each one of LED_COLOURS."""

    leds: tuple[str, str, str, str, str]
    button: str


class Instrument(Protocol):
    """What every driver can do."""

    role: str

    def open(self) -> Identity:
        """Open the link and prove who answers; any InstrumentError says who did not."""
        ...

    def reopen(self) -> None:
        """Close and open the link again: no old reply can answer the next query."""
        ...

    def close(self) -> None:
        """Close the link; never raises."""
        ...


class Supply(Instrument, Protocol):
    """A programmable source in front of the module."""

    ratings: Ratings

    def set_protection(self, over_voltage_v: float, over_current: bool) -> None:
        """Set OVP [V] and OCP and read both back; output must be off."""
        ...

    def arm_watchdog(self, delay_s: int) -> None:
        """Arm the communication watchdog [s] and read state and delay back."""
        ...

    def disarm_watchdog(self) -> None:
        """Disarm the watchdog while the output is off; refuses otherwise."""
        ...

    def read_watchdog(self) -> tuple[bool, float]:
        """Read whether the watchdog is armed, and its delay [s]."""
        ...

    def set_current_priority(self, current_a: float, voltage_limit_v: float) -> None:
        """Choose current priority, set current [A] and VOLT:LIM [V], read back."""
        ...

    def set_current_a(self, current_a: float) -> None:
        """Set the current [A] in current priority and read it back."""
        ...

    def set_voltage_limit_v(self, voltage_v: float) -> None:
        """Set VOLT:LIM [V] in current priority and read it back."""
        ...

    def set_output(self, on: bool) -> None:
        """Switch the output and read the state back."""
        ...

    def read_output(self) -> bool:
        """Read the output state."""
        ...

    def send_off(self) -> None:
        """Send output off without asking anything, whatever answers; never raises."""
        ...

    def measure(self) -> SupplySample:
        """Measure voltage [V] and current [A] and read the status, in one exchange.

        Feeds the communication watchdog as a side effect.
        """
        ...

    def clear_protection(self) -> None:
        """Send output off, then clear latched protections."""
        ...


class Load(Instrument, Protocol):
    """An electronic load in front of the module."""

    ratings: Ratings

    def set_current_a(self, current_a: float) -> None:
        """Choose constant current and set it [A, >= 0]; read back."""
        ...

    def set_voltage_v(self, voltage_v: float, current_limit_a: float) -> None:
        """Choose constant voltage [V] with a current limit [A]; read both back."""
        ...

    def set_input(self, on: bool) -> None:
        """Switch the input and read the state back."""
        ...

    def read_input(self) -> bool:
        """Read the input state."""
        ...

    def send_off(self) -> None:
        """Send input off without asking anything, whatever answers; never raises."""
        ...

    def measure(self) -> LoadSample:
        """Measure voltage [V] and current [A] and read the status."""
        ...

    def clear_protection(self) -> None:
        """Send input off, then clear latched protections."""
        ...


class VoltageMeter(Instrument, Protocol):
    """A meter on one voltage."""

    def measure_voltage_v(self) -> float:
        """Measure the voltage [V] now."""
        ...


class CurrentMeter(Instrument, Protocol):
    """A meter on the shunt."""

    def measure_current_a(self) -> float:
        """Measure the current into the module [A, positive = charging] now."""
        ...


class ScanMeter(Instrument, Protocol):
    """A multiplexed meter: named channels of one scan list.

    Channels of the reference bench: bench_side_v, peer1_v, peer2_v, case_c,
    ambient_c, ntc1_ohm .. ntc4_ohm, contact_mohm, off_current_ma.
    """

    def measure(self, channels: Sequence[str]) -> Mapping[str, float]:
        """Measure the named channels in one scan; unit as in the channel's name."""
        ...


class Switchbox(Instrument, Protocol):
    """Relays and digital inputs of the fixture, by line name.

    Lines: button, peer1_button, peer2_button, fixture_contactor, dead_man,
    peer1_contactor, peer2_contactor, peer1_bar, peer2_bar (direct joints),
    rs485_chain, rs485_port_a, dip1..dip5, dry_in1, dry_in2. Inputs: estop_ok, door_ok,
    inhibit_ok, dead_man_alive, contactor_closed, dry_out1, dry_out2. `line_names` lists
    the lines, but not the dead-man's: each of its edges feeds it.
    """

    line_names: tuple[str, ...]

    def open_lines(self, lines: Sequence[str]) -> None:
        """Open relays in one exchange and read every drive state back."""
        ...

    def set_line(self, line: str, closed: bool) -> None:
        """Close or open a relay and read the drive state back."""
        ...

    def send_open(self, lines: Sequence[str]) -> None:
        """Tell relays to open without asking anything back; never raises."""
        ...

    def read_line(self, line: str) -> bool:
        """Read a relay's drive state."""
        ...

    def read_inputs(self) -> Mapping[str, bool]:
        """Read every digital input in one exchange."""
        ...

    def feed_dead_man(self) -> Mapping[str, bool]:
        """Retrigger the dead-man relay and read every digital input back."""
        ...


class NtcEmulator(Instrument, Protocol):
    """Substitutes the module's temperature sensors by resistance."""

    channels: int

    def set_ohm(self, channel: int, ohm: float) -> None:
        """Substitute channel 1..n by a resistance [ohm] and read it back."""
        ...

    def set_open(self, channel: int) -> None:
        """Leave the channel open."""
        ...

    def set_short(self, channel: int) -> None:
        """Short the channel."""
        ...

    def set_real(self, channel: int) -> None:
        """Connect the module's own sensor again."""
        ...

    def read_state(self, channel: int) -> tuple[str, float]:
        """Read ("ohm"|"open"|"short"|"real", resistance [ohm] or nan)."""
        ...


class LedReader(Instrument, Protocol):
    """Reads the colours of an LED bar."""

    def read_bar(self, bar: str) -> LedBar:
        """Capture and read one bar: "module", "peer1" or "peer2"."""
        ...


class Operator(Protocol):
    """A person, or the script that stands for one."""

    name: str

    def ask(self, question: str, prompt: str) -> str:
        """Ask one question by its key and return the answer as text."""
        ...

    def ask_number(self, question: str, prompt: str) -> float:
        """Ask for a number by its key; never an answer that is none."""
        ...
