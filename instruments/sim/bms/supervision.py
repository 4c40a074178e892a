"""What the BMS watches: protections, the cluster, and the slow things once a second."""

from __future__ import annotations

from instruments.sim.bms.assembly import Parts
from instruments.sim.bms.parameters import US_PER_S, to_period_us


class Supervision:
    """Let the rules act on the sense, the states and the alarms of one BMS."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sense = parts.sense
        self._states = parts.states
        self._sample_us = to_period_us(parts.sensing.sample_s, "bms.sensing.sample_s")
        self.due_us = 0

    def start(self, now_us: int) -> None:
        """Begin the seconds at this instant."""
        self.due_us = now_us

    def protect(self) -> None:
        """Let the protections act while the contactor is told to be closed."""
        states = self._states
        if not states.closed:
            return
        for rule in self._parts.protections:
            if states.state == "forced" and rule is self._parts.under_voltage:
                continue
            cause = rule.update(self._sense)
            if cause is not None:
                states.trip(cause, self._sense)
                for other in self._parts.protections:
                    other.reset()
                return

    def watch_cluster(self, now_us: int) -> None:
        """Follow the chain: lost master, slave shutdown, cable on port A."""
        parallel, alarms = self._parts.parallel, self._parts.alarms
        if parallel.role == "stand_alone":
            return
        if parallel.shall_turn_off(now_us):
            self._states.turn_off(now_us)
            return
        alarms.set("master_lost", parallel.master_lost(now_us), now_us)
        alarms.set("port_a", parallel.port_a_fault(now_us), now_us)

    def second(self, now_us: int) -> None:
        """Do once a second what needs no more."""
        parts, sense, states = self._parts, self._sense, self._states
        self.due_us += US_PER_S
        if self.due_us <= now_us:
            self.due_us = now_us + US_PER_S
        alarms = parts.alarms
        ntc_bad = parts.ntc_fault.elapsed(sense.ntc_bad, now_us)
        alarms.set("bms_fault", ntc_bad, now_us)
        alarms.set("cell_spread", parts.cell_spread.update(sense), now_us)
        alarms.set("relay", parts.relay_monitor.update(sense, states.closed), now_us)
        if states.state == "running":
            parts.balancing.update(sense)
        else:
            parts.balancing.stop()
        parts.derating.update(sense, parts.estimator.soc_pct)
        if ntc_bad or not states.closed:
            parts.derating.block()
        elif states.state == "forced" or parts.under_voltage.below_release(sense):
            parts.derating.discharge_a = 0.0

    def near(self) -> bool:
        """Tell whether a protection of the closed contactor is near its threshold."""
        return self._states.closed and any(
            rule.near(self._sense) for rule in self._parts.protections
        )

    def calm_until_us(self) -> int:
        """Return until when a module with nothing near stays calm [µs]; 0 = it is not.

        Calm: running alone, without alarm, button untouched.
        """
        parts = self._parts
        calm = (
            self._states.state == "running"
            and not parts.alarms.since_us
            and not parts.button.pressed
            and parts.parallel.role == "stand_alone"
        )
        return min(self.due_us, parts.can.due_us) if calm else 0

    def wake_us(self, now_us: int, near: bool) -> int:
        """Compute the next wake [µs] of a module that is not calm from its timers."""
        parts = self._parts
        wake_us = min(
            self.due_us,
            parts.can.due_us,
            parts.button.due_us(),
            self._states.due_us(now_us),
            parts.parallel.due_us(now_us),
        )
        if not near:
            return wake_us
        pending_us = min(rule.due_us() for rule in parts.protections)
        wake_us = min(wake_us, now_us + self._sample_us)
        return min(wake_us, pending_us) if pending_us > now_us else wake_us
