"""Charge and energy by trapezoids, each direction by itself."""

from __future__ import annotations

import pytest

from instruments.counter import Counter
from instruments.trace import Sample

HOUR_US = 3_600_000_000


def fed(counter: Counter, currents_a: list[float], step_us: int, volts: float) -> None:
    """Feed samples at a fixed spacing."""
    for k, current_a in enumerate(currents_a):
        counter.add(Sample(k * step_us, volts, k * step_us, current_a))


def test_constant_current_for_an_hour() -> None:
    """Charge or energy is scaled wrongly."""
    counter = Counter()
    fed(counter, [36.0] * 3601, 1_000_000, 50.0)
    tally = counter.read()
    assert tally.net_ah == pytest.approx(36.0)
    assert tally.net_wh == pytest.approx(1800.0)
    assert tally.t_us == HOUR_US


def test_directions_are_counted_apart() -> None:
    """A discharge is taken off the charge that went in."""
    counter = Counter()
    fed(counter, [36.0] * 101 + [-36.0] * 101, 1_000_000, 50.0)
    tally = counter.read()
    assert tally.in_ah == pytest.approx(1.0)
    assert tally.out_ah == pytest.approx(1.0)
    assert tally.net_ah == pytest.approx(0.0)


def test_ramp_is_a_trapezoid() -> None:
    """A changing current is counted as a staircase."""
    counter = Counter()
    counter.add(Sample(0, 50.0, 0, 0.0))
    counter.add(Sample(1_000_000, 50.0, 1_000_000, 72.0))
    assert counter.read().net_ah == pytest.approx(0.01)


def test_gap_in_sampling_is_not_counted() -> None:
    """Hours without a look are counted with the last current."""
    counter = Counter()
    counter.add(Sample(0, 50.0, 0, 10.0))
    counter.add(Sample(HOUR_US, 50.0, HOUR_US, 10.0))
    assert counter.read().net_ah == 0.0


def test_since_subtracts_every_quantity() -> None:
    """A difference of two tallies mixes the two."""
    counter = Counter()
    fed(counter, [36.0] * 101, 1_000_000, 50.0)
    first = counter.read()
    for k in range(101, 202):
        counter.add(Sample(k * 1_000_000, 50.0, k * 1_000_000, 36.0))
    later = counter.read().since(first)
    assert later.net_ah == pytest.approx(1.01)
    assert later.in_ah == pytest.approx(1.01)
    assert later.out_ah == 0.0
    assert later.net_wh == pytest.approx(50.5)
    assert later.t_us == 101_000_000
