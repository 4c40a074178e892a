"""The list of kinds, and the plans that may be made from it."""

from __future__ import annotations

import pytest

from instruments.sim.faults import kinds
from instruments.sim.faults.call import SEAMS, Site, without_numbers
from instruments.sim.faults.kinds import load_kinds
from instruments.sim.faults.plan import FaultPlan


def test_every_name_in_the_code_is_a_kind_of_the_file() -> None:
    """A seam would wait for a fault that no plan can name, or the other way round."""
    named = {
        value
        for name, value in vars(kinds).items()
        if name.isupper() and isinstance(value, str) and value not in ("once", "on")
    }
    assert named == set(load_kinds())


def test_kinds_name_only_seams_that_exist() -> None:
    """A kind would never act, because its seam is misspelt."""
    for kind in load_kinds().values():
        assert kind.seams
        assert set(kind.seams) <= set(SEAMS)
        assert set(kind.persistence) <= {"once", "on"}


@pytest.mark.parametrize(
    ("kind", "persistence", "call"),
    [
        ("lightning", "on", 1),
        ("hang", "once", 1),
        ("stall", "on", 1),
        ("hang", "on", 0),
    ],
)
def test_a_plan_that_cannot_be_played_is_refused(
    kind: str, persistence: str, call: int
) -> None:
    """A campaign would count cases in which nothing could happen."""
    with pytest.raises(ValueError, match=r"fault|cannot be|counted"):
        FaultPlan(kind, persistence, call)


def test_persistence_that_a_kind_cannot_have_is_explained() -> None:
    """People would not know what to write instead."""
    with pytest.raises(ValueError, match=r'hang lasts \("on"\) and cannot be "once"'):
        FaultPlan("hang", "once", 1)


@pytest.mark.parametrize(
    ("kind", "what", "expected"),
    [
        ("ignored", "OUTP ON;*OPC?", True),
        ("ignored", "MEAS:VOLT?;:MEAS:CURR?", False),
        ("ignored", "OUTP OFF", True),
        ("ignored", "open", False),
        ("garbage", "OUTP OFF", False),
        ("garbage", "READ?", True),
        ("hang", "open", True),
    ],
)
def test_a_kind_asks_for_the_shape_of_the_message(
    kind: str, what: str, expected: bool
) -> None:
    """A case would have no effect, or a point would be left out."""
    site = Site("scpi", "supply", what)
    assert load_kinds()[kind].applies(site) is expected


def test_output_sticks_only_where_there_is_one() -> None:
    """A meter would be said to stick on."""
    kind = load_kinds()["output_sticks_on"]
    assert kind.applies(Site("scpi", "load", "LOAD OFF;*OPC?"))
    assert not kind.applies(Site("scpi", "module_meter", "READ?"))


@pytest.mark.parametrize(
    ("message", "site"),
    [
        ("CURR -12.500;*OPC?;:CURR?", "CURR #;*OPC?;:CURR?"),
        ("VOLT:LIM 58;:CURR 1e-3", "VOLT:LIM #;:CURR #"),
        ("CONF:VOLT:DC 100,(@101,102)", "CONF:VOLT:DC #,(@101,102)"),
        ("ROUT:CLOS (@1004);:STAT:QUES1:COND?", "ROUT:CLOS (@1004);:STAT:QUES1:COND?"),
        ("wait 230000", "wait #"),
    ],
)
def test_numbers_leave_a_site_and_names_stay(message: str, site: str) -> None:
    """Each setpoint would be a point of its own, or two relays would be one."""
    assert without_numbers(message) == site
