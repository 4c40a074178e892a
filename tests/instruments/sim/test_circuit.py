"""The busbar's one-instant solution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.sim.chain import neighbours
from instruments.sim.circuit import (
    FixtureState,
    LoadState,
    Solution,
    SupplyState,
    solve,
)

LEAD = 1.5e-3
BLEEDER = 1000.0
MODULE = [(52.0, 0.010)]
PEERS = [(52.3, 0.110), (52.2, 0.110)]


def current_supply(current_a: float, limit_v: float) -> SupplyState:
    """Make a supply in current priority."""
    return SupplyState(True, "current", 0.0, limit_v, current_a, 0.0, 120.0)


def check_kirchhoff(
    solution: Solution, sources: list[tuple[float, float]], closed: bool
) -> None:
    """Check that every node's currents add up and every branch obeys Ohm."""
    through_a = solution.supply_a - solution.load_a - solution.bleeder_a
    assert through_a == pytest.approx(solution.lead_a, abs=1e-9)
    total_a = 0.0
    for current_a, (emf_v, ohm) in zip(solution.source_a, sources, strict=True):
        assert current_a * ohm == pytest.approx(solution.module_v - emf_v, abs=1e-9)
        total_a += current_a
    assert total_a == pytest.approx(solution.lead_a, abs=1e-7)
    if closed and sources:
        drop_v = solution.bench_v - solution.module_v
        assert drop_v == pytest.approx(LEAD * solution.lead_a, abs=1e-9)


@given(
    st.booleans(),
    st.booleans(),
    st.floats(0.0, 120.0),
    st.floats(0.0, 60.0),
    st.booleans(),
    st.floats(0.0, 120.0),
    st.integers(0, 3),
)
def test_kirchhoff_always_holds(
    on: bool,
    closed: bool,
    current_a: float,
    limit_v: float,
    load_on: bool,
    load_a: float,
    batteries: int,
) -> None:
    """Broken: charge appears or disappears at a node."""
    sources = (MODULE + PEERS)[:batteries]
    supply = current_supply(current_a, limit_v)
    supply.output_on = on
    load = LoadState(load_on, "current", load_a)
    solution = solve(supply, load, closed, sources, LEAD, BLEEDER)
    check_kirchhoff(solution, sources, closed)


def test_constant_current_charges_the_module() -> None:
    """Broken: the supply's current does not reach the module."""
    solution = solve(
        current_supply(43.0, 58.0), LoadState(), True, MODULE, LEAD, BLEEDER
    )
    assert solution.regulation == "cc"
    assert solution.source_a[0] == pytest.approx(43.0 - solution.bleeder_a)


def test_voltage_limit_turns_into_constant_voltage() -> None:
    """Broken: the supply exceeds its voltage limit."""
    solution = solve(
        current_supply(86.0, 52.5), LoadState(), True, MODULE, LEAD, BLEEDER
    )
    assert solution.regulation == "cv"
    assert solution.bench_v == pytest.approx(52.5)


def test_limit_below_the_battery_sinks_current() -> None:
    """Broken: the trap of VOLT:LIM below the battery is not modelled."""
    solution = solve(
        current_supply(10.0, 51.5), LoadState(), True, MODULE, LEAD, BLEEDER
    )
    assert solution.supply_a < -10.0


def test_current_source_without_a_battery_rises_to_its_limit() -> None:
    """Broken: a contactor that opens under a CC source leaves the voltage down."""
    solution = solve(current_supply(43.0, 59.2), LoadState(), True, [], LEAD, BLEEDER)
    assert solution.bench_v == pytest.approx(59.2)
    assert solution.module_v == pytest.approx(59.2)
    assert solution.supply_a == pytest.approx(59.2 / BLEEDER)


def test_voltage_priority_obeys_its_current_limit() -> None:
    """Broken: voltage priority drives more than CURR:LIM."""
    supply = SupplyState(True, "voltage", 58.0, 0.0, 0.0, 20.0, 20.0)
    solution = solve(supply, LoadState(), True, MODULE, LEAD, BLEEDER)
    assert (solution.regulation, solution.supply_a) == ("cc", 20.0)


def test_load_discharges_and_stops_at_zero() -> None:
    """Broken: a load draws current from nothing."""
    load = LoadState(True, "current", 43.0)
    joined = solve(SupplyState(), load, True, MODULE, LEAD, BLEEDER)
    alone = solve(SupplyState(), load, True, [], LEAD, BLEEDER)
    assert joined.source_a[0] == pytest.approx(-43.0 - joined.bleeder_a)
    assert (alone.load_a, alone.bench_v) == (0.0, 0.0)


def test_load_in_voltage_mode_holds_its_voltage() -> None:
    """Broken: CV discharge ignores its voltage or its current limit."""
    load = LoadState(True, "voltage", 0.0, 51.8, 50.0)
    solution = solve(SupplyState(), load, True, MODULE, LEAD, BLEEDER)
    assert solution.bench_v == pytest.approx(51.8)
    load.current_limit_a = 5.0
    limited = solve(SupplyState(), load, True, MODULE, LEAD, BLEEDER)
    assert limited.load_a == 5.0


def test_peers_exchange_through_their_links() -> None:
    """Broken: 2.2 V over the 0.1 ohm link does not give about 20 A."""
    sources = [(50.1, 0.010), (52.3, 0.110)]
    solution = solve(SupplyState(), LoadState(), False, sources, LEAD, BLEEDER)
    assert solution.source_a[0] == pytest.approx(2.2 / 0.12)
    assert solution.bench_v == 0.0


@pytest.mark.parametrize(
    ("chain", "head", "port_a", "heard"),
    [
        (False, True, True, []),
        (True, True, False, [("peer1", "a")]),
        (True, False, False, [("peer2", "a")]),
    ],
)
def test_chain_follows_its_relays(
    chain: bool, head: bool, port_a: bool, heard: list[tuple[str, str]]
) -> None:
    """Broken: a chain message reaches the wrong module or port."""
    fixture = FixtureState(rs485_chain=chain, rs485_head=head, rs485_port_a=port_a)
    assert neighbours(fixture, "module", "b") == heard


def test_chain_answers_travel_back() -> None:
    """Broken: an answer on port A does not reach port B of the sender."""
    fixture = FixtureState(rs485_chain=True, rs485_head=False, rs485_port_a=True)
    assert neighbours(fixture, "module", "a") == [("peer1", "b"), ("peer2", "b")]
