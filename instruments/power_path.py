"""What may put energy on the terminals, and how: connect, change, disconnect.

Everything goes through here. Protections, watchdog and dead-man are set and read back
before any output goes on, and nothing can be switched on after `make_safe` began.
"""

from __future__ import annotations

from instruments.errors import NotProtected, PreconditionNotMet
from instruments.fixture import NO_CURRENT_A
from instruments.proofs import LIVE_V, ProvenFixture
from instruments.sampler import Energy

_ABOVE_V = 0.3
_FLOWS_US = 1_000_000
_FLOW_LOOK_US = 40_000
RESERVE = 0.9
"""Share of a rating that may be used (test-plan.md: ratings less 10 %)."""


class PowerPath(ProvenFixture):
    """Supply and load behind the fixture contactor of one module."""

    _load_mode = ""
    _charge_a = 0.0

    def charge(self, current_a: float, voltage_limit_v: float) -> tuple[int, int]:
        """Charge with a current [A] up to a terminal voltage [V].

        Returns the change's bracket [µs].

        Connects in current priority, pre-matched, when the module is live and the
        contactor still open; otherwise changes the setpoints.

        Raises:
            NotProtected, PreconditionNotMet, CeilingExceeded, InstrumentError.
        """
        before_us = self.clock.now_us()
        if self.sampler.energy is Energy.DISCHARGE:
            self._load_off()
        if self.sampler.energy is not Energy.CHARGE:
            self._connect_supply(current_a, voltage_limit_v)
            return before_us, self.clock.now_us()
        self._check_supply(current_a, voltage_limit_v)
        self._set_voltage_limit(voltage_limit_v)
        self._set_charge(current_a)
        self.note(f"charge current_a={current_a:g} voltage_limit_v={voltage_limit_v:g}")
        return before_us, self.clock.now_us()

    def set_charge_voltage_v(self, voltage_limit_v: float) -> tuple[int, int]:
        """Change VOLT:LIM [V] while charging; return the change's bracket [µs].

        Raises:
            NotProtected: the over-voltage protection does not stand above it.
        """
        self._check_supply(self._charge_a, voltage_limit_v)
        self.sampler.look_if_old()
        before_us = self.clock.now_us()
        self._set_voltage_limit(voltage_limit_v)
        self.note(f"charge voltage_limit_v={voltage_limit_v:g}")
        return before_us, self.clock.now_us()

    def trim_charge_current_a(self, current_a: float) -> None:
        """Let the charging current [A] fall within a step; this is no edge."""
        self._check_current(self.parts.supply.ratings.current_a, current_a, "supply")
        self._set_charge(current_a)
        self.note(f"trim current_a={current_a:.3f}")

    def trim_discharge_current_a(self, current_a: float) -> None:
        """Let the load's current [A, magnitude] fall within a step; this is no edge."""
        self._check_current(self.parts.load.ratings.current_a, current_a, "load")
        self.parts.load.set_current_a(current_a)
        self.note(f"trim current_a={current_a:.3f}")

    def set_charge_current_a(self, current_a: float) -> tuple[int, int]:
        """Change the charging current [A]; return the change's bracket [µs]."""
        self._check_current(self.parts.supply.ratings.current_a, current_a, "supply")
        self.sampler.look_if_old()
        before_us = self.clock.now_us()
        self._set_charge(current_a)
        self.note(f"charge current_a={current_a:g}")
        return before_us, self.clock.now_us()

    def discharge(self, current_a: float) -> tuple[int, int]:
        """Discharge with a constant current [A, magnitude]."""
        self._check_current(self.parts.load.ratings.current_a, current_a, "load")
        before_us = self._ready_load("current")
        self.parts.load.set_current_a(current_a)
        self.note(f"discharge current_a={current_a:g}")
        self._load_on()
        return before_us, self.clock.now_us()

    def discharge_to_v(
        self, voltage_v: float, current_limit_a: float
    ) -> tuple[int, int]:
        """Discharge at a constant voltage [V] with at most a current [A]."""
        ratings = self.parts.load.ratings
        self._check_current(ratings.current_a, current_limit_a, "load")
        before_us = self._ready_load("voltage")
        self.parts.load.set_voltage_v(voltage_v, current_limit_a)
        self.note(
            f"discharge voltage_v={voltage_v:g} current_limit_a={current_limit_a:g}"
        )
        self._load_on()
        return before_us, self.clock.now_us()

    def disconnect(self) -> None:
        """End all energy: sources off, peers parted, current gone, contactor open.

        The source that was on has to read no current then: readings that stand still
        are found at this edge.

        Raises:
            BenchNotDead: current, contactor or the source's readings did not follow.
        """
        if self.sampler.energy is Energy.NONE and not self.sampler.joined:
            return
        was = self.sampler.energy
        self.parts.supply.set_output(False)
        self.parts.load.set_input(False)
        self.note("sources off")
        self.sampler.energy = Energy.NONE
        if self.sampler.joined:
            self.part_peers()
        self._demand_no_current("with the sources off")
        self.open_contactor()
        if was is Energy.CHARGE:
            self._prove_supply_off()
            self.parts.supply.disarm_watchdog()
        elif was is Energy.DISCHARGE:
            self._prove_load_off()

    def _connect_supply(self, current_a: float, voltage_limit_v: float) -> None:
        self._check_open_for_business()
        self._check_supply(current_a, voltage_limit_v)
        module_v = self.parts.module_meter.measure_voltage_v()
        contactor_closed = self._contactor_is_closed()
        if module_v < LIVE_V:
            raise PreconditionNotMet(
                "module", f"terminals at {module_v:.2f} V", "start the module first"
            )
        self._prove_load_off(module_v if contactor_closed else None)
        if contactor_closed:
            self._demand_no_current("with both sources off and the contactor closed")
        self._protect_supply(voltage_limit_v, self.config.supply.watchdog_s)
        # A module that was just discharged still rises: VOLT:LIM stays above it.
        self.parts.supply.set_current_priority(0.5, module_v + _ABOVE_V)
        if contactor_closed:
            self.sampler.hold_dead_man()
        self._check_open_for_business()
        self.sampler.energy = Energy.CHARGE
        self.parts.supply.set_output(True)
        self.note(f"supply on voltage_limit_v={module_v + _ABOVE_V:.3f}")
        self.sampler.cross_check.begin_source()
        self._match(module_v, contactor_closed)
        if not contactor_closed:
            self.close_contactor()
            self.sampler.hear_module()
        self._set_voltage_limit(voltage_limit_v)
        self._set_charge(current_a)
        self.note(f"charge current_a={current_a:g} voltage_limit_v={voltage_limit_v:g}")
        self._await_current()

    def _await_current(self) -> None:
        """Look until the source that was switched on carries current, for 1 s at most.

        A slow source is not taken for a module that opened. Where none comes the phase
        finds out: a module may refuse and fall silent, and a voltage setpoint may ask
        for none.
        """
        sampler = self.sampler
        end_us = self.clock.now_us() + _FLOWS_US
        watched, sampler.watch_links = sampler.watch_links, False
        try:
            while abs(sampler.take().current_a) < NO_CURRENT_A:
                if self.clock.now_us() >= end_us:
                    return
                self.clock.wait_us(_FLOW_LOOK_US)
        finally:
            sampler.watch_links = watched

    def _set_voltage_limit(self, voltage_limit_v: float) -> None:
        """Change VOLT:LIM below the OVP; a setting feeds the watchdog: look first."""
        self._check_protected(voltage_limit_v)
        self.sampler.look_if_old()
        self.parts.supply.set_voltage_limit_v(voltage_limit_v)

    def _set_charge(self, current_a: float) -> None:
        self.sampler.look_if_old()
        self.parts.supply.set_current_a(current_a)
        self._charge_a = current_a

    def _ready_load(self, mode: str) -> int:
        """Bring the bench to where the load's setpoint may change.

        A load changes its mode with the input off only.
        """
        if self.sampler.energy is Energy.DISCHARGE and mode != self._load_mode:
            self._load_off()
        self._load_mode = mode
        if self.sampler.energy is Energy.CHARGE:
            self.sampler.cross_check.end_source()
            self.parts.supply.set_output(False)
            self.note("supply off")
            self.sampler.energy = Energy.STANDBY
            self.parts.supply.disarm_watchdog()
        if self.sampler.energy is not Energy.DISCHARGE:
            self._check_open_for_business()
            if not self.config.load.dead_man:
                raise NotProtected(
                    "load",
                    "no watchdog and no dead-man declared in the bench file",
                    "put the load behind the dead-man relay",
                )
            self._prove_supply_off()
            if self._contactor_is_closed():
                self._demand_no_current("with both sources off")
            else:
                self.close_contactor()
                self.sampler.hear_module()
        return self.clock.now_us()

    def _load_on(self) -> None:
        if self.sampler.energy is not Energy.DISCHARGE:
            self.sampler.hold_dead_man()
            self._check_open_for_business()
            self.sampler.energy = Energy.DISCHARGE
            self.parts.load.set_input(True)
            self.sampler.cross_check.begin_source()
            self.note("load on")
            self._await_current()

    def _load_off(self) -> None:
        self.sampler.cross_check.end_source()
        self.parts.load.set_input(False)
        self.note("load off")
        self.sampler.energy = Energy.STANDBY

    def _check_supply(self, current_a: float, voltage_limit_v: float) -> None:
        """Check current and power against the supply's ratings."""
        ratings = self.parts.supply.ratings
        self._check_current(ratings.current_a, current_a, "supply")
        if current_a * voltage_limit_v > ratings.power_w * RESERVE:
            raise NotProtected(
                "supply",
                "the plan needs more power than its rating less 10 %",
                "use a larger supply",
            )

    def _check_protected(self, voltage_limit_v: float) -> None:
        """Check a new VOLT:LIM against the OVP, which is set with the output off."""
        if voltage_limit_v >= self._ovp_v:
            raise NotProtected(
                "supply",
                f"{voltage_limit_v:.3f} V is not below its over-voltage protection"
                f" of {self._ovp_v:.3f} V, set when it was connected",
                "disconnect before charging to a higher voltage",
            )

    def _check_current(self, rated_a: float, current_a: float, who: str) -> None:
        """Check that a current may flow, by what was measured and by the rating."""
        self._check_allowed(who)
        if current_a > rated_a * RESERVE:
            raise NotProtected(
                who,
                f"{current_a:g} A is above its rating less 10 %",
                "use a larger instrument",
            )
