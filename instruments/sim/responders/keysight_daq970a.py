"""Simulated Keysight DAQ970A: one meter behind a multiplexer.

Dialect: instruments.md 1.12. A scan visits its channels in ascending order; relay and
aperture of each pass in bench time, so the last channel is younger than the first.
A channel must be configured for its quantity, or it reads as an overload.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from instruments.sim.responders.analogue import Reading
from instruments.sim.responders.keysight_34465a import OVERLOAD
from instruments.sim.scpi_parameters import (
    Params,
    ScpiFault,
    channel_list,
    no_parameter,
    number,
)
from instruments.sim.scpi_responder import Command, ScpiResponder
from instruments.sim.world import World

_FUNCTION_OF_UNIT = {"v": "VOLT", "c": "TEMP", "ohm": "RES", "a": "CURR"}
_MAX_OHM = 1.2e8


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """Timing and accuracy (parameters/instruments.toml [scan_meter])."""

    line_period_ms: float
    reset_nplc: float
    switch_ms: float
    voltage_gain_error_ppm: float
    voltage_offset_v: float
    voltage_noise_v: float
    temperature_offset_c: float
    temperature_noise_c: float
    resistance_gain_error_ppm: float
    resistance_noise_ohm: float
    resistance_noise_ppm: float
    current_offset_a: float
    current_noise_a: float


@dataclass(slots=True)
class _Channel:
    """One wired channel: what it sees, in a unit, and how it is configured."""

    truth: Callable[[], float]
    function: str
    configured: str = ""
    nplc: float = 1.0


class KeysightDaq970a(ScpiResponder):
    """The meter; `wiring` names the quantity of each channel, `truth` reads one."""

    def __init__(
        self,
        identity: str,
        world: World,
        parameters: ScanParameters,
        noise: Callable[[], float],
        wiring: Mapping[int, str],
        truth: Mapping[str, Callable[[], float]],
    ) -> None:
        self._world = world
        self._p = p = parameters
        self._channels = {
            channel: _Channel(truth[name], _FUNCTION_OF_UNIT[name.rpartition("_")[2]])
            for channel, name in wiring.items()
        }
        self._scan: tuple[int, ...] = ()
        self._last: str | None = None
        self._readings = {
            "VOLT": Reading(
                noise, p.voltage_gain_error_ppm, p.voltage_offset_v, p.voltage_noise_v
            ),
            "TEMP": Reading(noise, 0.0, p.temperature_offset_c, p.temperature_noise_c),
            "RES": Reading(
                noise,
                p.resistance_gain_error_ppm,
                0.0,
                p.resistance_noise_ohm,
                p.resistance_noise_ppm,
            ),
            "CURR": Reading(noise, 0.0, p.current_offset_a, p.current_noise_a),
        }
        super().__init__(identity, self._dialect())

    def reset(self) -> None:
        """Do what *RST does: no scan list, no channel configured."""
        self._scan = ()
        self._last = None
        for channel in self._channels.values():
            channel.configured = ""
            channel.nplc = self._p.reset_nplc

    def _dialect(self) -> tuple[Command, ...]:
        def configures(function: str) -> Callable[[Params], None]:
            return lambda params: self._write_configure(function, params)

        integrates = tuple(
            Command(f"[SENSe:]{header}:NPLC", self._write_nplc)
            for header in (
                "VOLTage[:DC]",
                "CURRent[:DC]",
                "TEMPerature",
                "RESistance",
                "FRESistance",
            )
        )
        return (
            Command("CONFigure:VOLTage[:DC]", configures("VOLT")),
            Command("CONFigure:CURRent[:DC]", configures("CURR")),
            Command("CONFigure:TEMPerature", configures("TEMP")),
            Command("CONFigure:RESistance", configures("RES")),
            Command("CONFigure:FRESistance", configures("RES")),
            *integrates,
            Command("ROUTe:SCAN", self._write_scan, self._query_scan),
            Command("READ", query=self._query_read),
            Command("FETCh", query=self._query_fetch),
            Command("ABORt", no_parameter),
        )

    def _wired(self, params: Params) -> tuple[int, ...]:
        channels = channel_list(params)
        for channel in channels:
            if channel not in self._channels:
                raise ScpiFault(-224, f"channel {channel}")
        return channels

    def _write_configure(self, function: str, params: Params) -> None:
        for channel in self._wired(params):
            self._channels[channel].configured = function
            self._channels[channel].nplc = self._p.reset_nplc

    def _write_nplc(self, params: Params) -> None:
        nplc = number(params[:1], 0.02, 200.0)
        for channel in self._wired(params):
            self._channels[channel].nplc = nplc

    def _write_scan(self, params: Params) -> None:
        self._scan = tuple(sorted(set(self._wired(params))))
        self._last = None

    def _query_scan(self, params: Params) -> str:
        return "(@" + ",".join(f"{channel:d}" for channel in self._scan) + ")"

    def _query_read(self, params: Params) -> str:
        if not self._scan:
            raise ScpiFault(-221, "empty scan list")
        replies = [self._measure(self._channels[number]) for number in self._scan]
        self._last = ",".join(replies)
        return self._last

    def _query_fetch(self, params: Params) -> str:
        if self._last is None:
            raise ScpiFault(-230)
        return self._last

    def _measure(self, channel: _Channel) -> str:
        p = self._p
        aperture_ms = p.switch_ms + channel.nplc * p.line_period_ms
        self._world.spend_exchange_us(round(aperture_ms * 1000))
        truth = channel.truth()
        if channel.configured != channel.function:
            return f"{OVERLOAD:+.8E}"
        if not isfinite(truth) or abs(truth) > _MAX_OHM:
            return f"{OVERLOAD:+.8E}"
        return f"{self._readings[channel.function].of(truth):+.8E}"
