"""Encode and decode the CAN frames of the pylon-lv profile.

The bit layout is in ``pylon_lv.dbc`` (cantools is the codec), everything else in
``pylon_lv.toml``. Both ends of the bus use this module; frames constructed by hand
and public captures keep it honest (protocols.md 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from instruments.wire.errors import FrameError
from instruments.wire.pylon_lv_profile import (
    MessageProfile,
    PylonLvProfile,
    load_profile,
)

if TYPE_CHECKING:
    from cantools.database.can import Message

LIMITS_ID = 0x351
SOC_ID = 0x355
PACK_ID = 0x356
FLAGS_ID = 0x359
ENABLES_ID = 0x35C
MAKER_ID = 0x35E

CanValue = float | int | bool | str | frozenset[str]

_MEMO_SIZE = 8192
_MAKER_BYTES = 8


class _Codec:
    """One message: its DBC half and its TOML half, and the signals of both."""

    __slots__ = ("ends", "flags", "message", "profile", "scales")

    def __init__(
        self,
        message: Message,
        profile: MessageProfile,
        flags: dict[str, dict[str, str]],
    ) -> None:
        self.message = message
        self.profile = profile
        self.scales: dict[str, float] = {}
        self.ends: dict[str, int] = {}
        for signal in message.signals:
            self.scales[signal.name] = signal.conversion.scale
            self.ends[signal.name] = (signal.start + signal.length + 7) // 8
        self.flags = {
            group: pairs
            for group, pairs in flags.items()
            if all(signal in self.scales for signal in pairs.values())
        }


class PylonLv:
    """The pylon-lv codec: canonical values to bytes and back.

    Holds the parsed DBC; make one and pass it around. Currents are positive into
    the module. Memoises both directions: a bus repeats itself.
    """

    def __init__(self, profile: PylonLvProfile | None = None) -> None:
        from cantools.database import (
            can,  # a heavy import, paid by the first bench only
        )

        self.profile = profile or load_profile()
        text = files("instruments.wire").joinpath("pylon_lv.dbc").read_text("utf-8")
        database = can.Database(strict=True)
        database.add_dbc_string(text)
        self._codecs = {
            entry.can_id: _Codec(
                database.get_message_by_frame_id(entry.can_id),
                entry,
                self.profile.flags,
            )
            for entry in self.profile.message
        }
        self.periods_s: Mapping[int, float] = MappingProxyType(
            {entry.can_id: entry.period_s for entry in self.profile.message}
        )
        self._decoded: dict[tuple[int, bytes], Mapping[str, CanValue]] = {}
        self._encoded: dict[tuple[object, ...], bytes] = {}

    def encode_limits(
        self,
        charge_voltage_v: float,
        charge_current_a: float,
        discharge_current_a: float,
        discharge_voltage_v: float,
    ) -> bytes:
        """Encode 0x351, the limits [V, A, A >= 0, V].

        Raises:
            FrameError: a value does not fit its field.
        """
        return self._encode(
            LIMITS_ID,
            ("charge_voltage_limit_v", charge_voltage_v),
            ("charge_current_limit_a", charge_current_a),
            ("discharge_current_limit_a", discharge_current_a),
            ("discharge_voltage_limit_v", discharge_voltage_v),
        )

    def encode_soc(self, soc_pct: float, soh_pct: float) -> bytes:
        """Encode 0x355, state of charge and of health [%]."""
        return self._encode(SOC_ID, ("soc_pct", soc_pct), ("soh_pct", soh_pct))

    def encode_pack(
        self, voltage_v: float, current_a: float, temperature_c: float
    ) -> bytes:
        """Encode 0x356, pack voltage [V], current [A, + charging], temperature [°C]."""
        return self._encode(
            PACK_ID,
            ("pack_voltage_v", voltage_v),
            ("pack_current_a", current_a),
            ("temperature_c", temperature_c),
        )

    def encode_flags(
        self, protections: frozenset[str], warnings: frozenset[str], modules: int
    ) -> bytes:
        """Encode 0x359, the active protections and warnings and the module count.

        Raises:
            FrameError: a flag that the profile does not have.
        """
        memo = ("flags", protections, warnings, modules)
        data = self._encoded.get(memo)
        if data is not None:
            return data
        codec = self._codecs[FLAGS_ID]
        raw = dict.fromkeys(codec.scales, 0)
        raw["modules_online"] = modules
        raw["marker"] = codec.profile.marker[0]
        for group, active in (("protections", protections), ("warnings", warnings)):
            signals = codec.flags[group]
            for flag in active:
                if flag not in signals:
                    raise FrameError(f"{group}: the profile has no flag {flag!r}")
                raw[signals[flag]] = 1
        return self._remember(memo, self._pack(codec, raw))

    def encode_enables(
        self,
        charge: bool,
        discharge: bool,
        force1: bool,
        force2: bool,
        full_request: bool,
    ) -> bytes:
        """Encode 0x35C, what the module allows and asks for."""
        return self._encode(
            ENABLES_ID,
            ("charge_enabled", charge),
            ("discharge_enabled", discharge),
            ("force_charge", force1),
            ("force_charge_2", force2),
            ("full_charge_request", full_request),
        )

    def encode_maker(self, text: str) -> bytes:
        """Encode 0x35E, the maker's name in at most 8 ASCII characters."""
        try:
            body = text.encode("ascii")
        except UnicodeEncodeError:
            raise FrameError(f"maker {text!r} is not ASCII") from None
        if len(body) > _MAKER_BYTES:
            raise FrameError(f"maker {text!r} has more than 8 characters")
        return body.ljust(_MAKER_BYTES, b" ")

    def knows(self, can_id: int) -> bool:
        """Tell whether the profile describes this id."""
        return can_id in self._codecs

    def decode(self, can_id: int, data: bytes) -> Mapping[str, CanValue]:
        """Decode one frame into canonical values; a 6-byte 0x351 has one less.

        Raises:
            FrameError: unknown id, wrong length, or bits that the profile does not
                describe. Only what could be encoded again is accepted.
        """
        memo = (can_id, data)
        values = self._decoded.get(memo)
        if values is None:
            values = MappingProxyType(self._decode(can_id, data))
            if len(self._decoded) >= _MEMO_SIZE:
                self._decoded.clear()
            self._decoded[memo] = values
        return values

    def _decode(self, can_id: int, data: bytes) -> dict[str, CanValue]:
        codec = self._codecs.get(can_id)
        if codec is None:
            raise FrameError(f"id {can_id:#x} is not in profile {self.profile.name}")
        raw = self._unpack(codec, can_id, data)
        profile = codec.profile
        if profile.text:
            return {profile.text: _text(data)}
        if profile.marker and raw.pop("marker") not in profile.marker:
            raise FrameError(f"{can_id:#x}: marker is not one of the profile's")
        flag_signals = {s for pairs in codec.flags.values() for s in pairs.values()}
        values: dict[str, CanValue] = {}
        for name, number in raw.items():
            if name in flag_signals or codec.ends[name] > len(data):
                continue
            scale = codec.scales[name]
            if codec.message.get_signal_by_name(name).length == 1:
                values[name] = bool(number)
            elif scale == 1:
                values[name] = number
            else:
                value = round(number * scale, 6)
                values[name] = abs(value) if name in profile.magnitude else value
        for group, pairs in codec.flags.items():
            values[group] = frozenset(c for c, signal in pairs.items() if raw[signal])
        return values

    def _unpack(self, codec: _Codec, can_id: int, data: bytes) -> dict[str, int]:
        profile = codec.profile
        if len(data) not in profile.lengths:
            raise FrameError(f"{can_id:#x}: {len(data)} bytes: {data.hex()}")
        size = codec.message.length
        if profile.tail == "zero" and any(data[size:]):
            raise FrameError(f"{can_id:#x}: bytes after the last field: {data.hex()}")
        body = data[:size].ljust(size, b"\0")
        raw = cast(
            "dict[str, int]",
            codec.message.decode(body, decode_choices=False, scaling=False),
        )
        if self._pack(codec, raw)[: len(data)] != data[: profile.lengths[0]]:
            raise FrameError(f"{can_id:#x}: undescribed bits are set: {data.hex()}")
        return raw

    def _encode(self, can_id: int, *values: tuple[str, float]) -> bytes:
        data = self._encoded.get(values)
        if data is not None:
            return data
        codec = self._codecs[can_id]
        try:
            raw = {name: round(value / codec.scales[name]) for name, value in values}
        except (ValueError, OverflowError):
            raise FrameError(f"{can_id:#x}: not finite: {dict(values)}") from None
        return self._remember(values, self._pack(codec, raw))

    def _remember(self, memo: tuple[object, ...], data: bytes) -> bytes:
        if len(self._encoded) >= _MEMO_SIZE:
            self._encoded.clear()
        self._encoded[memo] = data
        return data

    def _pack(self, codec: _Codec, raw: Mapping[str, int]) -> bytes:
        import cantools.database

        try:
            return bytes(codec.message.encode(raw, scaling=False, strict=True))
        except cantools.database.EncodeError as error:
            raise FrameError(f"{codec.profile.can_id:#x}: {error}") from None


def _text(data: bytes) -> str:
    """Decode padded ASCII; the padding is spaces or NUL."""
    text = data.rstrip(b" \0")
    if not all(0x20 <= byte < 0x7F for byte in text):
        raise FrameError(f"not printable ASCII: {data.hex()}")
    return text.decode("ascii")
