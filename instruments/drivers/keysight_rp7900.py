"""Keysight RP7900 regenerative supply: source, protections and watchdog.

Dialect: instruments.md 1.2. Two traps shape this driver: ``OUTP:PROT:CLE`` restores
the output state from before the trip, so ``OUTP OFF`` always precedes it; and the
communication watchdog is off after a reset, so an output without it is refused.
"""

from __future__ import annotations

from instruments.drivers.ratings import NO_RATINGS, load_ratings
from instruments.drivers.rp7900_status import SupplyStatus
from instruments.drivers.scpi_instrument import ScpiInstrument
from instruments.errors import (
    BadReply,
    InstrumentRefused,
    NotProtected,
    ReplyTimeout,
)
from instruments.roles import Identity, Ratings, SupplySample
from instruments.scpi import ScpiLink

IDN_PATTERN = r"^(Keysight|Agilent) Technologies,RP79\d\d"

_SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:STAT:QUES1:COND?;:STAT:OPER:COND?;:OUTP?"
_SAMPLE_FIELDS = 5

_OVER_VOLTAGE_SHARE = 1.1  # OVP reaches 110 % of the rated voltage
_VOLTAGE_STEP_V = 0.02
_CURRENT_STEP_A = 0.05
_WATCHDOG_MIN_S, _WATCHDOG_MAX_S = 1, 3600


class KeysightRp7900(ScpiInstrument):
    """The supply role on an RP7900; current is positive into the module.

    Args:
        link: its session.
        ratings: what it can carry; by default looked up from the model.
    """

    def __init__(self, link: ScpiLink, ratings: Ratings | None = None) -> None:
        super().__init__(link)
        self._given_ratings = ratings
        self.ratings = ratings or NO_RATINGS
        self._protected = False
        self._watched = False
        self._watchdog_s = 0
        self._has_watchdog = False
        self._status = SupplyStatus(link)

    def set_protection(self, over_voltage_v: float, over_current: bool) -> None:
        """Set OVP [V] and OCP and read both back; output must be off.

        Raises:
            NotProtected: the output is on.
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        top_v = self.ratings.voltage_v * _OVER_VOLTAGE_SHARE
        self._check_range("over-voltage protection [V]", over_voltage_v, 0.0, top_v)
        self._demand_off("change the protections")
        self._protected = False
        state = "ON" if over_current else "OFF"
        level, enabled = self._link.apply(
            f"VOLT:PROT {over_voltage_v:.3f};:CURR:PROT:STAT {state}",
            "VOLT:PROT?",
            "CURR:PROT:STAT?",
        )
        self._check_number("VOLT:PROT", over_voltage_v, level, _VOLTAGE_STEP_V)
        self._check_switch("CURR:PROT:STAT", over_current, enabled)
        self._protected = True

    def arm_watchdog(self, delay_s: int) -> None:
        """Arm the communication watchdog [s] and read state and delay back.

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_range(
            "watchdog delay [s]", delay_s, _WATCHDOG_MIN_S, _WATCHDOG_MAX_S
        )
        self._watched = False
        delay, armed = self._link.apply(
            f"OUTP:PROT:WDOG:DEL {delay_s:d};:OUTP:PROT:WDOG ON",
            "OUTP:PROT:WDOG:DEL?",
            "OUTP:PROT:WDOG?",
        )
        self._check_number("OUTP:PROT:WDOG:DEL", delay_s, delay, 0.01)
        self._check_switch("OUTP:PROT:WDOG", True, armed)
        self._watched = True
        self._watchdog_s = delay_s

    def disarm_watchdog(self) -> None:
        """Disarm the watchdog while the output is off.

        Raises:
            NotProtected: the output is on.
        """
        self._demand_off("disarm the watchdog")
        self._watched = False
        (armed,) = self._link.apply("OUTP:PROT:WDOG OFF", "OUTP:PROT:WDOG?")
        self._check_switch("OUTP:PROT:WDOG", False, armed)

    def read_watchdog(self) -> tuple[bool, float]:
        """Read whether the watchdog is armed, and its delay [s]."""
        query = "OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?"
        armed, delay = self._link.read_fields(query, 2)
        return self._link.to_bool(query, armed), self._link.to_float(query, delay)

    def set_current_priority(self, current_a: float, voltage_limit_v: float) -> None:
        """Choose current priority, set current [A] and VOLT:LIM [V], read back.

        The only mode in which a live module may be connected (instruments.md 1.2).

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_current(current_a)
        self._check_voltage_limit(voltage_limit_v)
        priority, limit, current = self._link.apply(
            f"FUNC CURR;:VOLT:LIM {voltage_limit_v:.3f};:CURR {current_a:.3f}",
            "FUNC?",
            "VOLT:LIM?",
            "CURR?",
        )
        self._check_priority(priority)
        self._check_number("VOLT:LIM", voltage_limit_v, limit, _VOLTAGE_STEP_V)
        self._check_number("CURR", current_a, current, _CURRENT_STEP_A)

    def set_current_a(self, current_a: float) -> None:
        """Set the current [A] in current priority and read it back.

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_current(current_a)
        priority, current = self._link.apply(f"CURR {current_a:.3f}", "FUNC?", "CURR?")
        self._check_priority(priority)
        self._check_number("CURR", current_a, current, _CURRENT_STEP_A)

    def set_voltage_limit_v(self, voltage_v: float) -> None:
        """Set VOLT:LIM [V] in current priority and read it back.

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_voltage_limit(voltage_v)
        priority, limit = self._link.apply(
            f"VOLT:LIM {voltage_v:.3f}", "FUNC?", "VOLT:LIM?"
        )
        self._check_priority(priority)
        self._check_number("VOLT:LIM", voltage_v, limit, _VOLTAGE_STEP_V)

    def set_output(self, on: bool) -> None:
        """Switch the output and read the state back.

        The watchdog is read back right before every switch-on: it is off after a reset
        or a power cycle, whoever caused that.

        Raises:
            NotProtected: on was asked for, and protection or watchdog were not set
                and read back since the session was opened, or it is no longer armed.
            SetpointMismatch, InstrumentRefused.
        """
        if not on:
            self._switch_off()
            return
        watched = self._watched and self._is_armed()
        if not (self._protected and watched):
            missing = "watchdog" if self._protected else "protection"
            raise NotProtected(
                self.role,
                f"output on was asked for, but the {missing} is not proved",
                "set protection and watchdog first; both are read back",
            )
        (state,) = self._link.apply("OUTP ON", "OUTP?")
        self._check_switch("OUTP", True, state)

    def read_output(self) -> bool:
        """Read the output state."""
        return self._link.to_bool("OUTP?", self._link.query("OUTP?"))

    def send_off(self) -> None:
        """Send output off without asking anything, whatever answers; never raises."""
        self._link.send_blind("OUTP OFF")

    def measure(self) -> SupplySample:
        """Measure voltage [V] and current [A] and read the status, in one exchange.

        Any message feeds the communication watchdog, so this one does too.
        """
        link = self._link
        fields = link.query(_SAMPLE).split(";")
        if len(fields) != _SAMPLE_FIELDS:
            link.bad_reply(_SAMPLE, ";".join(fields), f"{_SAMPLE_FIELDS} fields")
        volt, amp, questionable, operation, output = fields
        tripped = self._status.trips(questionable)
        regulation = self._status.regulation(operation)
        return SupplySample(
            link.to_float(_SAMPLE, volt),
            link.to_float(_SAMPLE, amp),
            link.to_bool(_SAMPLE, output),
            regulation,
            tripped,
        )

    def clear_protection(self) -> None:
        """Send output off, then clear latched protections.

        Clearing restores the output that was asked for before the trip. An output that
        a protection holds off reads off, so the command itself has to be accepted.

        Raises:
            InstrumentRefused: output off was not accepted; nothing was cleared.
            SetpointMismatch: the output does not read off before or after.
        """
        self._link.command("*CLS")
        self._switch_off()
        (state,) = self._link.apply("OUTP:PROT:CLE", "OUTP?")
        if self._link.to_bool("OUTP?", state):
            self._switch_off()
            self._mismatch("OUTP after OUTP:PROT:CLE", "off", state)

    def _forget(self) -> None:
        self._protected = False
        self._watched = False

    def _start(self, identity: Identity) -> None:
        if self._given_ratings is None:
            self.ratings = load_ratings(self.role, identity.model)
        if not self._has_watchdog:
            self._find_watchdog()

    def _is_armed(self) -> bool:
        """Tell whether the watchdog still stands as it was armed."""
        armed, delay_s = self.read_watchdog()
        return armed and delay_s == self._watchdog_s

    def _find_watchdog(self) -> None:
        """Ask once for the watchdog; some firmware and some models have none.

        Raises:
            NotProtected: the instrument does not know the question.
        """
        try:
            self.read_watchdog()
        except (ReplyTimeout, BadReply, InstrumentRefused) as error:
            raise NotProtected(
                self.role,
                "no communication watchdog",
                "do not use it as an energy source: a dead-man opens the contactor in "
                "front of it but leaves its output on; use another model",
            ) from error
        self._has_watchdog = True

    def _switch_off(self) -> None:
        """Switch off; a refusal is found although the output may be off anyway."""
        (state,) = self._link.apply("OUTP OFF", "OUTP?")
        self._check_switch("OUTP", False, state)

    def _demand_off(self, purpose: str) -> None:
        if self.read_output():
            raise NotProtected(
                self.role,
                f"cannot {purpose} while the output is on",
                "switch the output off first",
            )

    def _check_current(self, current_a: float) -> None:
        top_a = self.ratings.current_a
        self._check_range("current [A]", current_a, -top_a, top_a)

    def _check_voltage_limit(self, voltage_v: float) -> None:
        self._check_range("VOLT:LIM [V]", voltage_v, 0.0, self.ratings.voltage_v)

    def _check_priority(self, field: str) -> None:
        if not field.upper().startswith("CURR"):
            self._mismatch("FUNC", "CURR", field)
