"""The current limits sent on CAN: tables, worst sensor, end of charge."""

from __future__ import annotations

import pytest

from instruments.sim.bms.interface import BmsInitial
from tests.instruments.sim.bms.rig import Rig, ohm_of

RUNNING = BmsInitial(50.0, "running")


def limits(rig: Rig) -> tuple[float, float]:
    """Return both current limits of 0x351."""
    frame = rig.say(0x351)
    return frame["charge_current_limit_a"], frame["discharge_current_limit_a"]


@pytest.mark.parametrize(
    ("temperature_c", "charge_a", "discharge_a"),
    [
        (-22.0, 0.0, 0.0),
        (-15.0, 0.0, 17.2),
        (-8.5, 8.6, 25.8),
        (-3.0, 17.2, 25.8),
        (5.5, 25.8, 68.8),
        (12.5, 68.8, 86.0),
        (30.0, 86.0, 86.0),
        (50.5, 43.0, 86.0),
        (60.5, 0.0, 43.0),
        (67.0, 0.0, 0.0),
    ],
)
def test_rows_mid_band(
    temperature_c: float, charge_a: float, discharge_a: float
) -> None:
    """TC-01..06, TD-01..06: a row with another rate."""
    rig = Rig(RUNNING)
    rig.set_temperature(temperature_c)
    rig.run(2.5)
    assert limits(rig) == pytest.approx((charge_a, discharge_a))


def test_worst_sensor_decides() -> None:
    """One hot and one cold cell: the lower of both rows holds."""
    rig = Rig(RUNNING)
    rig.ntc_ohm = [ohm_of(t) for t in (25.0, 50.0, 5.0, 25.0)]
    rig.run(2.5)
    assert limits(rig) == pytest.approx((25.8, 86.0 * 0.8))


def test_end_of_charge_tapers_to_ten_amperes_then_zero() -> None:
    """EL-14: table until 54.5 V, taper to 10 A, 0 at 100 %, the table again later."""
    rig = Rig(BmsInitial(97.5, "running"))
    rig.set_pack(54.0)
    rig.current_a = 65.0
    rig.run(5.0)
    assert limits(rig)[0] == 86.0
    rig.set_pack(54.5)
    rig.current_a = 40.0
    rig.run(60.0)
    assert 10.0 < limits(rig)[0] < 86.0
    rig.run(200.0)
    assert limits(rig)[0] == 10.0
    assert rig.say(0x35C)["charge_enabled"] is True
    rig.current_a = 10.0
    rig.run(5.0)
    assert rig.say(0x355)["soc_pct"] == 100
    assert limits(rig)[0] == 0.0
    assert rig.say(0x35C)["charge_enabled"] is False
    rig.set_pack(53.0)
    rig.current_a = -86.0
    rig.run(200.0)
    assert limits(rig)[0] == 86.0


def test_limits_are_zero_while_the_contactor_is_open() -> None:
    """A module that starts must not invite current."""
    rig = Rig()
    rig.press(1.0)
    rig.run(2.0)
    assert limits(rig) == (0.0, 0.0)
