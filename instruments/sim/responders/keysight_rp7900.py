"""Simulated Keysight RP7900: a bidirectional source with a communication watchdog.

Dialect and register bits: instruments.md 1.2. Where the manual text is silent:

- in current priority OCP acts when |I| exceeds CURR:LIM for CURR:PROT:DEL (there CC
  is the normal state, so "on entering CC" cannot be meant);
- CURR:LIM stands at the highest setting after *RST and at power-on;
- OUTP ON while a protection is latched is remembered and takes effect at
  OUTP:PROT:CLE, because the clear restores the output state that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.responders.analogue import Reading
from instruments.sim.responders.supply_protection import (
    QUES1_OVER_VOLTAGE,
    QUES1_WATCHDOG,
    CommunicationWatchdog,
    OutputProtection,
)
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
    from collections.abc import Callable

    from instruments.sim.plant import Plant

_DEAD = {QUES1_OVER_VOLTAGE: "no_over_voltage", QUES1_WATCHDOG: "watchdog_dead"}
_OPERATION = {"cv": "1", "cc": "2", "off": "4"}
_LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"


@dataclass(frozen=True, slots=True)
class SupplyParameters:
    """The machine: ratings, delays, accuracy (parameters/instruments.toml [supply])."""

    rated_voltage_v: float
    rated_current_a: float
    setting_margin_pct: float
    over_voltage_max_v: float
    output_on_delay_ms: float
    output_off_delay_ms: float
    trip_delay_ms: float
    voltage_gain_error_ppm: float
    voltage_offset_v: float
    voltage_noise_v: float
    current_gain_error_ppm: float
    current_offset_a: float
    current_noise_a: float


class KeysightRp7900(ScpiResponder):
    """The source, its protections and its watchdog."""

    def __init__(
        self,
        identity: str,
        plant: Plant,
        world: World,
        parameters: SupplyParameters,
        noise: Callable[[], float],
        faults: FaultSchedule,
    ) -> None:
        self._plant = plant
        self._world = world
        self._state = plant.supply
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
        self._protection = OutputProtection(
            plant.supply, world, self._trip, p.over_voltage_max_v
        )
        self._watchdog = CommunicationWatchdog(world, self._trip)
        self._limit_v = p.rated_voltage_v * (1 + p.setting_margin_pct / 100)
        self._limit_a = p.rated_current_a * (1 + p.setting_margin_pct / 100)
        self._state.current_limit_a = self._limit_a
        self._state.current_limit_neg_a = -self._limit_a
        super().__init__(identity, self._dialect())
        if faults.active("no_watchdog"):
            self.forget("OUTPut:PROTection:WDOG[:STATe]")
            self.forget("OUTPut:PROTection:WDOG:DELay")
        plant.on_step.append(self._protection.look)

    def execute(self, message: bytes) -> bytes | None:
        """Execute one message; any message feeds the watchdog."""
        self._watchdog.fed_us = self._world.t_us
        return super().execute(message)

    def reset(self) -> None:
        """Do what *RST does: output off, watchdog off with 60 s, default settings."""
        self._write_output(("OFF",))
        self._watchdog.set(False, 60)
        self._protection.over_current = False
        self._protection.delay_s = 0.0
        self._protection.over_voltage_v = self._p.over_voltage_max_v
        state = self._state

        def defaults() -> None:
            state.priority = "voltage"
            state.voltage_v = 0.0
            state.current_a = 0.0
            state.voltage_limit_v = 0.0
            state.current_limit_a = self._limit_a
            state.current_limit_neg_a = -self._limit_a

        self._plant.change(defaults)

    # -- dialect -------------------------------------------------------------

    def _dialect(self) -> tuple[Command, ...]:
        limit_v, limit_a = self._limit_v, self._limit_a
        setting = self._setting
        return (
            Command("[SOURce:]FUNCtion", self._write_function, self._query_function),
            setting("[SOURce:]VOLTage" + _LEVEL, "voltage_v", 0.0, limit_v),
            setting("[SOURce:]CURRent" + _LEVEL, "current_a", -limit_a, limit_a),
            setting(
                "[SOURce:]VOLTage:LIMit[:POSitive][:IMMediate][:AMPLitude]",
                "voltage_limit_v",
                0.0,
                limit_v,
            ),
            setting(
                "[SOURce:]CURRent:LIMit[:POSitive][:IMMediate][:AMPLitude]",
                "current_limit_a",
                0.0,
                limit_a,
            ),
            setting(
                "[SOURce:]CURRent:LIMit:NEGative[:IMMediate][:AMPLitude]",
                "current_limit_neg_a",
                -limit_a,
                0.0,
            ),
            Command(
                "[SOURce:]VOLTage:PROTection[:LEVel]",
                self._write_over_voltage,
                lambda _: f"{self._protection.over_voltage_v:.6E}",
            ),
            Command(
                "[SOURce:]CURRent:PROTection:STATe",
                self._write_over_current,
                lambda _: f"{self._protection.over_current:d}",
            ),
            Command(
                "[SOURce:]CURRent:PROTection:DELay[:TIME]",
                self._write_over_current_delay,
                lambda _: f"{self._protection.delay_s:.6E}",
            ),
            Command("OUTPut[:STATe]", self._write_output, self._query_output),
            Command("OUTPut:PROTection:CLEar", self._write_clear_protection),
            Command(
                "OUTPut:PROTection:WDOG[:STATe]",
                self._write_watchdog,
                lambda _: f"{self._watchdog.armed:d}",
            ),
            Command(
                "OUTPut:PROTection:WDOG:DELay",
                self._write_watchdog_delay,
                lambda _: f"{self._watchdog.delay_s:d}",
            ),
            Command("MEASure[:SCALar]:VOLTage[:DC]", query=self._query_voltage),
            Command("MEASure[:SCALar]:CURRent[:DC]", query=self._query_current),
            Command("MEASure[:SCALar]:POWer[:DC]", query=self._query_power),
            Command("STATus:QUEStionable1:CONDition", query=self._query_questionable1),
            Command("STATus:QUEStionable:CONDition", query=self._query_questionable1),
            Command("STATus:QUEStionable2:CONDition", query=lambda _: "0"),
            Command("STATus:OPERation:CONDition", query=self._query_operation),
        )

    def _setting(self, header: str, name: str, low: float, high: float) -> Command:
        def write(params: Params) -> None:
            value = number(params, low, high)
            if getattr(self._state, name) != value:
                self._plant.change(lambda: setattr(self._state, name, value))

        return Command(header, write, lambda _: f"{getattr(self._state, name):.6E}")

    def _write_function(self, params: Params) -> None:
        word = choice(params, ("VOLTage", "CURRent"))
        priority = "voltage" if word == "VOLT" else "current"
        if priority == self._state.priority:
            return
        if self._state.output_on:
            raise ScpiFault(-221, "output is on")
        self._plant.change(lambda: setattr(self._state, "priority", priority))

    def _query_function(self, params: Params) -> str:
        no_parameter(params)
        return "VOLT" if self._state.priority == "voltage" else "CURR"

    def _query_voltage(self, params: Params) -> str:
        return f"{self._voltage.of(self._plant.bench_v):.6E}"

    def _query_current(self, params: Params) -> str:
        return f"{self._current.of(self._state.meas_a):.6E}"

    def _query_power(self, params: Params) -> str:
        state = self._state
        power_w = self._voltage.of(self._plant.bench_v) * self._current.of(state.meas_a)
        return f"{power_w:.6E}"

    def _query_questionable1(self, params: Params) -> str:
        return f"{self._latched:d}"

    def _query_operation(self, params: Params) -> str:
        return _OPERATION.get(self._state.regulation, "0")

    # -- output and protections --------------------------------------------------

    def _write_output(self, params: Params) -> None:
        self._wanted = boolean(params)
        self._apply_output()

    def _query_output(self, params: Params) -> str:
        return "1" if self._wanted and not self._latched else "0"

    def _apply_output(self) -> None:
        """Bring the power stage to what is asked for, after its delay."""
        if not self._wanted and self._faults.active("off_ignored"):
            self._wanted = self._state.output_on
        on = self._wanted and not self._latched
        if on == self._state.output_on:
            return
        delay_ms = self._p.output_on_delay_ms if on else self._p.output_off_delay_ms
        self._switch_in(delay_ms)

    def _switch_in(self, delay_ms: float) -> None:
        due_us = self._world.now_us() + round(delay_ms * 1000)
        self._world.at_us(due_us, PRIORITY_INSTRUMENT, self._switch)

    def _switch(self) -> None:
        on = self._wanted and not self._latched
        if not on and self._faults.active("output_stuck_on"):
            return
        if on != self._state.output_on:
            self._protection.restart()
            self._plant.change(lambda: setattr(self._state, "output_on", on))

    def _write_over_voltage(self, params: Params) -> None:
        self._protection.over_voltage_v = number(
            params, 0.0, self._p.over_voltage_max_v
        )

    def _write_over_current(self, params: Params) -> None:
        self._protection.over_current = boolean(params)

    def _write_over_current_delay(self, params: Params) -> None:
        self._protection.delay_s = number(params, 0.0, 2.5)

    def _write_clear_protection(self, params: Params) -> None:
        """Clear the latches; what the output was asked to be, it becomes again."""
        no_parameter(params)
        self._latched = 0
        self._protection.restart()
        self._watchdog.restart()
        self._apply_output()

    def _trip(self, bit: int) -> None:
        if self._latched & bit or self._faults.active(_DEAD.get(bit, "")):
            return
        self._latched |= bit
        self._switch_in(self._p.trip_delay_ms)

    # -- watchdog ----------------------------------------------------------------

    def _write_watchdog(self, params: Params) -> None:
        self._watchdog.set(boolean(params), self._watchdog.delay_s)

    def _write_watchdog_delay(self, params: Params) -> None:
        delay_s = round(number(params, 1, 3600))
        self._watchdog.set(self._watchdog.armed, delay_s)
