"""Open the contactor at the four temperature cut-offs, and watch the thermistors.

Charge limits act while current flows in, discharge limits while it flows out; at rest
nothing opens (C29; TC-10, TC-11). An open or shorted thermistor is a BMS fault.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.sim.bms.parameters import Faults
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import Sense

_NEAR_K = 1.0


@dataclass(frozen=True, slots=True)
class TemperatureParameters:
    """Cut-offs, hysteresis and delays: [module.bms.temperature]."""

    charge_hot_trip_c: float
    charge_hot_release_c: float
    charge_hot_delay_s: float
    charge_cold_trip_c: float
    charge_cold_release_c: float
    charge_cold_delay_s: float
    discharge_hot_trip_c: float
    discharge_hot_release_c: float
    discharge_hot_delay_s: float
    discharge_cold_trip_c: float
    discharge_cold_release_c: float
    discharge_cold_delay_s: float
    warn_margin_c: float


class Temperature:
    """Watch hottest and coldest sensor against the cut-offs of the direction."""

    causes: tuple[str, ...] = (
        "charge_hot",
        "charge_cold",
        "discharge_hot",
        "discharge_cold",
    )

    def __init__(self, parameters: TemperatureParameters, faults: Faults) -> None:
        p = self.parameters = parameters
        self._faults = faults
        self._delays = {
            "charge_hot": Delay(p.charge_hot_delay_s),
            "charge_cold": Delay(p.charge_cold_delay_s),
            "discharge_hot": Delay(p.discharge_hot_delay_s),
            "discharge_cold": Delay(p.discharge_cold_delay_s),
        }
        self._benign_hot_c = min(p.charge_hot_trip_c, p.discharge_hot_trip_c) - _NEAR_K
        self._benign_cold_c = (
            max(p.charge_cold_trip_c, p.discharge_cold_trip_c) + _NEAR_K
        )
        self._pending = False

    def update(self, sense: Sense) -> str | None:
        """Return the cause when a cut-off was passed for its delay."""
        if not self.near(sense):
            if self._pending:
                self.reset()
            return None
        self._pending = True
        p = self.parameters
        hot, cold = sense.temperature_max_c, sense.temperature_min_c
        passed = (
            ("charge_hot", sense.charging and hot > p.charge_hot_trip_c),
            ("charge_cold", sense.charging and cold < p.charge_cold_trip_c),
            ("discharge_hot", sense.discharging and hot > p.discharge_hot_trip_c),
            ("discharge_cold", sense.discharging and cold < p.discharge_cold_trip_c),
        )
        tripped = None
        for cause, active in passed:
            held = self._delays[cause].elapsed(active, sense.now_us)
            if held and tripped is None and self._may_act(cause, sense.now_us):
                tripped = cause
        return tripped

    def _may_act(self, cause: str, now_us: int) -> bool:
        faults = self._faults
        return not (
            faults.active("no_trip", now_us)
            or faults.active(f"no_{cause}_trip", now_us)
        )

    def near(self, sense: Sense) -> bool:
        """Tell whether a cut-off is near."""
        return (
            sense.temperature_max_c > self._benign_hot_c
            or sense.temperature_min_c < self._benign_cold_c
        )

    def calm_between_c(self) -> tuple[float, float]:
        """Return the temperatures [°C] between which nothing is near."""
        return self._benign_cold_c, self._benign_hot_c

    def released(self, cause: str, sense: Sense) -> bool:
        """Tell whether the module is back inside by the hysteresis."""
        p = self.parameters
        hot, cold = sense.temperature_max_c, sense.temperature_min_c
        if cause == "charge_hot":
            return hot < p.charge_hot_release_c
        if cause == "charge_cold":
            return cold > p.charge_cold_release_c
        if cause == "discharge_hot":
            return hot < p.discharge_hot_release_c
        return cold > p.discharge_cold_release_c

    def warnings(self, sense: Sense) -> tuple[str, ...]:
        """Name "hot" and "cold" near the cut-offs that hold for this direction."""
        p = self.parameters
        margin = p.warn_margin_c
        hot_c = p.discharge_hot_trip_c if sense.discharging else p.charge_hot_trip_c
        cold_c = p.discharge_cold_trip_c if sense.discharging else p.charge_cold_trip_c
        found: tuple[str, ...] = ()
        if sense.temperature_max_c > hot_c - margin:
            found += ("hot",)
        if sense.temperature_min_c < cold_c + margin:
            found += ("cold",)
        return found

    def due_us(self) -> int:
        """Return the end of the first running delay [µs]."""
        return min(delay.due_us for delay in self._delays.values())

    def reset(self) -> None:
        """Forget running delays."""
        self._pending = False
        for delay in self._delays.values():
            delay.reset()
