"""The module state: age and validity, and no defaults."""

from __future__ import annotations

import math

import pytest

from instruments.errors import StaleReading
from instruments.links.module_state import ModuleState
from tests.instruments.exchange import FakeClock


def test_a_value_is_read_while_it_is_fresh() -> None:
    """An old value would be judged as the present one."""
    clock = FakeClock(1_000_000)
    state = ModuleState(clock, "CAN")
    state.put(0x356, {"pack_voltage_v": 52.2}, 900_000)
    assert state.read("pack_voltage_v", 0.2) == 52.2
    assert state.age_s("pack_voltage_v") == pytest.approx(0.1)
    assert state.t_us("pack_voltage_v") == 900_000
    clock.t_us = 1_100_001
    with pytest.raises(StaleReading, match=r"0\.20 s old"):
        state.read("pack_voltage_v", 0.2)


def test_a_value_never_said_is_stale() -> None:
    """Zero volts would be a default, not a reading."""
    state = ModuleState(FakeClock(), "CAN")
    with pytest.raises(StaleReading, match="never received"):
        state.read("soc_pct", 10.0)
    with pytest.raises(StaleReading):
        state.t_us("soc_pct")
    assert state.age_s("soc_pct") == math.inf


def test_an_invalid_frame_makes_its_values_stale() -> None:
    """The value before the broken frame would live on."""
    state = ModuleState(FakeClock(), "CAN")
    state.put(0x356, {"pack_voltage_v": 52.2}, 0)
    state.put(0x355, {"soc_pct": 50}, 0)
    state.invalidate(0x356, 0)
    with pytest.raises(StaleReading, match="invalid"):
        state.read("pack_voltage_v", 10.0)
    assert state.age_s("pack_voltage_v") == math.inf
    assert state.snapshot() == {"soc_pct": 50}


def test_a_value_missing_from_a_shorter_frame_is_stale() -> None:
    """The six-byte form of the limits has no discharge voltage."""
    state = ModuleState(FakeClock(), "CAN")
    state.put(
        0x351, {"charge_voltage_limit_v": 54.5, "discharge_voltage_limit_v": 49}, 0
    )
    state.put(0x351, {"charge_voltage_limit_v": 54.5}, 0)
    with pytest.raises(StaleReading):
        state.read("discharge_voltage_limit_v", 10.0)


def test_the_newest_group_answers() -> None:
    """Two register blocks hold the same register."""
    state = ModuleState(FakeClock(), "service")
    state.put("main", {"pack_voltage_v": 52.0}, 0)
    state.put("cells", {"pack_voltage_v": 53.0}, 0)
    assert state.read("pack_voltage_v", 1.0) == 53.0


def test_typed_reads_refuse_other_types() -> None:
    """A flag set would be compared with a number."""
    state = ModuleState(FakeClock(), "CAN")
    state.put(
        1, {"soc_pct": 50, "protections": frozenset({"x"}), "charge_enabled": True}, 0
    )
    assert state.read_number("soc_pct", 1.0) == 50.0
    assert state.read_flags("protections", 1.0) == {"x"}
    assert state.read_bool("charge_enabled", 1.0) is True
    for read, name in (
        (state.read_number, "charge_enabled"),
        (state.read_flags, "soc_pct"),
        (state.read_bool, "soc_pct"),
    ):
        with pytest.raises(TypeError):
            read(name, 1.0)


def test_clearing_forgets_everything() -> None:
    """A module that was exchanged would inherit values."""
    state = ModuleState(FakeClock(), "CAN")
    state.put(1, {"soc_pct": 50}, 0)
    state.clear()
    assert state.snapshot() == {}
