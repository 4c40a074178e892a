"""Send the six frames of the CAN profile, each at its period, while awake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.sim.bms.interface import NEVER_US
from instruments.sim.bms.parameters import Faults, to_period_us
from instruments.wire.pylon_lv import (
    ENABLES_ID,
    FLAGS_ID,
    LIMITS_ID,
    MAKER_ID,
    PACK_ID,
    SOC_ID,
    PylonLv,
)


@dataclass(frozen=True, slots=True)
class CanParameters:
    """Periods and contents that are not measured: [module.can]."""

    clock_error_ppm: float
    period_351_s: float
    period_355_s: float
    period_356_s: float
    period_359_s: float
    period_35c_s: float
    period_35e_s: float
    maker: str
    temperature_source: str
    full_request_after_s: float
    full_request_soc_pct: float
    current_sign: int
    id_shift: int = 0


@dataclass(slots=True)
class CanImage:
    """What the frames say, in public units; currents positive into the module."""

    charge_voltage_v: float = 0.0
    discharge_voltage_v: float = 0.0
    charge_current_a: float = 0.0
    discharge_current_a: float = 0.0
    soc_pct: float = 0.0
    soh_pct: float = 0.0
    pack_v: float = 0.0
    current_a: float = 0.0
    temperature_c: float = 0.0
    protections: frozenset[str] = field(default_factory=frozenset)
    warnings: frozenset[str] = field(default_factory=frozenset)
    modules: int = 1
    forced: bool = False
    full_request: bool = False


def _as_it_is(image: CanImage) -> CanImage:
    return image


class CanNode:
    """Encode the image with the wire module that the station uses as well."""

    def __init__(
        self,
        parameters: CanParameters,
        faults: Faults,
        codec: PylonLv,
        falsify: Callable[[CanImage], CanImage] = _as_it_is,
    ) -> None:
        p = parameters
        self._falsify = falsify
        self._shift = p.id_shift
        self._faults = faults
        self._codec = codec
        self._maker = codec.encode_maker(p.maker)
        self._sign = p.current_sign
        pace = 1.0 + p.clock_error_ppm * 1e-6
        rows = (
            (LIMITS_ID, p.period_351_s, "351", self._limits),
            (SOC_ID, p.period_355_s, "355", self._soc),
            (PACK_ID, p.period_356_s, "356", self._pack),
            (FLAGS_ID, p.period_359_s, "359", self._flags),
            (ENABLES_ID, p.period_35c_s, "35c", self._enables),
            (MAKER_ID, p.period_35e_s, "35e", self._maker_frame),
        )
        self._plan: tuple[tuple[int, int, str, Callable[[CanImage], bytes]], ...] = (
            tuple(
                (
                    can_id,
                    to_period_us(period_s * pace, f"can.period_{text}_s"),
                    f"silent_{text}",
                    encode,
                )
                for can_id, period_s, text, encode in rows
            )
        )
        self._due_us = [NEVER_US] * len(self._plan)
        self._last: dict[str, bytes] = {}
        # What changes rarely is encoded when it changes.
        self._limits_of: tuple[float, float] | None = None
        self._soc_of: int | None = None
        self._limits_data = self._soc_data = b""
        self._enables_of: tuple[bool, bool, bool, bool] | None = None
        self._enables_data = b""
        self.due_us = NEVER_US

    def start(self, now_us: int) -> None:
        """Begin sending: the first frames go out at once."""
        self._due_us = [now_us] * len(self._plan)
        self.due_us = now_us

    def stop(self) -> None:
        """Fall silent."""
        self.due_us = NEVER_US

    def emit(self, image: CanImage, now_us: int) -> tuple[tuple[int, bytes], ...]:
        """Return the frames that are due, and plan the next ones."""
        out: list[tuple[int, bytes]] = []
        due_us = self._due_us
        said = self._falsify(image)
        for k, (can_id, period_us, silent, encode) in enumerate(self._plan):
            if due_us[k] > now_us:
                continue
            due_us[k] += period_us
            data = encode(image if can_id == ENABLES_ID else said)
            if not self._faults.any:
                out.append((can_id + self._shift, data))
            elif not self._mute(silent, now_us):
                name = silent.removeprefix("silent_")
                out.append((can_id + self._shift, self._damaged(name, data, now_us)))
        self.due_us = min(due_us)
        return tuple(out)

    def _mute(self, silent: str, now_us: int) -> bool:
        faults = self._faults
        return faults.active("mute", now_us) or faults.active(silent, now_us)

    def _damaged(self, name: str, data: bytes, now_us: int) -> bytes:
        active = self._faults.active
        if active(f"byte_order_{name}", now_us):
            data = b"".join(data[k : k + 2][::-1] for k in range(0, len(data), 2))
        if active("frozen", now_us) or active(f"frozen_{name}", now_us):
            return self._last.setdefault(name, data)
        self._last[name] = data
        return data

    def _limits(self, image: CanImage) -> bytes:
        charge_a, discharge_a = image.charge_current_a, image.discharge_current_a
        key = (charge_a, discharge_a)
        if key != self._limits_of:
            self._limits_of = key
            self._limits_data = self._codec.encode_limits(
                image.charge_voltage_v,
                round(charge_a, 1),
                round(discharge_a, 1),
                image.discharge_voltage_v,
            )
        return self._limits_data

    def _soc(self, image: CanImage) -> bytes:
        soc_pct = round(image.soc_pct)
        if soc_pct != self._soc_of:
            self._soc_of = soc_pct
            self._soc_data = self._codec.encode_soc(soc_pct, round(image.soh_pct))
        return self._soc_data

    def _pack(self, image: CanImage) -> bytes:
        # Rounded before encoding so that the codec's memo is hit.
        return self._codec.encode_pack(
            round(image.pack_v, 2),
            round(image.current_a * self._sign, 1),
            round(image.temperature_c, 1),
        )

    def _flags(self, image: CanImage) -> bytes:
        return self._codec.encode_flags(
            image.protections, image.warnings, image.modules
        )

    def _enables(self, image: CanImage) -> bytes:
        key = (
            image.charge_current_a > 0.0,
            image.discharge_current_a > 0.0,
            image.forced,
            image.full_request,
        )
        if key != self._enables_of:
            self._enables_of = key
            self._enables_data = self._codec.encode_enables(
                key[0], key[1], key[2], False, key[3]
            )
        return self._enables_data

    def _maker_frame(self, image: CanImage) -> bytes:
        return self._maker
