"""The state of charge: the count and the manual's anchors."""

from __future__ import annotations

import pytest

from instruments.sim.bms.interface import BmsInitial
from tests.instruments.sim.bms.rig import Rig


def soc(rig: Rig) -> float:
    """Return the state of charge in register resolution."""
    return rig.register("soc_pct")


def test_counts_ampere_hours() -> None:
    """44 Ah out of 88 usable are 50 points, whatever the steps."""
    rig = Rig(BmsInitial(80.0, "running"))
    rig.current_a = -44.0
    rig.run(3600.0)
    assert soc(rig) == pytest.approx(30.0, abs=0.5)


@pytest.mark.parametrize(
    ("pack_v", "soc_pct"),
    [(49.5, 0.0), (50.5, 5.0), (51.0, 10.0), (49.0, 0.0), (50.0, 2.5)],
)
def test_low_anchors_at_half_c(pack_v: float, soc_pct: float) -> None:
    """EL-10..12: an anchor missed by more than 3 points."""
    rig = Rig(BmsInitial(20.0, "running"))
    rig.set_pack(pack_v)
    rig.current_a = -43.0
    rig.run(10.0)
    assert soc(rig) == pytest.approx(soc_pct, abs=0.5)


@pytest.mark.parametrize("current_a", [-20.0, -86.0])
def test_low_anchors_allow_for_the_sag(current_a: float) -> None:
    """The same cell at another current sags otherwise; the anchor moves with it."""
    rig = Rig(BmsInitial(20.0, "running"))
    rig.set_pack(50.5 + 0.012 * (current_a + 43.0))
    rig.current_a = current_a
    rig.run(10.0)
    assert soc(rig) == pytest.approx(5.0, abs=0.5)


def test_low_anchor_is_a_cap_only() -> None:
    """A low count is not lifted by a voltage, and a short sag does not pull it down."""
    rig = Rig(BmsInitial(3.0, "running"))
    rig.set_pack(50.9)
    rig.current_a = -43.0
    rig.run(10.0)
    assert soc(rig) <= 3.0
    rig = Rig(BmsInitial(60.0, "running"))
    rig.current_a = -43.0
    rig.set_pack(50.0)
    rig.run(4.0)
    assert soc(rig) > 59.0


def test_high_anchors() -> None:
    """EL-13, C31: 98 % at 54.5 V, 100 % only with the 10 A tail."""
    rig = Rig(BmsInitial(90.0, "running"))
    rig.set_pack(54.5)
    rig.current_a = 65.0
    rig.run(2.0)
    assert soc(rig) == pytest.approx(98.0, abs=0.4)
    rig.run(600.0)
    assert soc(rig) == pytest.approx(98.0, abs=0.4)
    rig.current_a = 10.0
    rig.run(4.0)
    assert soc(rig) == 100.0


def test_count_does_not_pass_98_below_the_voltage() -> None:
    """An over-counting module must not call itself full in mid charge."""
    rig = Rig(BmsInitial(97.0, "running"))
    rig.set_pack(53.5)
    rig.current_a = 65.0
    rig.run(600.0)
    assert soc(rig) == pytest.approx(98.0, abs=0.4)


def test_state_of_charge_survives_a_shutdown() -> None:
    """SOC lost with a restart."""
    rig = Rig(BmsInitial(64.0, "running"))
    rig.run(1.0)
    rig.press(5.0)
    rig.run(100.0)
    rig.start()
    assert soc(rig) == pytest.approx(64.0, abs=0.5)
