"""Gain, offset, noise and latency of the simulated instruments."""

from __future__ import annotations

from statistics import fmean, pstdev

from instruments.sim.parameters import stream
from instruments.sim.responders.analogue import (
    Reading,
    normal_noise,
    uniform_latency_us,
)


def test_gain_and_offset() -> None:
    """A deviating instrument would deviate the other way, or by another amount."""
    reading = Reading(lambda: 0.0, gain_error_ppm=100.0, offset=0.5, noise_rms=1.0)
    assert reading.of(1000.0) == 1000.6


def test_noise_has_its_size() -> None:
    """Noise would be biased or of another size than its parameter says."""
    noise = normal_noise(stream(0, "x"))
    draws = [noise() for _ in range(1021)]
    assert abs(fmean(draws)) < 0.1
    assert 0.9 < pstdev(draws) < 1.1


def test_latency_stays_in_its_bounds() -> None:
    """An exchange would be faster or slower than the instrument can be."""
    latency_us = uniform_latency_us(stream(0, "x"), 2.0, 20.0)
    draws = [latency_us() for _ in range(509)]
    assert min(draws) >= 2_000
    assert max(draws) <= 20_000
    assert max(draws) - min(draws) > 15_000
