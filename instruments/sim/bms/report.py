"""What the BMS tells the outside: CAN image, registers, LEDs, chain status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from instruments.sim.bms.assembly import Parts
from instruments.sim.bms.can_node import CanImage
from instruments.sim.bms.chain_message import Status
from instruments.sim.bms.interface import NEVER_US, Leds
from instruments.sim.bms.parameters import US_PER_S, to_us
from instruments.sim.bms.registers import RegisterImage, temperature_register_c

_IMBALANCE = "voltage_imbalance"


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
        self._registers = RegisterImage(parts.table, parts.fixed_registers, self)
        self._full_request_us = to_us(parts.can_parameters.full_request_after_s)
        self._high_soc_us = 0
        self._awake_since_us = 0
        self.dry_in = self.dry_out = (False, False)

    def start(self, now_us: int) -> None:
        """Note when the module woke up."""
        self._awake_since_us = now_us

    def refresh(self) -> None:
        """Bring the CAN image up to this instant."""
        parts, sense, image = self._parts, self._parts.sense, self.image
        now_us = sense.now_us
        image.soc_pct = parts.estimator.soc_pct
        image.pack_v = sense.pack_v
        image.temperature_c = self._temperature_c()
        image.forced = parts.states.state == "forced"
        image.protections = parts.alarms.protections(now_us)
        image.warnings = self._warnings()
        if image.soc_pct >= parts.can_parameters.full_request_soc_pct:
            self._high_soc_us = now_us
        image.full_request = now_us - self._high_soc_us >= self._full_request_us
        self._refresh_cluster(now_us)

    def _refresh_cluster(self, now_us: int) -> None:
        parts, image = self._parts, self.image
        image.modules, image.current_a = 1, parts.sense.current_a
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
            return "green", NEVER_US
        if states.state in ("starting", "forced"):
            return self._parts.led_bar.blink(states.since_us, now_us)
        return "off", NEVER_US

    def status(self) -> Status:
        """Compose this module's answer on the chain."""
        parts, sense = self._parts, self._parts.sense
        return Status(
            parts.parallel.number,
            parts.states.state == "running",
            _IMBALANCE in parts.alarms.since_us,
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
        self.refresh()
        return self._registers.read(start, count)

    def registers(self) -> Mapping[str, float]:
        """Return the live register values by name."""
        return {
            **self._measured(),
            **self._states_and_counts(),
            **self._system(),
        }

    def _measured(self) -> dict[str, float]:
        sense, service = self._parts.sense, self._parts.service_parameters
        signed_a = -service.current_sign * sense.current_a
        values = {
            "pack_voltage_v": sense.pack_v,
            "pack_current_a": signed_a,
            "temperature_max_c": temperature_register_c(sense.temperature_max_c),
            "temperature_min_c": temperature_register_c(sense.temperature_min_c),
            "cell_max_v": sense.cell_max_v,
            "cell_min_v": sense.cell_min_v,
            "soc_pct": self._parts.estimator.soc_pct,
            "measured_pack_voltage": round(sense.pack_v * service.pack_words_per_v),
            "hall_current": round(-signed_a * service.words_per_a),
        }
        for k, voltage_v in enumerate(sense.cell_v, 1):
            values[f"cell_{k:02d}_v"] = voltage_v
        return values

    def _states_and_counts(self) -> dict[str, float]:
        parts, sense = self._parts, self._parts.sense
        closed = sense.contactor_closed
        service = parts.service_parameters
        awake_s = (sense.now_us - self._awake_since_us) // US_PER_S
        bits = parts.table.from_bits(
            "io_bits",
            di1=self.dry_in[0],
            di2=self.dry_in[1],
            do1=self.dry_out[0],
            do2=self.dry_out[1],
            charge_contactor=closed,
            charge_ready=parts.derating.charge_a > 0.0,
            discharge_contactor=closed,
            magnetic_latch_discharge=closed,
            magnetic_latch_charge=closed,
        )
        return {
            "run_time_word_1": awake_s >> 16 & 0xFFFF,
            "run_time_word_2": awake_s & 0xFFFF,
            "io_bits": bits,
            "forced_charge_state": parts.forced.state,
            "charge_over_current_count": parts.over_current.charge_count,
            "discharge_over_current_count": parts.over_current.discharge_count,
            "discharge_limit_current": round(
                parts.derating.discharge_a * service.words_per_a
            ),
            "slaves_online": self._slave_bits(),
        }

    def _slave_bits(self) -> int:
        parts = self._parts
        value = 0
        imbalance = _IMBALANCE in parts.alarms.since_us
        for status in parts.parallel.online(parts.sense.now_us):
            value |= 1 << (status.number - 1)
            imbalance = imbalance or status.imbalance
        return value | (1 << 15 if imbalance else 0)

    def _system(self) -> dict[str, float]:
        parts, image = self._parts, self.image
        sign = -parts.service_parameters.current_sign
        return {
            "system_charge_current_limit_a": image.charge_current_a,
            "system_discharge_current_limit_a": image.discharge_current_a,
            "system_current_a": sign * image.current_a,
            "system_soc_pct": parts.estimator.soc_pct,
            "forced_state": parts.forced.state,
            "forced_time_s": parts.forced.elapsed_s(parts.sense.now_us),
        }
