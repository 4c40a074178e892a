"""The RP7900 driver: exact messages, read-back, and no output without protection."""

from __future__ import annotations

import pytest

from instruments.drivers.keysight_rp7900 import IDN_PATTERN, KeysightRp7900
from instruments.errors import (
    BadReply,
    InstrumentRefused,
    NotProtected,
    OutOfRange,
    SetpointMismatch,
    WrongInstrument,
)
from instruments.roles import Ratings, Supply, SupplySample
from tests.instruments.exchange import (
    CLEARED,
    TIMEOUT,
    ScriptedManager,
    scripted_link,
)

IDN = "Keysight Technologies,RP7935A,S1,A.03"
SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:STAT:QUES1:COND?;:STAT:OPER:COND?;:OUTP?"
WATCHDOG = ("OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?", "0;60")
NO_ERROR = '+0,"No error"'
OUTPUT_OFF = ("OUTP OFF;*OPC?;:OUTP?;:SYST:ERR?", f"1;0;{NO_ERROR}")
ACCEPTED_OFF = (
    ("*CLS;*OPC?", "1"),
    ("OUTP OFF;*OPC?;:OUTP?;:SYST:ERR?", f"1;0;{NO_ERROR}"),
)
PROTECT = (
    ("OUTP?", "0"),
    (
        "VOLT:PROT 59.500;:CURR:PROT:STAT ON;*OPC?"
        ";:VOLT:PROT?;:CURR:PROT:STAT?;:SYST:ERR?",
        f"1;5.95E+01;1;{NO_ERROR}",
    ),
)
ARM = (
    "OUTP:PROT:WDOG:DEL 2;:OUTP:PROT:WDOG ON;*OPC?"
    ";:OUTP:PROT:WDOG:DEL?;:OUTP:PROT:WDOG?;:SYST:ERR?",
    f"1;2;1;{NO_ERROR}",
)
ARMED = (WATCHDOG[0], "1;2")
OUTPUT_ON = ("OUTP ON;*OPC?;:OUTP?;:SYST:ERR?", f"1;1;{NO_ERROR}")


def supply_on(*exchanges: tuple[str, str]) -> tuple[KeysightRp7900, ScriptedManager]:
    """Make an opened driver that follows the exchanges."""
    link, manager = scripted_link(
        WATCHDOG, *exchanges, idn=IDN, pattern=IDN_PATTERN, role="supply"
    )
    supply = KeysightRp7900(link)
    supply.open()
    return supply, manager


def test_it_is_a_supply() -> None:
    """The bench could not use it."""
    supply, manager = supply_on()
    role: Supply = supply
    assert role.ratings == Ratings(80.0, 250.0, 10_000.0)
    manager.done()


@pytest.mark.parametrize("reply", [TIMEOUT, "", "0"])
def test_a_supply_without_watchdog_is_refused_when_it_is_opened(
    reply: str | Exception,
) -> None:
    """It would be found when the module is already pressed on."""
    link, manager = scripted_link(
        (WATCHDOG[0], reply), idn=IDN, pattern=IDN_PATTERN, role="supply"
    )
    with pytest.raises(NotProtected, match="no communication watchdog"):
        KeysightRp7900(link).open()
    manager.done()


def test_another_model_is_refused() -> None:
    """A 60 V box would be driven as an 80 V box."""
    link, _ = scripted_link(idn="Keysight Technologies,N5767A,S,F", pattern=IDN_PATTERN)
    with pytest.raises(WrongInstrument):
        KeysightRp7900(link).open()


def test_a_model_without_ratings_is_refused() -> None:
    """Nothing would say what it can carry."""
    link, _ = scripted_link(
        idn="Keysight Technologies,RP7999A,S,F", pattern=IDN_PATTERN
    )
    with pytest.raises(WrongInstrument, match=r"ratings\.toml"):
        KeysightRp7900(link).open()


def test_output_goes_on_only_after_protection_and_watchdog() -> None:
    """A hung station would leave the module energised."""
    supply, manager = supply_on(*PROTECT, ARM, ARMED, OUTPUT_ON)
    with pytest.raises(NotProtected, match="protection"):
        supply.set_output(True)
    supply.set_protection(59.5, True)
    with pytest.raises(NotProtected, match="watchdog"):
        supply.set_output(True)
    supply.arm_watchdog(2)
    supply.set_output(True)
    manager.done()


@pytest.mark.parametrize("found", ["0;2", "1;60"])
def test_a_watchdog_that_is_no_longer_armed_keeps_the_output_off(found: str) -> None:
    """A reset or a power cycle since it was armed goes unnoticed."""
    supply, manager = supply_on(*PROTECT, ARM, (ARMED[0], found))
    supply.set_protection(59.5, True)
    supply.arm_watchdog(2)
    with pytest.raises(NotProtected, match="watchdog"):
        supply.set_output(True)
    manager.done()


def test_reopening_forgets_that_it_was_protected() -> None:
    """Another program may have reset the box meanwhile."""
    opening = (("*IDN?", IDN), CLEARED)
    supply, manager = supply_on(*PROTECT, ARM)
    manager.resources.append(type(manager.resources[0])(opening))
    supply.set_protection(59.5, True)
    supply.arm_watchdog(2)
    supply.reopen()
    with pytest.raises(NotProtected):
        supply.set_output(True)
    manager.done()


def test_disarming_takes_the_right_to_switch_on_away() -> None:
    """The output would be on without a watchdog."""
    supply, manager = supply_on(
        *PROTECT,
        ARM,
        ("OUTP?", "0"),
        ("OUTP:PROT:WDOG OFF;*OPC?;:OUTP:PROT:WDOG?;:SYST:ERR?", f"1;0;{NO_ERROR}"),
        ("OUTP?", "1"),
    )
    supply.set_protection(59.5, True)
    supply.arm_watchdog(2)
    supply.disarm_watchdog()
    with pytest.raises(NotProtected, match="watchdog"):
        supply.set_output(True)
    with pytest.raises(NotProtected, match="output is on"):
        supply.disarm_watchdog()
    manager.done()


@pytest.mark.parametrize("readback", ["60;1", "59.5;0"])
def test_a_protection_that_reads_back_otherwise_is_refused(readback: str) -> None:
    """The over-voltage protection would act elsewhere, or not at all."""
    off, (message, _) = PROTECT
    supply, _ = supply_on(off, (message, f"1;{readback};{NO_ERROR}"))
    with pytest.raises(SetpointMismatch):
        supply.set_protection(59.5, True)
    with pytest.raises(NotProtected):
        supply.set_output(True)


def test_protection_is_not_changed_under_way() -> None:
    """Moving a protection while it protects is no protection."""
    supply, _ = supply_on(("OUTP?", "1"))
    with pytest.raises(NotProtected, match="output is on"):
        supply.set_protection(59.5, True)


@pytest.mark.parametrize("readback", ["60;1", "2;0"])
def test_a_watchdog_that_reads_back_otherwise_is_refused(readback: str) -> None:
    """The default of 60 s is far too long, and off is worse."""
    supply, _ = supply_on((ARM[0], f"1;{readback};{NO_ERROR}"))
    with pytest.raises(SetpointMismatch):
        supply.arm_watchdog(2)


def test_the_watchdog_is_read() -> None:
    """The record could not say how the bench was watched."""
    supply, _ = supply_on(("OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?", "1;2"))
    assert supply.read_watchdog() == (True, 2.0)


def test_current_priority_is_set_and_read_back() -> None:
    """In voltage priority a battery back-feeds the box."""
    supply, manager = supply_on(
        (
            "FUNC CURR;:VOLT:LIM 54.500;:CURR 43.000;*OPC?"
            ";:FUNC?;:VOLT:LIM?;:CURR?;:SYST:ERR?",
            f"1;CURR;5.45E+01;4.3E+01;{NO_ERROR}",
        ),
        (
            "CURR -1.500;*OPC?;:FUNC?;:CURR?;:SYST:ERR?",
            f"1;CURR;-1.5E+00;{NO_ERROR}",
        ),
        (
            "VOLT:LIM 58.000;*OPC?;:FUNC?;:VOLT:LIM?;:SYST:ERR?",
            f"1;VOLT;5.8E+01;{NO_ERROR}",
        ),
    )
    supply.set_current_priority(43.0, 54.5)
    supply.set_current_a(-1.5)
    with pytest.raises(SetpointMismatch, match="FUNC"):
        supply.set_voltage_limit_v(58.0)
    manager.done()


def test_nothing_beyond_the_ratings_is_sent() -> None:
    """A clamped setpoint would be a different test."""
    supply, manager = supply_on()
    nan = float("nan")
    for ask in (
        lambda: supply.set_current_a(250.1),
        lambda: supply.set_current_a(nan),
        lambda: supply.set_voltage_limit_v(80.1),
        lambda: supply.set_voltage_limit_v(-0.1),
        lambda: supply.set_current_priority(-251.0, 50.0),
        lambda: supply.set_protection(88.1, True),
        lambda: supply.arm_watchdog(0),
        lambda: supply.arm_watchdog(3601),
    ):
        with pytest.raises(OutOfRange):
            ask()
    manager.done()


def test_a_refusal_of_the_box_is_reported() -> None:
    """The queue would speak for a later setting."""
    supply, _ = supply_on(
        ("CURR 1.000;*OPC?;:FUNC?;:CURR?;:SYST:ERR?", '1;CURR;0;-221,"Conflict"'),
        ("SYST:ERR?", NO_ERROR),
    )
    with pytest.raises(InstrumentRefused, match="-221"):
        supply.set_current_a(1.0)


def test_output_off_is_sent_before_protections_are_cleared() -> None:
    """OUTP:PROT:CLE restores the output state of before the trip."""
    supply, manager = supply_on(
        *ACCEPTED_OFF, ("OUTP:PROT:CLE;*OPC?;:OUTP?;:SYST:ERR?", f"1;0;{NO_ERROR}")
    )
    supply.clear_protection()
    manager.done()


def test_protections_stay_latched_when_output_off_was_not_accepted() -> None:
    """An output that only a protection holds off comes back with the clear."""
    cleared, (message, _) = ACCEPTED_OFF
    supply, manager = supply_on(
        cleared,
        (message, '1;0;-200,"Execution error"'),
        ("SYST:ERR?", NO_ERROR),
    )
    with pytest.raises(InstrumentRefused):
        supply.clear_protection()
    manager.done()


def test_an_output_that_comes_back_with_the_clear_is_switched_off() -> None:
    """The module would be energised by the act of making safe."""
    supply, manager = supply_on(
        *ACCEPTED_OFF,
        ("OUTP:PROT:CLE;*OPC?;:OUTP?;:SYST:ERR?", f"1;1;{NO_ERROR}"),
        OUTPUT_OFF,
    )
    with pytest.raises(SetpointMismatch):
        supply.clear_protection()
    manager.done()


def test_an_output_that_stays_on_is_reported() -> None:
    """Off would be taken for granted."""
    supply, _ = supply_on((OUTPUT_OFF[0], f"1;1;{NO_ERROR}"))
    with pytest.raises(SetpointMismatch):
        supply.set_output(False)


@pytest.mark.parametrize(
    ("status", "regulation", "tripped"),
    [
        ("0;2;1", "cc", frozenset()),
        ("128;1;1", "cv", frozenset()),  # LIM+ is a condition
        ("1024;0;1", "unregulated", frozenset()),
        ("1;4;0", "off", frozenset({"over_voltage"})),
        ("+2050;+4;0", "off", frozenset({"over_current", "watchdog"})),
        ("4096;4;0", "off", frozenset({"excessive_dynamic_power"})),
    ],
)
def test_a_sample_names_trips_and_regulation(
    status: str, regulation: str, tripped: frozenset[str]
) -> None:
    """A latched protection would look like a module that stopped conducting."""
    supply, _ = supply_on((SAMPLE, f"+5.22E+01;-1.25E+01;{status}"))
    output_on = status.endswith("1")
    assert supply.measure() == SupplySample(52.2, -12.5, output_on, regulation, tripped)


@pytest.mark.parametrize(
    "reply", ["52;1;0;2", "52;9.9E37;0;2;1", "52;1;x;2;1", "52;1;0;2;2", "52"]
)
def test_a_sample_of_another_shape_is_refused(reply: str) -> None:
    """Overload or half a reply would become a current."""
    supply, _ = supply_on((SAMPLE, reply))
    with pytest.raises(BadReply):
        supply.measure()


def test_the_output_state_is_read() -> None:
    """make_safe would have no proof."""
    supply, _ = supply_on(("OUTP?", "1"), ("OUTP?", "OFF"))
    assert supply.read_output() is True
    assert supply.read_output() is False
    supply.close()
