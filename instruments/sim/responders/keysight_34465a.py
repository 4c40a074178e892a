"""Simulated Keysight 34465A: a multimeter on one voltage.

Dialect: instruments.md 1.12. `READ?` integrates over NPLC power line cycles, and that
aperture passes in bench time; the reading is the value at the aperture's end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

from instruments.sim.responders.analogue import Reading
from instruments.sim.scpi_parameters import Params, ScpiFault, no_parameter, number
from instruments.sim.scpi_responder import Command, ScpiResponder
from instruments.sim.world import World

OVERLOAD = 9.9e37
_RANGES_V = (0.1, 1.0, 10.0, 100.0, 1000.0)
_OVER_RANGE = 1.2
_NPLC = (0.001, 0.002, 0.006, 0.02, 0.06, 0.2, 1.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True)
class MeterParameters:
    """The meter's timing and accuracy (parameters/instruments.toml)."""

    line_period_ms: float
    reset_nplc: float
    gain_error_ppm: float
    offset_pct_of_range: float
    noise_v: float


class Keysight34465a(ScpiResponder):
    """The meter; `truth_v` tells the voltage at its terminals [V]."""

    def __init__(
        self,
        identity: str,
        world: World,
        parameters: MeterParameters,
        noise: Callable[[], float],
        truth_v: Callable[[], float],
    ) -> None:
        self._world = world
        self._p = parameters
        self._noise = noise
        self._truth_v = truth_v
        self._last: str | None = None
        self._range_v = 1000.0
        self._nplc = parameters.reset_nplc
        self._configure()
        super().__init__(
            identity,
            (
                Command("CONFigure:VOLTage[:DC]", self._write_configure),
                Command("CONFigure", query=lambda _: f'"VOLT {self._range_v:+.6E}"'),
                Command(
                    "[SENSe:]VOLTage[:DC]:RANGe",
                    self._write_configure,
                    lambda _: f"{self._range_v:+.6E}",
                ),
                Command(
                    "[SENSe:]VOLTage[:DC]:NPLC",
                    self._write_nplc,
                    lambda _: f"{self._nplc:+.6E}",
                ),
                Command("READ", query=self._query_read),
                Command("MEASure:VOLTage[:DC]", query=self._query_read),
                Command("INITiate[:IMMediate]", self._write_initiate),
                Command("FETCh", query=self._query_fetch),
                Command("ABORt", no_parameter),
            ),
        )

    def reset(self) -> None:
        """Do what *RST does: highest range, slow integration, nothing in memory."""
        self._range_v = _RANGES_V[-1]
        self._nplc = self._p.reset_nplc
        self._last = None
        self._configure()

    def _configure(self) -> None:
        p = self._p
        self._limit_v = self._range_v * _OVER_RANGE
        self._aperture_us = round(self._nplc * p.line_period_ms * 1000)
        self._reading = Reading(
            self._noise,
            p.gain_error_ppm,
            p.offset_pct_of_range / 100 * self._range_v,
            p.noise_v / sqrt(min(max(self._nplc, 0.02), 10.0)),
        )

    def _write_configure(self, params: Params) -> None:
        """Choose the smallest range that holds the value asked for."""
        wanted_v = number(params[:1], 0.0, _RANGES_V[-1])
        self._range_v = next(r for r in _RANGES_V if r >= wanted_v)
        self._last = None
        self._configure()

    def _write_nplc(self, params: Params) -> None:
        wanted = number(params, _NPLC[0], _NPLC[-1])
        self._nplc = next(n for n in _NPLC if n >= wanted)
        self._configure()

    def _measure(self) -> str:
        self._world.spend_exchange_us(self._aperture_us)
        truth_v = self._truth_v()
        if not -self._limit_v <= truth_v <= self._limit_v:
            over_v = OVERLOAD if truth_v > 0 else -OVERLOAD
            self._last = f"{over_v:+.8E}"
        else:
            self._last = f"{self._reading.of(truth_v):+.8E}"
        return self._last

    def _query_read(self, params: Params) -> str:
        return self._measure()

    def _write_initiate(self, params: Params) -> None:
        no_parameter(params)
        self._measure()

    def _query_fetch(self, params: Params) -> str:
        if self._last is None:
            raise ScpiFault(-230)
        return self._last
