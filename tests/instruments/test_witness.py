"""Two witnesses: what stands still is found at once, a wrong gain by its mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.bench_file import load_bench_file
from instruments.cross_check import CrossCheck
from instruments.errors import InstrumentError
from instruments.trace import Sample
from instruments.witness import MeanWitnesses, Witnesses
from phases.operate import ensure_running
from tests.phases import rig

SHIPPED = Path(__file__).parents[2] / "station" / "benches" / "simulated.toml"
STEADY_S = 20


def look(number: int, current_a: float, module_v: float = 53.0) -> Sample:
    """Make the look of a second, with a current [A] and a voltage [V]."""
    t_us = number * 1_000_000
    return Sample(t_us, module_v, t_us, current_a)


def test_one_look_apart_is_an_edge_and_three_are_not() -> None:
    """A meter that stands still is believed, or an edge ends a run."""
    witnesses = Witnesses("a", "b", "A", 1.0, 0.02)
    for _ in range(5):
        witnesses.compare(40.0, 40.5)
        witnesses.compare(40.0, 43.0)
        witnesses.compare(40.0, 43.0)
    with pytest.raises(InstrumentError, match="a and b: read"):
        witnesses.compare(40.0, 43.0)


def steadily_apart(difference_a: float) -> None:
    """Give noisy differences [A] at a steady current."""
    witnesses = MeanWitnesses("a", "b", "A")
    for number in range(40):
        noise_a = 0.3 if number % 2 else -0.3
        witnesses.compare(look(number, 40.0), difference_a + noise_a, -0.1, 0.1)


def test_mean_of_a_steady_state_is_held_to_the_band() -> None:
    """Noise trips the check, or a wrong gain does not."""
    steadily_apart(0.0)
    with pytest.raises(InstrumentError, match="out of calibration"):
        steadily_apart(0.15)


def test_nothing_is_judged_around_a_change() -> None:
    """A staircase, whose readings straddle its edges, would end the run."""
    witnesses = MeanWitnesses("a", "b", "A")
    for number in range(60):
        witnesses.compare(look(number, 2.0 * (number // 6)), 5.0, -0.1, 0.1)


def test_pair_that_straddles_an_edge_is_not_judged() -> None:
    """A module that opens within the eighth look would be a meter's fault."""
    witnesses = MeanWitnesses("a", "b", "V")
    for number in range(60):
        opens = number % 12 == 11
        witnesses.compare(look(number, 8.0), 11.0 if opens else 0.0, -0.1, 0.1)
        if opens:
            witnesses.compare(look(number, 0.0, 58.0), 0.0, -0.1, 0.1)


def amps(shunt: float, supply: bool, source: float = 43.0) -> None:
    """Compare a shunt with a source for a while at a steady current [A]."""
    check = CrossCheck(load_bench_file(SHIPPED))
    compare = check.supply if supply else check.load
    current_a = shunt if supply else -shunt
    for number in range(STEADY_S):
        compare(look(number, current_a), source, 53.05)


@pytest.mark.parametrize("supply", [True, False])
def test_source_whose_voltage_stands_still_is_found(supply: bool) -> None:
    """A source repeats its readings at a steady current while the module fills up."""
    check = CrossCheck(load_bench_file(SHIPPED))
    compare = check.supply if supply else check.load
    current_a = 43.0 if supply else -43.0
    for number in range(2):
        compare(look(number, current_a, 55.0), 43.0, 53.0)
    with pytest.raises(InstrumentError, match="source"):
        compare(look(2, current_a, 55.0), 43.0, 53.0)


@pytest.mark.parametrize("supply", [True, False])
@pytest.mark.parametrize("gain", [0.985, 0.994, 1.006, 1.015, 1.019])
def test_shunt_meter_with_a_wrong_gain_is_found(gain: float, supply: bool) -> None:
    """A capacity is judged by a meter that is wrong by more than the limit is wide."""
    with pytest.raises(InstrumentError, match="shunt meter and source"):
        amps(43.0 * gain, supply)


@pytest.mark.parametrize("supply", [True, False])
@pytest.mark.parametrize("error_a", [-0.16, -0.05, 0.0, 0.11])
def test_healthy_sources_and_the_bleeder_do_not_trip(
    error_a: float, supply: bool
) -> None:
    """A bench within its specification ends runs of good modules."""
    amps(43.0 + error_a, supply)


def volts(current_a: float, error_v: float, source_on: bool = True) -> None:
    """Compare the terminal meter with the bench side behind leads of 1.5 mohm."""
    check = CrossCheck(load_bench_file(SHIPPED))
    bench_v = 53.0 + current_a * 0.0015
    for number in range(STEADY_S):
        sample = look(number, current_a, 53.0 + error_v)
        check.bench_side(sample, bench_v, source_on)


@pytest.mark.parametrize(
    ("current_a", "error_v"),
    [(0.0, 0.03), (0.0, -0.03), (43.0, 0.265), (43.0, -0.265), (-43.0, 0.265)],
)
def test_terminal_meter_with_a_wrong_gain_is_found(
    current_a: float, error_v: float
) -> None:
    """A threshold is judged by a meter that is wrong by more than its tolerance."""
    with pytest.raises(InstrumentError, match="terminal meter and bench side"):
        volts(current_a, error_v, source_on=current_a != 0.0)


@pytest.mark.parametrize("current_a", [0.0, 43.0, 126.0, -43.0, -126.0])
@pytest.mark.parametrize("error_v", [-0.008, 0.0, 0.008])
def test_leads_explain_what_they_may(current_a: float, error_v: float) -> None:
    """The drop over the leads ends runs of good modules."""
    volts(current_a, error_v)


@pytest.mark.parametrize(
    ("module_v", "bench_v", "source_on"), [(3.5, 1.2, True), (52.4, 0.0, False)]
)
def test_sides_that_nothing_connects_are_not_compared(
    module_v: float, bench_v: float, source_on: bool
) -> None:
    """An opened module, or one joined to its peers only, is a meter's fault."""
    check = CrossCheck(load_bench_file(SHIPPED))
    for number in range(STEADY_S):
        check.bench_side(look(number, 0.0, module_v), bench_v, source_on)


def test_dead_bench_side_of_a_source_that_is_on_is_found() -> None:
    """A scanning meter that reads nothing is believed."""
    check = CrossCheck(load_bench_file(SHIPPED))
    check.bench_side(look(1, 8.0), 0.0, True)
    check.bench_side(look(2, 8.0), 0.0, True)
    with pytest.raises(InstrumentError, match="of the same thing"):
        check.bench_side(look(3, 8.0), 0.0, True)


@pytest.mark.parametrize(
    ("target", "value"),
    [("shunt_meter.gain_error_ppm", 15000.0), ("module_meter.gain_error_ppm", 5000.0)],
)
def test_wrong_meter_ends_a_charge(target: str, value: float) -> None:
    """The check is not wired to the samples of an energised bench."""
    defect = f'id="w"\ntitle="w"\n[[change]]\ntarget="{target}"\nset={value}\n'
    with rig.opened({"soc_pct": 50.0, "module": "running"}, defect) as bench:
        ensure_running(bench)
        bench.charge(43.0, 56.0)
        with pytest.raises(InstrumentError, match="out of calibration"):
            bench.hold(20.0)


def test_healthy_bench_holds_a_charge_and_a_discharge() -> None:
    """A healthy bench is taken for a broken one."""
    with rig.opened({"soc_pct": 50.0, "module": "running"}) as bench:
        ensure_running(bench)
        bench.charge(43.0, 56.0)
        bench.hold(20.0)
        bench.discharge(100.0)
        bench.hold(20.0)
