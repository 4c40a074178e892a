"""Simulated Chroma 63200A load: constant current or voltage, and no watchdog.

Dialect: instruments.md 1.6. `LOAD?` answers ON or OFF as the 63200A drivers have it.
A latched protection refuses LOAD ON; after LOAD:PROT:CLE the input stays off until a
new LOAD ON (assumed: the manual text at hand does not say).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.responders.analogue import Reading
from instruments.sim.scpi_parameters import (
    Params,
    ScpiFault,
    boolean,
    choice,
    no_parameter,
    number,
)
from instruments.sim.scpi_responder import Command, ScpiResponder
from instruments.sim.world import PRIORITY_INSTRUMENT, World

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

OVER_VOLTAGE = 1 << 1
OVER_POWER = 1 << 2
REVERSE = 1 << 3
OVER_CURRENT = 1 << 5
_REVERSE_V = -0.5
_MODES = {
    "CCL": "current",
    "CCM": "current",
    "CCH": "current",
    "CV": "voltage",
}


@dataclass(frozen=True, slots=True)
class LoadParameters:
    """The machine: ratings, delays, accuracy (parameters/instruments.toml [load])."""

    rated_voltage_v: float
    rated_current_a: float
    rated_power_w: float
    over_power_pct: float
    input_on_delay_ms: float
    input_off_delay_ms: float
    voltage_gain_error_ppm: float
    voltage_offset_v: float
    voltage_noise_v: float
    current_gain_error_ppm: float
    current_offset_a: float
    current_noise_a: float


class Chroma63200a(ScpiResponder):
    """The load and its fixed protections."""

    def __init__(
        self,
        identity: str,
        plant: Plant,
        world: World,
        parameters: LoadParameters,
        noise: Callable[[], float],
        faults: FaultSchedule,
    ) -> None:
        self._plant = plant
        self._world = world
        self._state = plant.load
        self._p = p = parameters
        self._faults = faults
        self._voltage = Reading(
            noise, p.voltage_gain_error_ppm, p.voltage_offset_v, p.voltage_noise_v
        )
        self._current = Reading(
            noise, p.current_gain_error_ppm, p.current_offset_a, p.current_noise_a
        )
        self._wanted = False
        self._latched = 0
        self._mode = "CCH"
        self._start_v = 0.0
        self._auto_load = True
        super().__init__(identity, self._dialect())
        plant.on_step.append(self._check_protections)

    def reset(self) -> None:
        """Do what *RST does: input off, constant current 0 A, protections cleared."""
        self._wanted = False
        self._latched = 0
        self._mode = "CCH"
        self._start_v = 0.0
        self._apply_input()
        state = self._state

        def defaults() -> None:
            state.mode = "current"
            state.current_a = 0.0
            state.voltage_v = 0.0
            state.current_limit_a = 0.0

        self._plant.change(defaults)

    def _dialect(self) -> tuple[Command, ...]:
        p = self._p
        return (
            Command("LOAD[:STATe]", self._write_input, self._query_input),
            Command("MODE", self._write_mode, lambda _: self._mode),
            self._setting("CURRent:STATic:L1", "current_a", p.rated_current_a),
            self._setting("VOLTage:STATic:L1", "voltage_v", p.rated_voltage_v),
            self._setting(
                "VOLTage:STATic:ILIMit", "current_limit_a", p.rated_current_a
            ),
            Command(
                "CONFigure:VOLTage:ON",
                self._write_start_v,
                lambda _: f"{self._start_v:.6e}",
            ),
            Command(
                "CONFigure:AUTO:LOAD",
                self._write_auto_load,
                lambda _: "ON" if self._auto_load else "OFF",
            ),
            Command("MEASure:VOLTage", query=self._query_voltage),
            Command("MEASure:CURRent", query=self._query_current),
            Command("FETCh:VOLTage", query=self._query_voltage),
            Command("FETCh:CURRent", query=self._query_current),
            Command("LOAD:PROTection", query=lambda _: f"{self._latched:d}"),
            Command("LOAD:PROTection:CLEar", self._write_clear_protection),
            Command("STATus:CHANnel:CONDition", query=lambda _: f"{self._latched:d}"),
        )

    def _setting(self, header: str, name: str, high: float) -> Command:
        def write(params: Params) -> None:
            value = number(params, 0.0, high)
            if getattr(self._state, name) != value:
                self._plant.change(lambda: setattr(self._state, name, value))

        return Command(header, write, lambda _: f"{getattr(self._state, name):.6e}")

    def _write_mode(self, params: Params) -> None:
        word = choice(params, tuple(_MODES))
        if self._state.input_on and word != self._mode:
            raise ScpiFault(-221, "input is on")
        self._mode = word
        if self._state.mode != _MODES[word]:
            self._plant.change(lambda: setattr(self._state, "mode", _MODES[word]))

    def _write_start_v(self, params: Params) -> None:
        self._start_v = number(params, 0.0, self._p.rated_voltage_v)

    def _write_auto_load(self, params: Params) -> None:
        self._auto_load = boolean(params)

    def _query_voltage(self, params: Params) -> str:
        return f"{self._voltage.of(self._plant.bench_v):.6e}"

    def _query_current(self, params: Params) -> str:
        return f"{abs(self._current.of(self._state.meas_a)):.6e}"

    # -- input and protections ---------------------------------------------------

    def _write_input(self, params: Params) -> None:
        on = boolean(params)
        if on and self._latched:
            raise ScpiFault(-221, "protection is latched")
        self._wanted = on
        self._apply_input()

    def _query_input(self, params: Params) -> str:
        no_parameter(params)
        return "ON" if self._wanted else "OFF"

    def _apply_input(self) -> None:
        if not self._wanted and self._faults.active("off_ignored"):
            self._wanted = self._state.input_on
        if self._wanted == self._state.input_on:
            return
        p = self._p
        delay_ms = p.input_on_delay_ms if self._wanted else p.input_off_delay_ms
        due_us = self._world.now_us() + round(delay_ms * 1000)
        self._world.at_us(due_us, PRIORITY_INSTRUMENT, self._switch)

    def _switch(self) -> None:
        on = self._wanted
        if not on and self._faults.active("input_stuck_on"):
            return
        if on and self._plant.bench_v < self._start_v:
            return
        if on != self._state.input_on:
            self._plant.change(lambda: setattr(self._state, "input_on", on))

    def _write_clear_protection(self, params: Params) -> None:
        no_parameter(params)
        self._latched = 0

    def _check_protections(self) -> None:
        """Look at the solved input; runs after every plant step."""
        state = self._state
        if not state.input_on:
            if self._wanted and self._plant.bench_v >= self._start_v:
                self._apply_input()
            return
        p = self._p
        if state.meas_v * state.meas_a > p.rated_power_w * p.over_power_pct / 100:
            self._trip(OVER_POWER)
        elif state.meas_v > p.rated_voltage_v:
            self._trip(OVER_VOLTAGE)
        elif state.meas_v < _REVERSE_V:
            self._trip(REVERSE)

    def _trip(self, bit: int) -> None:
        if not self._latched & bit:
            self._latched |= bit
            self._wanted = False
            self._apply_input()
