"""What the registers of the service port say, each found when it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from instruments.sim.bms.assembly import Parts
from instruments.sim.bms.can_node import CanImage
from instruments.sim.bms.parameters import US_PER_S

IMBALANCE = "voltage_imbalance"
_COLDEST_C, _HOTTEST_C = -40.0, 215.0
Find = Callable[[], float]


class RegisterValues:
    """Find register values in their units; the raw ones as they go out.

    Args:
        parts: the BMS.
        image: brings the CAN image up to this instant and returns it.
    """

    def __init__(self, parts: Parts, image: Callable[[], CanImage]) -> None:
        self._parts = parts
        self._sense = parts.sense
        self._image = image
        self.awake_since_us = 0
        self.dry_in = self.dry_out = (False, False)

    def by_name(self) -> Mapping[str, Find]:
        """List how to find each value, by register name."""
        return self._parts.service_falsify.values(
            {**self._measured(), **self._states_and_counts(), **self._system()}
        )

    def _measured(self) -> dict[str, Find]:
        sense, service = self._sense, self._parts.service_parameters
        estimator = self._parts.estimator
        pack_words, words_per_a = service.pack_words_per_v, service.words_per_a
        found: dict[str, Find] = {
            "pack_voltage_v": lambda: sense.pack_v,
            "pack_current_a": self._signed_a,
            "temperature_max_c": lambda: _storable_c(sense.temperature_max_c),
            "temperature_min_c": lambda: _storable_c(sense.temperature_min_c),
            "cell_max_v": lambda: sense.cell_max_v,
            "cell_min_v": lambda: sense.cell_min_v,
            "soc_pct": lambda: estimator.soc_pct,
            "measured_pack_voltage": lambda: round(sense.pack_v * pack_words),
            "hall_current": lambda: round(-self._signed_a() * words_per_a),
        }
        for k in range(int(self._parts.fixed_registers["cell_count"])):
            found[f"cell_{k + 1:02d}_v"] = partial(self._cell_v, k)
        return found

    def _states_and_counts(self) -> dict[str, Find]:
        parts = self._parts
        words_per_a = parts.service_parameters.words_per_a
        return {
            "run_time_word_1": lambda: self._awake_s() >> 16 & 0xFFFF,
            "run_time_word_2": lambda: self._awake_s() & 0xFFFF,
            "io_bits": self._io_bits,
            "forced_charge_state": lambda: (
                parts.forced.state
                if parts.forced.says("service", parts.sense.now_us)
                else 0
            ),
            "charge_over_current_count": lambda: parts.over_current.charge_count,
            "discharge_over_current_count": lambda: parts.over_current.discharge_count,
            "discharge_limit_current": lambda: round(
                parts.derating.discharge_a * words_per_a
            ),
            "slaves_online": self._slave_bits,
        }

    def _system(self) -> dict[str, Find]:
        parts, image = self._parts, self._image
        sign = -parts.service_parameters.current_sign
        return {
            "system_charge_current_limit_a": lambda: image().charge_current_a,
            "system_discharge_current_limit_a": lambda: image().discharge_current_a,
            "system_current_a": lambda: sign * image().current_a,
            "system_soc_pct": lambda: parts.estimator.soc_pct,
            "forced_state": lambda: parts.forced.state,
            "forced_time_s": lambda: parts.forced.elapsed_s(parts.sense.now_us),
        }

    def _signed_a(self) -> float:
        return -self._parts.service_parameters.current_sign * self._sense.current_a

    def _cell_v(self, k: int) -> float:
        return self._sense.cell_v[k]

    def _awake_s(self) -> int:
        now_us = self._sense.now_us
        if self._parts.service.has("run_time_stuck", now_us):
            return 0
        return (now_us - self.awake_since_us) // US_PER_S

    def _io_bits(self) -> float:
        parts, closed = self._parts, self._sense.contactor_closed
        closed = closed and not parts.service.has("relay_bits_dead", self._sense.now_us)
        return parts.table.from_bits(
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

    def _slave_bits(self) -> int:
        parts = self._parts
        value = 0
        imbalance = IMBALANCE in parts.alarms.since_us
        for status in parts.parallel.online(parts.sense.now_us):
            value |= 1 << (status.number - 1)
            imbalance = imbalance or status.imbalance
        return value | (1 << 15 if imbalance else 0)


def _storable_c(temperature_c: float) -> float:
    """Limit a temperature [°C] to what its unsigned register can hold."""
    return min(max(temperature_c, _COLDEST_C), _HOTTEST_C)
