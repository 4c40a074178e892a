"""The simulated RP7900: dialect, protections, watchdog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.instruments.sim.responders.responder_fakes import Rig

SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:STAT:QUES1:COND?;:STAT:OPER:COND?;:OUTP?"
NO_ERROR = '+0,"No error"'
OFF_S = 0.1


def solve_open_output(rig: Rig) -> None:
    """Let a source into an open contactor rise to its voltage limit."""
    supply = rig.plant.supply
    on = supply.output_on
    supply.regulation = "cv" if on else "off"
    supply.meas_v = supply.voltage_limit_v if on else 0.0
    supply.meas_a = 0.0
    rig.plant.bench_v = supply.meas_v


def solve_battery(rig: Rig) -> None:
    """Let a source in current priority charge a battery of 52 V."""
    supply = rig.plant.supply
    on = supply.output_on
    supply.regulation = "cc" if on else "off"
    supply.meas_v = 52.0 if on else 0.0
    supply.meas_a = supply.current_a if on else 0.0
    rig.plant.bench_v = supply.meas_v


@pytest.fixture
def supply(rig: Rig) -> Any:
    """Open the supply on a battery."""
    rig.plant.solve = lambda: solve_battery(rig)
    return rig.open("supply")


def test_settings_reach_the_plant_and_read_back(rig: Rig, supply: Any) -> None:
    """A setting would be acknowledged without effect, or read back as another."""
    supply.query("FUNC CURR;:VOLT:LIM 55.5;:CURR -12.5;:VOLT:PROT 60;*OPC?")
    state = rig.plant.supply
    assert (state.priority, state.voltage_limit_v, state.current_a) == (
        "current",
        55.5,
        -12.5,
    )
    assert supply.query("FUNC?") == "CURR"
    fields = supply.query("VOLT:LIM?;:CURR?;:VOLT:PROT?").split(";")
    assert [float(field) for field in fields] == [55.5, -12.5, 60.0]
    assert supply.query("SYST:ERR?") == NO_ERROR


@pytest.mark.parametrize(
    "text", ["CURR 256", "CURR -256", "VOLT 82", "VOLT:LIM -1", "VOLT:PROT 97"]
)
def test_more_than_rated_is_refused(supply: Any, text: str) -> None:
    """A request beyond the rating would be clamped in silence."""
    supply.write(text)
    assert supply.query("SYST:ERR?").startswith("-222")


def test_output_takes_its_delays(rig: Rig, supply: Any) -> None:
    """Current would flow the moment that OUTP ON is acknowledged, or never stop."""
    supply.query("FUNC CURR;:CURR 10;:OUTP ON;*OPC?")
    assert not rig.plant.supply.output_on
    assert supply.query("OUTP?") == "1"
    rig.wait_s(0.014)
    assert rig.plant.supply.output_on
    supply.query("OUTP OFF;*OPC?")
    assert rig.plant.supply.output_on
    rig.wait_s(OFF_S)
    assert not rig.plant.supply.output_on


def test_the_sample_has_five_fields(rig: Rig, supply: Any) -> None:
    """The driver's sample would lose a field or tell another regulation."""
    supply.query("FUNC CURR;:CURR 10;:OUTP ON;*OPC?")
    rig.wait_s(0.1)
    volt, amp, questionable, operation, output = supply.query(SAMPLE).split(";")
    assert float(volt) == pytest.approx(52.0, abs=0.01)
    assert float(amp) == pytest.approx(10.0, abs=0.1)
    assert (questionable, operation, output) == ("0", "2", "1")


def test_priority_does_not_change_under_power(rig: Rig, supply: Any) -> None:
    """A live module could be switched to voltage priority."""
    supply.query("FUNC CURR;:OUTP ON;*OPC?")
    rig.wait_s(0.1)
    supply.write("FUNC VOLT")
    assert supply.query("SYST:ERR?").startswith("-221")
    assert rig.plant.supply.priority == "current"


def test_over_voltage_latches_and_clears_into_the_old_state(rig: Rig) -> None:
    """The trap of OUTP:PROT:CLE would be missing: it restores the output state."""
    rig.plant.solve = lambda: solve_open_output(rig)
    supply = rig.open("supply")
    supply.query("FUNC CURR;:VOLT:LIM 61;:VOLT:PROT 60;:OUTP ON;*OPC?")
    rig.wait_s(OFF_S)
    assert not rig.plant.supply.output_on
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "1;0"
    rig.wait_s(10)
    assert supply.query("STAT:QUES1:COND?") == "1"
    supply.query("VOLT:LIM 55;:OUTP:PROT:CLE;*OPC?")
    rig.wait_s(OFF_S)
    assert rig.plant.supply.output_on
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "0;1"


def test_output_off_before_clear_keeps_it_off(rig: Rig) -> None:
    """The safe order (off, then clear) would energise the module all the same."""
    rig.plant.solve = lambda: solve_open_output(rig)
    supply = rig.open("supply")
    supply.query("FUNC CURR;:VOLT:LIM 61;:VOLT:PROT 60;:OUTP ON;*OPC?")
    rig.wait_s(OFF_S)
    supply.query("OUTP OFF;:OUTP:PROT:CLE;*OPC?")
    rig.wait_s(OFF_S)
    assert not rig.plant.supply.output_on
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "0;0"


def test_over_current_in_current_priority(rig: Rig, supply: Any) -> None:
    """OCP would act on CC itself, or never, in current priority."""
    supply.query("FUNC CURR;:CURR 20;:CURR:PROT:STAT ON;:OUTP ON;*OPC?")
    rig.wait_s(1)
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "0;1"
    supply.query("CURR:LIM 15;*OPC?")
    rig.wait_s(OFF_S)
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "2;0"


def test_over_current_in_voltage_priority_waits_for_its_delay(
    rig: Rig, supply: Any
) -> None:
    """OCP would trip before its delay, or not on entering CC."""
    supply.query("CURR:PROT:DEL 0.5;:CURR:PROT:STAT ON;:OUTP ON;*OPC?")
    rig.wait_s(0.3)
    assert supply.query("STAT:QUES1:COND?") == "0"
    rig.wait_s(0.3)
    assert supply.query("STAT:QUES1:COND?") == "2"


def test_watchdog_switches_off_and_latches(rig: Rig, supply: Any) -> None:
    """A dead station would leave the supply on."""
    supply.query("FUNC CURR;:CURR 10;:OUTP:PROT:WDOG:DEL 2;*OPC?")
    supply.query("OUTP:PROT:WDOG ON;:OUTP ON;*OPC?")
    assert supply.query("OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?") == "1;2"
    rig.wait_s(1.99)
    assert rig.plant.supply.output_on
    rig.wait_s(0.02)
    assert not rig.plant.supply.output_on
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "2048;0"


def test_any_message_feeds_the_watchdog(rig: Rig, supply: Any) -> None:
    """A station that samples would be switched off all the same."""
    supply.query("FUNC CURR;:CURR 10;:OUTP:PROT:WDOG:DEL 2;*OPC?")
    supply.query("OUTP:PROT:WDOG ON;:OUTP ON;*OPC?")
    for _ in range(10):
        rig.wait_s(1.5)
        supply.query("NONSENSE;*OPC?")
    assert supply.query("STAT:QUES1:COND?;:OUTP?") == "0;1"


def test_reset_disarms_the_watchdog(rig: Rig, supply: Any) -> None:
    """*RST would leave an armed watchdog or a live output."""
    supply.query("OUTP:PROT:WDOG:DEL 2;:OUTP:PROT:WDOG ON;:OUTP ON;*OPC?")
    supply.query("*RST;*OPC?")
    assert supply.query("OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?;:OUTP?") == "0;60;0"
    rig.wait_s(120)
    assert supply.query("STAT:QUES1:COND?") == "0"


def test_without_watchdog_the_commands_are_unknown(
    faulty: Callable[..., Rig],
) -> None:
    """A supply without watchdog could not be told from one that has it."""
    supply = faulty("supply", "no_watchdog").open("supply")
    assert supply.query("OUTP:PROT:WDOG ON;*OPC?") == "1"
    assert supply.query("SYST:ERR?").startswith("-113")


def test_a_dead_watchdog_reads_back_and_does_nothing(
    faulty: Callable[..., Rig],
) -> None:
    """A watchdog that only pretends would be found by its read-back."""
    rig = faulty("supply", "watchdog_dead")
    supply = rig.open("supply")
    supply.query("OUTP:PROT:WDOG:DEL 2;:OUTP:PROT:WDOG ON;:OUTP ON;*OPC?")
    rig.wait_s(10)
    assert supply.query("OUTP:PROT:WDOG?;:OUTP?") == "1;1"


def test_a_stuck_output_reads_off(faulty: Callable[..., Rig]) -> None:
    """An output stage that does not switch off would show in its read-back."""
    rig = faulty("supply", "output_stuck_on")
    supply = rig.open("supply")
    supply.query("OUTP ON;*OPC?")
    rig.wait_s(1)
    assert supply.query("OUTP OFF;*OPC?;:OUTP?") == "1;0"
    rig.wait_s(1)
    assert rig.plant.supply.output_on


def test_another_model_answers(faulty: Callable[..., Rig]) -> None:
    """A wrong instrument at the address would answer as the right one."""
    supply = faulty("supply", "wrong_model").open("supply")
    assert "Keysight" not in supply.query("*IDN?")


def test_frozen_readings_repeat(faulty: Callable[..., Rig]) -> None:
    """A frozen instrument would still move with the plant, or stop obeying."""
    rig = faulty("supply", "frozen", 1.0)
    supply = rig.open("supply")
    assert supply.query("MEAS:VOLT?") != supply.query("MEAS:VOLT?")
    rig.wait_s(1.0)
    assert supply.query("MEAS:VOLT?") == supply.query("MEAS:VOLT?")
    assert supply.query("CURR 5;:CURR?") == "5.000000E+00"
