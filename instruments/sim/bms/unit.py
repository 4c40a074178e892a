"""Put the rules together to one BMS: `make_bms` builds it, `Bms.step` runs it.

This is a model of the BMS as the manual describes it. One step looks at the inputs,
lets the rules act, and says when it wants to be called again. While a module runs
with nothing near a threshold a step only counts charge (`_calm`).
"""

from __future__ import annotations

from instruments.sim.bms.assembly import Parts, assemble
from instruments.sim.bms.interface import (
    NEVER_US,
    BmsInitial,
    BmsInputs,
    BmsOutputs,
    BmsUnit,
    ContactorCommand,
)
from instruments.sim.bms.outputs import asleep, unchanged
from instruments.sim.bms.parameters import US_PER_S, ParameterSource
from instruments.sim.bms.report import Report
from instruments.sim.bms.supervision import Supervision

_SECOND_US = US_PER_S
CanFrames = tuple[tuple[int, bytes], ...]


def make_bms(
    params: ParameterSource, name: str, seed: int, initial: BmsInitial
) -> BmsUnit:
    """Make the BMS of the unit `name` ("module", "peer1", "peer2").

    `seed` is part of the interface; this model draws nothing at random.

    Raises:
        BenchFileError: a parameter is missing or of another kind.
    """
    return Bms(assemble(params, name, initial), initial)


class Bms:
    """One BMS; see `instruments.sim.bms.interface` for the meaning of its ports."""

    def __init__(self, parts: Parts, initial: BmsInitial) -> None:
        self._parts = parts
        self._sense = parts.sense
        self._band = parts.calm_band
        self._states = parts.states
        self._estimator = parts.estimator
        self._report = Report(parts)
        self._supervision = Supervision(parts)
        self._last_us: int | None = None
        self._counted_a = 0.0
        self._closed_told: bool | None = True if initial.mode == "running" else None
        self._calm_until_us = 0
        self._feedback = False
        self._last_out = asleep(NEVER_US, None, parts.balancing.bleed)
        self._awake = False

    def step(self, inputs: BmsInputs) -> BmsOutputs:
        """Advance to `inputs.now_us`; return what is driven and the next wake [µs]."""
        now_us = inputs.now_us
        if self._last_us is None:
            self._last_us = now_us
        self._estimator.count(self._counted_a, now_us - self._last_us)
        self._last_us = now_us
        self._counted_a = inputs.current_a
        if self._calm_until_us and self._still_calm(inputs):
            if now_us < self._calm_until_us:
                return self._repeat(inputs)
            return self._calm_second(inputs)
        return self._full(inputs)

    def _still_calm(self, inputs: BmsInputs) -> bool:
        """Tell whether no input calls for more than counting."""
        low_v, cell_low_v, high_v, cell_high_v, high_a, hot_ohm, cold_ohm = self._band
        return (
            low_v < inputs.pack_v < high_v
            and -high_a < inputs.current_a < high_a
            and not inputs.button_pressed
            and inputs.contactor_closed == self._feedback
            and not inputs.rs485_a
            and not inputs.rs485_b
            and cell_low_v < min(inputs.cell_v)
            and max(inputs.cell_v) < cell_high_v
            and hot_ohm < min(inputs.ntc_ohm)
            and max(inputs.ntc_ohm) < cold_ohm
        )

    def _calm_second(self, inputs: BmsInputs) -> BmsOutputs:
        """Do what is due once a second while no protection has anything to do."""
        now_us = inputs.now_us
        parts = self._parts
        self._sense.take(inputs)
        self._sense.take_temperatures(inputs.ntc_ohm)
        self._estimator.anchor(self._sense)
        if now_us >= self._supervision.due_us:
            self._supervision.second(now_us)
        can_tx = self._emit(now_us)
        if parts.alarms.since_us:
            return self._drive(inputs, can_tx)
        self._calm_until_us = min(self._supervision.due_us, parts.can.due_us)
        leds, _ = self._report.bar(now_us)
        self._last_out = BmsOutputs(
            self._calm_until_us,
            None,
            parts.balancing.bleed,
            leds,
            "green",
            parts.dry_contacts.render(True, False, now_us),
            can_tx,
            self._answer(inputs),
            (),
            (),
        )
        return self._last_out

    def _emit(self, now_us: int) -> CanFrames:
        """Return the CAN frames that are due."""
        can = self._parts.can
        if now_us < can.due_us:
            return ()
        if not self._parts.parallel.can_enabled:
            can.start(now_us + _SECOND_US)
            return ()
        return can.emit(self._report.refresh(), now_us)

    def _repeat(self, inputs: BmsInputs) -> BmsOutputs:
        """Drive what was driven before; answer the service port."""
        if inputs.serial_rx:
            self._sense.take(inputs)
            self._sense.take_temperatures(inputs.ntc_ohm)
        return unchanged(self._last_out, self._calm_until_us, self._answer(inputs))

    def _full(self, inputs: BmsInputs) -> BmsOutputs:
        now_us = inputs.now_us
        parts, states, sense = self._parts, self._states, self._sense
        sense.take(inputs)
        self._feedback = inputs.contactor_closed
        self._take_button(inputs)
        if states.is_off:
            return self._sleep(inputs)
        if not self._awake:
            self._wake_up(inputs)
        sense.take_temperatures(inputs.ntc_ohm)
        parts.parallel.receive(inputs)
        self._estimator.anchor(sense)
        self._supervision.protect()
        states.tick(sense)
        self._supervision.watch_cluster(now_us)
        if states.is_off:
            return self._sleep(inputs)
        if now_us >= self._supervision.due_us:
            self._supervision.second(now_us)
        return self._drive(inputs, self._emit(now_us))

    def _take_button(self, inputs: BmsInputs) -> None:
        button = self._parts.button
        if not (inputs.button_pressed or button.pressed):
            return
        press = button.update(inputs.button_pressed, inputs.now_us)
        if press == "short":
            self._sense.take_temperatures(inputs.ntc_ohm)
            self._states.press_short(self._sense, button.pressed_at_us, inputs.dip)
        elif press == "long":
            self._states.press_long(self._sense)

    def _wake_up(self, inputs: BmsInputs) -> None:
        """Begin to talk and to look around."""
        self._awake = True
        self._supervision.start(inputs.now_us)
        self._parts.can.start(inputs.now_us)
        self._report.start(inputs.now_us)
        if self._states.state == "running":  # so it was before the bench was opened
            self._parts.parallel.latch(inputs.dip, inputs.now_us)

    def _sleep(self, inputs: BmsInputs) -> BmsOutputs:
        """Drive nothing and wait for the button."""
        self._awake = False
        self._calm_until_us = 0
        self._parts.balancing.stop()
        self._parts.can.stop()
        outputs = asleep(
            self._parts.button.due_us(), self._command(), self._parts.balancing.bleed
        )
        if self._parts.led_bar.run_stays_lit(inputs.now_us):
            outputs.button_led = "green"
        return outputs

    def _drive(self, inputs: BmsInputs, can_tx: CanFrames) -> BmsOutputs:
        now_us = inputs.now_us
        parts, states = self._parts, self._states
        serial_tx = self._answer(inputs)
        causes = parts.alarms.since_us
        leds, leds_due_us = self._report.bar(now_us)
        button_led, button_due_us = self._report.button(now_us)
        do = parts.dry_contacts.render(states.state == "running", bool(causes), now_us)
        self._report.values.dry_out = do
        if parts.parallel.role == "stand_alone":
            out_a: tuple[bytes, ...] = ()
            out_b: tuple[bytes, ...] = ()
        else:
            out_a, out_b = parts.parallel.send(
                self._report.status(), states.state == "running", now_us
            )
        supervision = self._supervision
        near = supervision.near()
        self._calm_until_us = 0 if near else supervision.calm_until_us()
        wake_us = self._calm_until_us or min(
            leds_due_us, button_due_us, supervision.wake_us(now_us, near)
        )
        self._last_out = BmsOutputs(
            max(wake_us, now_us + 1),
            self._command(),
            parts.balancing.bleed,
            leds,
            button_led,
            do,
            can_tx,
            serial_tx,
            out_a,
            out_b,
        )
        return self._last_out

    def _answer(self, inputs: BmsInputs) -> bytes:
        """Answer what came in at the service port, if anything did."""
        if not inputs.serial_rx:
            return b""
        self._report.values.dry_in = self._parts.dry_contacts.sense(
            inputs.di, inputs.now_us
        )
        return self._parts.service.answer(
            inputs.serial_rx, self._report.read_words, inputs.now_us
        )

    def _command(self) -> ContactorCommand | None:
        """Return the contactor command if it changed."""
        closed = self._states.closed
        if closed == self._closed_told:
            return None
        first = self._closed_told is None
        self._closed_told = closed
        if first and not closed:
            return None
        return "close" if closed else "open"
