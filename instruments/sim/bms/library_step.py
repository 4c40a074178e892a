"""Step a compiled firmware: inputs into its structure, its answer checked and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from instruments.errors import FirmwareFault
from instruments.sim.bms.interface import (
    NEVER_US,
    BmsInputs,
    BmsOutputs,
    ContactorCommand,
)

ABI = 1
CELLS, LEDS, CAN_FRAMES, MESSAGES = 16, 5, 16, 16
SERIAL_BYTES, MESSAGE_BYTES, CAN_BYTES = 512, 62, 8
LARGEST_CAN_ID = 0x1FFF_FFFF
OPEN_OHM = 0xFFFF_FFFF
_COLOURS = ("off", "green", "blue", "yellow", "red")
_COMMANDS: tuple[ContactorCommand | None, ...] = (None, "close", "open")
_GUARD = bytes([0xA5]) * 64
"""What stands behind the output structure: a firmware that writes there is found."""


class LibraryBms:
    """One instance of a compiled firmware; see `interface` and ``firmware.h``.

    Args:
        ffi, lib: cffi's face of the library.
        unit: what ``bms_new`` gave.
        name: the library's name for messages.
    """

    def __init__(self, ffi: Any, lib: Any, unit: Any, name: str) -> None:  # noqa: ANN401
        self._ffi = ffi
        self._lib = lib
        self._unit = unit
        self._name = name
        self._fault: FirmwareFault | None = None
        self._in = ffi.new("bms_inputs *")
        self._in.abi = ABI
        self._in.size = ffi.sizeof("bms_inputs")
        self._size = ffi.sizeof("bms_outputs")
        self._room = ffi.new("uint8_t[]", self._size + len(_GUARD))
        self._bytes = ffi.buffer(self._room)
        self._bytes[self._size :] = _GUARD
        self._out = ffi.cast("bms_outputs *", self._room)

    def step(self, inputs: BmsInputs) -> BmsOutputs:
        """Advance to `inputs.now_us`; return what the firmware drives.

        Raises:
            FirmwareFault: it answered what no BMS can; it stays so.
        """
        if self._fault is not None:
            raise self._fault
        try:
            return self._step(inputs)
        except FirmwareFault as fault:
            self._fault = fault
            raise

    def _step(self, inputs: BmsInputs) -> BmsOutputs:
        self._fill(inputs)
        out = self._out
        self._bytes[: self._size] = bytes(self._size)
        out.abi, out.size = ABI, self._size
        code = self._lib.bms_step(self._unit, self._in, out)
        if code != 0:
            raise self._wrong(inputs, f"bms_step returned {code}")
        if bytes(self._bytes[self._size :]) != _GUARD:
            raise self._wrong(inputs, "bms_step wrote behind its output structure")
        if out.abi != ABI or out.size != self._size:
            raise self._wrong(inputs, "bms_step overwrote version or size")
        if out.next_wake_us <= inputs.now_us:
            raise self._wrong(inputs, f"next_wake_us {out.next_wake_us} is not later")
        return self._outputs(inputs, out)

    def _fill(self, inputs: BmsInputs) -> None:
        to = self._in
        to.now_us = inputs.now_us
        to.cell_uv = [round(voltage_v * 1e6) for voltage_v in inputs.cell_v]
        to.pack_mv = round(inputs.pack_v * 1e3)
        to.terminal_mv = round(inputs.terminal_v * 1e3)
        to.current_ma = round(inputs.current_a * 1e3)
        to.ntc_ohm = [
            round(ohm) if ohm < OPEN_OHM else OPEN_OHM for ohm in inputs.ntc_ohm
        ]
        to.button = inputs.button_pressed
        to.dip = inputs.dip
        to.di = inputs.di
        to.contactor_closed = inputs.contactor_closed
        self._fits(inputs, "CAN frames", len(inputs.can_rx), CAN_FRAMES)
        to.can_frames = len(inputs.can_rx)
        for k, (frame_id, data) in enumerate(inputs.can_rx):
            to.can[k].id = frame_id
            to.can[k].bytes = len(data)
            self._ffi.memmove(to.can[k].data, data, len(data))
        self._fits(inputs, "serial bytes", len(inputs.serial_rx), SERIAL_BYTES)
        to.serial_bytes = len(inputs.serial_rx)
        self._ffi.memmove(to.serial, inputs.serial_rx, len(inputs.serial_rx))
        to.messages_a = self._put(inputs, to.rs485_a, inputs.rs485_a)
        to.messages_b = self._put(inputs, to.rs485_b, inputs.rs485_b)

    def _put(self, inputs: BmsInputs, to: Any, messages: Sequence[bytes]) -> int:  # noqa: ANN401
        self._fits(inputs, "chain messages", len(messages), MESSAGES)
        for k, message in enumerate(messages):
            self._fits(inputs, "bytes of a message", len(message), MESSAGE_BYTES)
            to[k].bytes = len(message)
            self._ffi.memmove(to[k].data, message, len(message))
        return len(messages)

    def _fits(self, inputs: BmsInputs, what: str, count: int, most: int) -> None:
        if count > most:
            why = f"{count} {what} came at once; firmware.h has room for {most}"
            raise self._wrong(inputs, why)

    def _outputs(self, inputs: BmsInputs, out: Any) -> BmsOutputs:  # noqa: ANN401
        self._check(inputs, out)
        leds = [_COLOURS[colour] for colour in out.leds]
        return BmsOutputs(
            min(out.next_wake_us, NEVER_US),
            _COMMANDS[out.contactor],
            [bool(out.bleed >> k & 1) for k in range(CELLS)],
            (leds[0], leds[1], leds[2], leds[3], leds[4]),
            _COLOURS[out.button_led],
            (bool(out.dry_out[0]), bool(out.dry_out[1])),
            tuple(
                (int(frame.id), bytes(self._ffi.buffer(frame.data, frame.bytes)))
                for frame in out.can[0 : out.can_frames]
            ),
            bytes(self._ffi.buffer(out.serial, out.serial_bytes)),
            self._messages(out.rs485_a[0 : out.messages_a]),
            self._messages(out.rs485_b[0 : out.messages_b]),
        )

    def _messages(self, found: Any) -> tuple[bytes, ...]:  # noqa: ANN401
        return tuple(bytes(self._ffi.buffer(m.data, m.bytes)) for m in found)

    def _check(self, inputs: BmsInputs, out: Any) -> None:  # noqa: ANN401
        """Refuse what the contract does not know."""
        most = (
            ("contactor", out.contactor, len(_COMMANDS) - 1),
            ("button_led", out.button_led, len(_COLOURS) - 1),
            ("leds", max(out.leds), len(_COLOURS) - 1),
            ("dry_out", max(out.dry_out), 1),
            ("can_frames", out.can_frames, CAN_FRAMES),
            ("serial_bytes", out.serial_bytes, SERIAL_BYTES),
            ("messages_a", out.messages_a, MESSAGES),
            ("messages_b", out.messages_b, MESSAGES),
        )
        for name, value, limit in most:
            if value > limit:
                raise self._wrong(inputs, f"{name} is {value}; at most {limit}")
        for frame in out.can[0 : out.can_frames]:
            if frame.bytes > CAN_BYTES or frame.id > LARGEST_CAN_ID:
                why = f"CAN frame with id {frame.id:#x} and {frame.bytes} bytes"
                raise self._wrong(inputs, why)
        for messages in (
            out.rs485_a[0 : out.messages_a],
            out.rs485_b[0 : out.messages_b],
        ):
            if any(message.bytes > MESSAGE_BYTES for message in messages):
                raise self._wrong(inputs, "chain message longer than its field")

    def _wrong(self, inputs: BmsInputs, what: str) -> FirmwareFault:
        at_s = inputs.now_us / 1e6
        return FirmwareFault(
            f"firmware {self._name}", f"{what} (at {at_s:.6f} s)", "correct the library"
        )
