"""How a simulated instrument turns a true quantity into a reading."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import cycle

_NOISE_DRAWS = 1021
_LATENCY_DRAWS = 509


class Reading:
    """Gain and offset fixed for the instrument, noise new for every reading.

    Args:
        noise: draws a standard normal number.
        gain_error_ppm: deviation of the gain [ppm].
        offset: deviation at zero, in the quantity's unit.
        noise_rms: standard deviation of one reading, in the quantity's unit.
        noise_ppm: what comes to it in proportion to the reading [ppm].
    """

    __slots__ = ("_gain", "_noise", "_noise_rms", "_noise_share", "_offset")

    def __init__(
        self,
        noise: Callable[[], float],
        gain_error_ppm: float,
        offset: float,
        noise_rms: float,
        noise_ppm: float = 0.0,
    ) -> None:
        self._gain = 1.0 + gain_error_ppm * 1e-6
        self._offset = offset
        self._noise = noise
        self._noise_rms = noise_rms
        self._noise_share = noise_ppm * 1e-6

    def of(self, truth: float) -> float:
        """Read a true value, in its own unit."""
        noise = self._noise_rms + self._noise_share * abs(truth)
        return truth * self._gain + self._offset + noise * self._noise()


def normal_noise(generator: random.Random) -> Callable[[], float]:
    """Draw standard normal numbers, the same 1021 again and again.

    Drawing once and cycling costs a twentieth of drawing each time; 1021 is prime, so
    the cycle does not lock to any scan of few channels.
    """
    draws = tuple(generator.gauss(0.0, 1.0) for _ in range(_NOISE_DRAWS))
    return cycle(draws).__next__


def uniform_latency_us(
    generator: random.Random, low_ms: float, high_ms: float
) -> Callable[[], int]:
    """Draw latencies [µs] between two bounds [ms], the same 509 again and again."""
    low_us, high_us = round(low_ms * 1000), round(high_ms * 1000)
    draws = tuple(generator.randint(low_us, high_us) for _ in range(_LATENCY_DRAWS))
    return cycle(draws).__next__
