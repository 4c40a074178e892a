"""What is proved of supply and load before either may go on.

Supply and load are never on together, and what an instrument says of itself is not
enough for that: a stuck relay reads off. So current and voltage are looked at as well.
"""

from __future__ import annotations

from instruments.errors import NotProtected, PreconditionNotMet
from instruments.fixture import NO_CURRENT_A, OFF_LOOKS, Fixture

_OVP_MARGIN_V = 0.7
_OVP_CEILING_V = 59.9
_MATCH_V = 0.5
_LOOK_US = 50_000
_LOAD_PARTS_V = 1.5
"""Coarser than any load reads; 2 V lie between its ranges (provisional)."""
_DEAD_V = 1.0
_PROOF_V = 5.0
_PROOF_A = 0.5
_PAST_DEAD_MAN_S = 0.4
_PAST_WATCHDOG_S = 0.5
_PROOF_WATCHDOG_S = 1
LIVE_V = 30.0


class ProvenFixture(Fixture):
    """The fixture, and proofs of the two that stand behind its contactor."""

    _ovp_v = 0.0

    def prove_sources_off(self) -> None:
        """Close the contactor on the live module with both sources off; look; open.

        A source that reads off can be on unnoticed as long as nothing offers it
        voltage, so this is done once more before the end. A dead module proves nothing.

        Raises:
            BenchNotDead: current flows; something on the bench side is not off.
        """
        if self.parts.module_meter.measure_voltage_v() < LIVE_V:
            return
        self._prove_load_off()
        self._prove_supply_off()
        self._close_fixture_contactor()
        self._demand_no_current("with both sources off and the contactor closed")
        self.open_contactor()
        self.note("sources proved off")

    def prove_dead_man(self) -> bool:
        """Stop feeding the dead-man on a dead module; tell whether the contactor opens.

        Raises:
            PreconditionNotMet: the module is live.
            BenchNotDead, NotProtected: a source is not off, or nothing closes.
        """
        module_v = self.parts.module_meter.measure_voltage_v()
        if abs(module_v) >= _DEAD_V:
            raise PreconditionNotMet(
                "module", f"terminals at {module_v:.2f} V", "shut the module down"
            )
        self._prove_load_off()
        self._prove_supply_off()
        box = self.parts.switchbox
        try:
            self._close_fixture_contactor()
            self._wait_s(self.config.switchbox.dead_man_s + _PAST_DEAD_MAN_S)
            inputs = box.read_inputs()
        finally:
            self.open_contactor()
        dropped = not (inputs["contactor_closed"] or inputs["dead_man_alive"])
        self.note(f"dead-man {'drops' if dropped else 'DOES NOT DROP'}")
        return dropped

    def prove_watchdog(self) -> bool:
        """Fall silent with 5 V on the bench side; tell whether the supply goes off.

        The fixture contactor is open, the supply gives 0.5 A at most, and the watchdog
        has its shortest time, so that a supply that obeys nothing is dark in time.

        Raises:
            NotProtected: the fixture contactor is closed.
            BenchNotDead: the load is not off, or the bench side does not follow.
        """
        if self._contactor_is_closed():
            raise NotProtected("fixture contactor", "closed", "disconnect first")
        self._prove_load_off()
        supply = self.parts.supply
        self._protect_supply(_PROOF_V, _PROOF_WATCHDOG_S)
        supply.set_current_priority(_PROOF_A, _PROOF_V)
        try:
            self._check_open_for_business()
            supply.set_output(True)
            self._match(_PROOF_V, connected=False)
            self._wait_s(_PROOF_WATCHDOG_S + _PAST_WATCHDOG_S)
            bench_v = self.parts.scan_meter.measure(("bench_side_v",))["bench_side_v"]
            found = supply.measure()
        finally:
            supply.set_output(False)
        supply.clear_protection()
        supply.disarm_watchdog()
        tripped = "watchdog" in found.tripped and not found.output_on
        tripped = tripped and abs(bench_v) < _PROOF_V - _MATCH_V
        self.note(f"supply watchdog {'trips' if tripped else 'DOES NOT TRIP'}")
        return tripped

    def _wait_s(self, duration_s: float) -> None:
        self.clock.wait_us(round(duration_s * 1e6))

    def _prove_load_off(self, module_v: float | None = None) -> None:
        """See the load's input off and without current before the supply goes on.

        Args:
            module_v: terminal voltage if the fixture contactor is closed [V]; the load
                has to read it too, or its readings stand still.
        """
        load = self.parts.load
        still_on = load.read_input()
        found = load.measure()
        current_a = found.current_a
        if module_v is not None and abs(found.voltage_v - module_v) > _LOAD_PARTS_V:
            raise NotProtected(
                "load",
                f"reads {found.voltage_v:.2f} V at {module_v:.2f} V",
                "its readings prove nothing; look after it",
            )
        if still_on or found.input_on or abs(current_a) >= NO_CURRENT_A:
            raise self._not_dead(
                "load",
                f"draws {current_a:.2f} A where it has to be off",
                "press the emergency stop and look after the load",
            )

    def _prove_supply_off(self) -> None:
        """See the supply's output off and without current before the load goes on.

        An output may take 250 ms to switch off.
        """
        supply = self.parts.supply
        still_on = supply.read_output()
        for _ in range(OFF_LOOKS):
            self.sampler.take()
            found = supply.measure()
            current_a = found.current_a
            if found.tripped:
                raise NotProtected(
                    "supply",
                    f"reads {', '.join(sorted(found.tripped))} where nothing tripped",
                    "its status stands still, or it has to be looked after",
                )
            live = still_on or found.output_on
            if not live and abs(current_a) < NO_CURRENT_A:
                return
            self.clock.wait_us(_LOOK_US)
        raise self._not_dead(
            "supply",
            f"drives {current_a:.2f} A where it has to be off",
            "press the emergency stop and look after the supply",
        )

    def _protect_supply(self, voltage_limit_v: float, watchdog_s: int) -> None:
        """Set OVP, OCP and watchdog and read them back."""
        supply = self.parts.supply
        self._ovp_v = min(voltage_limit_v + _OVP_MARGIN_V, _OVP_CEILING_V)
        supply.set_protection(self._ovp_v, over_current=True)
        supply.arm_watchdog(watchdog_s)
        armed, delay_s = supply.read_watchdog()
        if not armed or delay_s > watchdog_s:
            raise NotProtected(
                "supply", "its watchdog is not armed", "do not use this supply"
            )

    def _match(self, module_v: float, connected: bool) -> None:
        """Wait for the bench side to stand within 0.5 V of the module."""
        for _ in range(20):
            bench_v = self.sampler.match(connected)
            if abs(bench_v - module_v) <= _MATCH_V:
                return
            self.clock.wait_us(_LOOK_US)
        raise self._not_dead(
            "bench side",
            f"at {bench_v:.2f} V with the supply at {module_v:.2f} V",
            "see that the load is off and check the leads of the bench side",
        )
