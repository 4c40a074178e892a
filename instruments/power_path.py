"""What may put energy on the terminals, and how: connect, change, disconnect.

Everything goes through here. Protections, watchdog and dead-man are set and read back
before any output goes on, and nothing can be switched on after `make_safe` began.
"""

from __future__ import annotations

from instruments.errors import BenchNotDead, NotProtected, PreconditionNotMet
from instruments.fixture import Fixture
from instruments.sampler import Energy

_OVP_MARGIN_V = 0.7
_OVP_CEILING_V = 59.9
_MATCH_V = 0.5
_ABOVE_V = 0.3
_RESERVE = 0.9
_NO_CURRENT_A = 0.5
_OFF_LOOKS = 8
LIVE_V = 30.0


class PowerPath(Fixture):
    """Supply and load behind the fixture contactor of one module."""

    _load_mode = ""

    def charge(self, current_a: float, voltage_limit_v: float) -> None:
        """Charge with a current [A] up to a terminal voltage [V].

        Connects in current priority, pre-matched, when the module is live and the
        contactor still open; otherwise changes the setpoints.

        Raises:
            NotProtected, PreconditionNotMet, CeilingExceeded, InstrumentError.
        """
        if self.sampler.energy is Energy.DISCHARGE:
            self._load_off()
        if self.sampler.energy is not Energy.CHARGE:
            self._connect_supply(current_a, voltage_limit_v)
            return
        supply = self.parts.supply
        supply.set_voltage_limit_v(voltage_limit_v)
        supply.set_current_a(current_a)
        self.note(f"charge current_a={current_a:g} voltage_limit_v={voltage_limit_v:g}")

    def set_charge_voltage_v(self, voltage_limit_v: float) -> tuple[int, int]:
        """Change VOLT:LIM [V] while charging; return the change's bracket [µs]."""
        before_us = self.clock.now_us()
        self.parts.supply.set_voltage_limit_v(voltage_limit_v)
        self.note(f"charge voltage_limit_v={voltage_limit_v:g}")
        return before_us, self.clock.now_us()

    def trim_charge_voltage_v(self, voltage_limit_v: float) -> None:
        """Give VOLT:LIM [V] way a little within a step; this is no edge."""
        self.parts.supply.set_voltage_limit_v(voltage_limit_v)
        self.note(f"trim voltage_limit_v={voltage_limit_v:.4f}")

    def trim_discharge_voltage_v(
        self, voltage_v: float, current_limit_a: float
    ) -> None:
        """Give the load's voltage [V] way a little within a step; this is no edge."""
        self.parts.load.set_voltage_v(voltage_v, current_limit_a)
        self.note(f"trim voltage_v={voltage_v:.4f}")

    def set_charge_current_a(self, current_a: float) -> tuple[int, int]:
        """Change the charging current [A]; return the change's bracket [µs]."""
        self._check_power(self.parts.supply.ratings.current_a, current_a, "supply")
        before_us = self.clock.now_us()
        self.parts.supply.set_current_a(current_a)
        self.note(f"charge current_a={current_a:g}")
        return before_us, self.clock.now_us()

    def discharge(self, current_a: float) -> tuple[int, int]:
        """Discharge with a constant current [A, magnitude]."""
        self._check_power(self.parts.load.ratings.current_a, current_a, "load")
        before_us = self._ready_load("current")
        self.parts.load.set_current_a(current_a)
        self.note(f"discharge current_a={current_a:g}")
        self._load_on()
        return before_us, self.clock.now_us()

    def discharge_to_v(
        self, voltage_v: float, current_limit_a: float
    ) -> tuple[int, int]:
        """Discharge at a constant voltage [V] with at most a current [A]."""
        before_us = self._ready_load("voltage")
        self.parts.load.set_voltage_v(voltage_v, current_limit_a)
        self.note(
            f"discharge voltage_v={voltage_v:g} current_limit_a={current_limit_a:g}"
        )
        self._load_on()
        return before_us, self.clock.now_us()

    def disconnect(self) -> None:
        """End all energy: sources off, current gone, fixture contactor open.

        Raises:
            BenchNotDead: current or contactor did not follow.
        """
        if self.sampler.energy is Energy.NONE:
            return
        was = self.sampler.energy
        self.parts.supply.set_output(False)
        self.parts.load.set_input(False)
        self.note("sources off")
        self.sampler.energy = Energy.NONE
        self._wait_for_no_current()
        self.open_contactor()
        if was is Energy.CHARGE:
            self.parts.supply.disarm_watchdog()

    def _wait_for_no_current(self) -> None:
        """Wait for the current to end; an output may take 250 ms to switch off."""
        for _ in range(_OFF_LOOKS):
            current_a = self.sampler.take().current_a
            if abs(current_a) < _NO_CURRENT_A:
                return
            self.clock.wait_us(50_000)
        raise BenchNotDead(
            "bench", f"{current_a:.2f} A with the sources off", "do not touch"
        )

    def _connect_supply(self, current_a: float, voltage_limit_v: float) -> None:
        self._check_open_for_business()
        ratings = self.parts.supply.ratings
        self._check_power(ratings.current_a, current_a, "supply")
        if current_a * voltage_limit_v > ratings.power_w * _RESERVE:
            raise NotProtected(
                "supply",
                "the plan needs more power than its rating less 10 %",
                "use a larger supply",
            )
        module_v = self.parts.module_meter.measure_voltage_v()
        contactor_closed = self._contactor_is_closed()
        if module_v < LIVE_V:
            raise PreconditionNotMet(
                "module", f"terminals at {module_v:.2f} V", "start the module first"
            )
        self._protect_supply(voltage_limit_v)
        # A module that was just discharged still rises: VOLT:LIM stays above it.
        self.parts.supply.set_current_priority(0.5, module_v + _ABOVE_V)
        self.parts.supply.set_output(True)
        self.note(f"supply on voltage_limit_v={module_v + _ABOVE_V:.3f}")
        self.sampler.energy = Energy.CHARGE
        self._match(module_v)
        if not contactor_closed:
            self.close_contactor()
        self.parts.supply.set_voltage_limit_v(voltage_limit_v)
        self.parts.supply.set_current_a(current_a)
        self.note(f"charge current_a={current_a:g} voltage_limit_v={voltage_limit_v:g}")

    def _protect_supply(self, voltage_limit_v: float) -> None:
        """Set OVP, OCP and watchdog and read them back."""
        supply = self.parts.supply
        table = self.config.supply
        supply.set_protection(
            min(voltage_limit_v + _OVP_MARGIN_V, _OVP_CEILING_V), over_current=True
        )
        supply.arm_watchdog(table.watchdog_s)
        armed, delay_s = supply.read_watchdog()
        if not armed or delay_s > table.watchdog_s:
            raise NotProtected(
                "supply", "its watchdog is not armed", "do not use this supply"
            )

    def _match(self, module_v: float) -> None:
        """Wait for the bench side to stand within 0.5 V of the module."""
        for _ in range(20):
            self.parts.supply.measure()
            bench_v = self.parts.scan_meter.measure(("bench_side_v",))["bench_side_v"]
            if abs(bench_v - module_v) <= _MATCH_V:
                return
            self.clock.wait_us(50_000)
        raise PreconditionNotMet(
            "supply",
            f"bench side at {bench_v:.2f} V, module at {module_v:.2f} V",
            "check the sense leads of the bench side",
        )

    def _ready_load(self, mode: str) -> int:
        """Bring the bench to where the load's setpoint may change.

        A load changes its mode with the input off only.
        """
        if self.sampler.energy is Energy.DISCHARGE and mode != self._load_mode:
            self._load_off()
        self._load_mode = mode
        if self.sampler.energy is Energy.CHARGE:
            self.parts.supply.set_output(False)
            self.parts.supply.disarm_watchdog()
            self.note("supply off")
            self.sampler.energy = Energy.STANDBY
        if self.sampler.energy is not Energy.DISCHARGE:
            self._check_open_for_business()
            if not self.config.load.dead_man:
                raise NotProtected(
                    "load",
                    "no watchdog and no dead-man declared in the bench file",
                    "put the load behind the dead-man relay",
                )
            if not self._contactor_is_closed():
                self.close_contactor()
        return self.clock.now_us()

    def _load_on(self) -> None:
        if self.sampler.energy is not Energy.DISCHARGE:
            self.parts.load.set_input(True)
            self.note("load on")
            self.sampler.energy = Energy.DISCHARGE

    def _load_off(self) -> None:
        self.parts.load.set_input(False)
        self.note("load off")
        self.sampler.energy = Energy.STANDBY

    def _check_power(self, rated_a: float, current_a: float, who: str) -> None:
        if current_a > rated_a * _RESERVE:
            raise NotProtected(
                who,
                f"{current_a:g} A is above its rating less 10 %",
                "use a larger instrument",
            )
