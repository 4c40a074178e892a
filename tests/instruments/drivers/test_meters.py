"""The meters: what they are set to, what they measure, what they refuse."""

from __future__ import annotations

import pytest

from instruments.drivers import keysight_34465a, keysight_daq970a
from instruments.drivers.keysight_34465a import Keysight34465a, Keysight34465aShunt
from instruments.drivers.keysight_daq970a import KeysightDaq970a
from instruments.errors import (
    BadReply,
    InstrumentRefused,
    OutOfRange,
    SetpointMismatch,
)
from instruments.roles import CurrentMeter, ScanMeter, VoltageMeter
from tests.instruments.exchange import ScriptedManager, scripted_link

NO_ERROR = '+0,"No error"'
READ_BACK = ";*OPC?;:SENS:VOLT:DC:NPLC?;:SENS:VOLT:DC:RANG?;:SYST:ERR?"
METER = {
    "idn": "Keysight Technologies,34465A,S,F",
    "pattern": keysight_34465a.IDN_PATTERN,
}
SCAN = {
    "idn": "Keysight Technologies,DAQ970A,S,F",
    "pattern": keysight_daq970a.IDN_PATTERN,
}
CHANNELS = {
    "peer1_v": (102, "VOLT:DC 100"),
    "bench_side_v": (101, "VOLT:DC 100"),
    "case_c": (104, "TEMP RTD,85"),
    "contact_mohm": (110, "FRES"),
}


def test_the_terminal_meter_is_configured_and_read() -> None:
    """Autorange and long integration would blur every bracket."""
    link, manager = scripted_link(
        (
            "CONF:VOLT:DC 100;:SENS:VOLT:DC:NPLC 1" + READ_BACK,
            f"1;+1.0E+00;+1.0E+02;{NO_ERROR}",
        ),
        ("READ?", "+5.2213E+01"),
        ("READ?", "+9.90000000E+37"),
        **METER,
    )
    meter = Keysight34465a(link)
    role: VoltageMeter = meter
    role.open()
    assert role.measure_voltage_v() == 52.213
    with pytest.raises(BadReply):
        role.measure_voltage_v()
    manager.done()


def test_a_meter_that_did_not_take_its_setting_is_refused() -> None:
    """A wrong range is a wrong uncertainty."""
    link, _ = scripted_link(
        (
            "CONF:VOLT:DC 100;:SENS:VOLT:DC:NPLC 1" + READ_BACK,
            f"1;+1.0E+01;+1.0E+02;{NO_ERROR}",
        ),
        **METER,
    )
    with pytest.raises(SetpointMismatch, match="NPLC"):
        Keysight34465a(link).open()


@pytest.mark.parametrize(("reversed_leads", "sign"), [(False, 1.0), (True, -1.0)])
def test_the_shunt_meter_gives_current_into_the_module(
    reversed_leads: bool, sign: float
) -> None:
    """A wrong sign turns charge into discharge."""
    link, manager = scripted_link(
        (
            "CONF:VOLT:DC 0.1;:SENS:VOLT:DC:NPLC 1" + READ_BACK,
            f"1;+1.0E+00;+1.0E-01;{NO_ERROR}",
        ),
        ("READ?", "+2.15E-02"),
        **METER,
    )
    meter = Keysight34465aShunt(link, shunt_ohm=0.0005, reversed_leads=reversed_leads)
    role: CurrentMeter = meter
    role.open()
    assert role.measure_current_a() == pytest.approx(sign * 43.0)
    manager.done()


def test_a_shunt_without_resistance_is_refused() -> None:
    """Every current would be infinite."""
    link, _ = scripted_link()
    with pytest.raises(ValueError, match="shunt"):
        Keysight34465aShunt(link, shunt_ohm=0.0)


def scan_meter(*exchanges: tuple[str, str]) -> tuple[KeysightDaq970a, ScriptedManager]:
    """Make an opened scan meter that follows the exchanges."""
    configure = (
        "CONF:VOLT:DC 100,(@101,102);:SENS:VOLT:DC:NPLC 1,(@101,102)",
        "CONF:TEMP RTD,85,(@104);:SENS:TEMP:NPLC 1,(@104)",
        "CONF:FRES (@110);:SENS:FRES:NPLC 1,(@110)",
    )
    link, manager = scripted_link(
        *((text + ";*OPC?;:SYST:ERR?", f"1;{NO_ERROR}") for text in configure),
        *exchanges,
        **SCAN,
    )
    meter = KeysightDaq970a(link, channels=CHANNELS)
    meter.open()
    return meter, manager


def scanned(channels: str, readings: str, queue: str = NO_ERROR) -> tuple[str, str]:
    """Write the exchange of a scan with a new list."""
    text = f"ROUT:SCAN {channels};*OPC?;:READ?;:SYST:ERR?"
    return text, f"1;{readings};{queue}"


def test_the_scan_list_is_sent_only_when_it_changes() -> None:
    """Every scan list costs time and wears relays."""
    meter, manager = scan_meter(
        scanned("(@101)", "+5.2E+01"),
        ("READ?", "+5.1E+01"),
        scanned("(@101,104)", "+5.2E+01,+2.5E+01"),
        scanned("(@101)", "+5.2E+01"),
    )
    role: ScanMeter = meter
    assert role.measure(("bench_side_v",)) == {"bench_side_v": 52.0}
    assert role.measure(("bench_side_v",)) == {"bench_side_v": 51.0}
    assert role.measure(("case_c", "bench_side_v")) == {
        "bench_side_v": 52.0,
        "case_c": 25.0,
    }
    assert role.measure(("bench_side_v",)) == {"bench_side_v": 52.0}
    manager.done()


def test_readings_follow_the_channel_order_of_the_instrument() -> None:
    """It scans in ascending order: peer and bench voltage would be swapped."""
    meter, _ = scan_meter(scanned("(@101,102)", "+5.1E+01,+5.2E+01"))
    assert meter.measure(("peer1_v", "bench_side_v")) == {
        "bench_side_v": 51.0,
        "peer1_v": 52.0,
    }


def test_base_units_become_the_unit_of_the_name() -> None:
    """0.0008 ohm would be judged as 0.0008 mohm."""
    meter, _ = scan_meter(scanned("(@110)", "+8.0E-04"))
    assert meter.measure(("contact_mohm",))["contact_mohm"] == pytest.approx(0.8)


@pytest.mark.parametrize("reply", ["+5.1E+01", "1,2,3", "+5.1E+01,+9.9E+37"])
def test_a_scan_of_another_shape_is_refused(reply: str) -> None:
    """Values would move to the next name."""
    meter, _ = scan_meter(scanned("(@101,104)", reply))
    with pytest.raises(BadReply):
        meter.measure(("bench_side_v", "case_c"))


def test_a_scan_list_that_was_not_taken_is_refused() -> None:
    """The old list's channel answers, and another voltage is taken for this one."""
    refused = '-222,"Data out of range"'
    meter, _ = scan_meter(
        scanned("(@101)", "+5.2E+01"),
        scanned("(@110)", "+5.2E+01", refused),
        ("SYST:ERR?", '+0,"No error"'),
        scanned("(@101)", "+5.1E+01"),
    )
    assert meter.measure(("bench_side_v",)) == {"bench_side_v": 52.0}
    with pytest.raises(InstrumentRefused):
        meter.measure(("contact_mohm",))
    assert meter.measure(("bench_side_v",)) == {"bench_side_v": 51.0}


def test_an_unknown_channel_is_refused() -> None:
    """A typing error would look like a broken meter."""
    meter, manager = scan_meter()
    for names in (("bench_v",), ()):
        with pytest.raises(OutOfRange, match="no channel"):
            meter.measure(names)
    manager.done()
