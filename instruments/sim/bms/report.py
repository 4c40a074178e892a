"""What the BMS tells the outside: CAN image, registers, LEDs, chain status."""

from __future__ import annotations

from collections.abc import Sequence

from instruments.sim.bms.assembly import Parts
from instruments.sim.bms.can_node import CanImage
from instruments.sim.bms.chain_message import Status
from instruments.sim.bms.interface import NEVER_US, Leds
from instruments.sim.bms.parameters import to_us
from instruments.sim.bms.register_values import IMBALANCE, RegisterValues
from instruments.sim.bms.registers import RegisterImage


class Report:
    """Compose statements from the parts; it decides nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        derating = parts.derating.parameters
        self.image = CanImage(
            charge_voltage_v=derating.charge_voltage_v,
            discharge_voltage_v=derating.discharge_voltage_v,
            soh_pct=parts.estimator.soh_pct,
        )
        self.values = RegisterValues(parts, self.refresh)
        self._registers = RegisterImage(
            parts.table, parts.fixed_registers, self.values.by_name()
        )
        self._full_request_us = to_us(parts.can_parameters.full_request_after_s)
        self._high_soc_us = 0

    def start(self, now_us: int) -> None:
        """Note when the module woke up."""
        self.values.awake_since_us = now_us

    def refresh(self) -> CanImage:
        """Bring the CAN image up to this instant and return it."""
        parts, sense, image = self._parts, self._parts.sense, self.image
        now_us = sense.now_us
        image.soc_pct = parts.estimator.soc_pct
        image.pack_v = sense.pack_v
        image.temperature_c = self._temperature_c()
        image.forced = parts.states.state == "forced" and parts.forced.says(
            "can", now_us
        )
        image.protections = parts.alarms.protections(now_us)
        image.warnings = self._warnings()
        if image.soc_pct >= parts.can_parameters.full_request_soc_pct:
            self._high_soc_us = now_us
        image.full_request = now_us - self._high_soc_us >= self._full_request_us
        self._refresh_cluster(now_us)
        return image

    def _refresh_cluster(self, now_us: int) -> None:
        parts, image = self._parts, self.image
        image.modules = parts.parallel.own_count(now_us)
        image.current_a = parts.sense.current_a
        if parts.parallel.role == "master":
            for status in parts.parallel.online(now_us):
                if status.running:
                    image.modules += 1
                    image.current_a += status.current_a
        ceiling_a = parts.derating.parameters.cluster_ceiling_a
        image.charge_current_a = min(image.modules * parts.derating.charge_a, ceiling_a)
        image.discharge_current_a = min(
            image.modules * parts.derating.discharge_a, ceiling_a
        )

    def _temperature_c(self) -> float:
        sense = self._parts.sense
        source = self._parts.can_parameters.temperature_source
        if source == "max":
            return sense.temperature_max_c
        return sense.temperature_min_c if source == "min" else sense.temperature_mean_c

    def _warnings(self) -> frozenset[str]:
        parts = self._parts
        found: list[str] = []
        for rule in parts.protections:
            found.extend(rule.warnings(parts.sense))
        if parts.cell_spread.active:
            found.append("cell_spread")
        if parts.relay_monitor.damaged:
            found.append("relay")
        if not found:
            return frozenset()
        flags = parts.warning_flags
        return frozenset(flags[name] for name in found if flags[name])

    def bar(self, now_us: int) -> tuple[Leds, int]:
        """Return the LED bar now and when it changes by itself [µs]."""
        parts = self._parts
        states = parts.states
        until_us = states.start_shown_until_us
        if states.state == "starting" and now_us < until_us:
            return parts.led_bar.start_page(now_us), until_us
        return parts.led_bar.render(
            parts.estimator.soc_pct, parts.alarms.since_us, now_us
        )

    def button(self, now_us: int) -> tuple[str, int]:
        """Return the button LED now and when it changes by itself [µs]."""
        states = self._parts.states
        if states.state == "running":
            dark = self._parts.parallel.run_goes_dark(self._parts.sense.now_us)
            return "off" if dark else "green", NEVER_US
        if states.state in ("starting", "forced"):
            return self._parts.led_bar.blink(states.since_us, now_us)
        return "off", NEVER_US

    def status(self) -> Status:
        """Compose this module's answer on the chain."""
        parts, sense = self._parts, self._parts.sense
        return Status(
            parts.parallel.number,
            parts.states.state == "running",
            IMBALANCE in parts.alarms.since_us,
            sense.pack_v,
            sense.current_a,
            sense.temperature_max_c,
            sense.temperature_min_c,
            sense.cell_max_v,
            sense.cell_min_v,
            parts.estimator.soc_pct,
            parts.factory_capacity_ah,
        )

    def read_words(self, start: int, count: int) -> Sequence[int]:
        """Read the register image."""
        return self._registers.read(start, count)
