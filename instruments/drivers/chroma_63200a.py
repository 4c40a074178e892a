"""Chroma 63200A electronic load.

Dialect: instruments.md 1.6. It has no communication watchdog, so it may only stand
behind a hardware dead-man, which the bench file declares. Its own habit of
loading again when mains returns is switched off when the session opens.
"""

from __future__ import annotations

from instruments.drivers.ratings import NO_RATINGS, load_ratings
from instruments.drivers.scpi_instrument import ScpiInstrument
from instruments.errors import NotProtected
from instruments.roles import Identity, LoadSample, Ratings
from instruments.scpi import ScpiLink

IDN_PATTERN = r"(?i)^chroma.*,632\d\dA"

_SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:LOAD?;:LOAD:PROT?"
_SAMPLE_FIELDS = 4

# LOAD:PROT? of the 63600; taken for the 63200A too (provisional, instruments.md 1.6).
_TRIPS = {
    0: "over_temperature",
    1: "over_voltage",
    2: "over_power",
    3: "reverse",
    4: "sync",
    5: "over_current",
    6: "max_limit",
    7: "fan",
    8: "remote_inhibit",
}
_VOLTAGE_STEP_V = 0.02
_CURRENT_STEP_A = 0.05


class Chroma63200a(ScpiInstrument):
    """The load role on a Chroma 63200A; its current is a magnitude.

    Args:
        link: its session.
        dead_man: the bench file declares a hardware dead-man in front of it.
        ratings: what it can carry; by default looked up from the model.
        cc_mode, cv_mode: the mode words, which carry the range.
    """

    def __init__(
        self,
        link: ScpiLink,
        *,
        dead_man: bool,
        ratings: Ratings | None = None,
        cc_mode: str = "CCH",
        cv_mode: str = "CV",
    ) -> None:
        super().__init__(link)
        self._dead_man = dead_man
        self._given_ratings = ratings
        self.ratings = ratings or NO_RATINGS
        self._cc_mode = cc_mode
        self._cv_mode = cv_mode
        self._tripped: dict[str, frozenset[str]] = {}

    def set_current_a(self, current_a: float) -> None:
        """Choose constant current and set it [A, >= 0]; read back.

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_range("current [A]", current_a, 0.0, self.ratings.current_a)
        mode, current = self._link.apply(
            f"MODE {self._cc_mode};:CURR:STAT:L1 {current_a:.3f}",
            "MODE?",
            "CURR:STAT:L1?",
        )
        self._check_mode("CC", mode)
        self._check_number("CURR:STAT:L1", current_a, current, _CURRENT_STEP_A)

    def set_voltage_v(self, voltage_v: float, current_limit_a: float) -> None:
        """Choose constant voltage [V] with a current limit [A]; read both back.

        Raises:
            OutOfRange, SetpointMismatch, InstrumentRefused.
        """
        self._check_range("voltage [V]", voltage_v, 0.0, self.ratings.voltage_v)
        self._check_range(
            "current limit [A]", current_limit_a, 0.0, self.ratings.current_a
        )
        mode, voltage, limit = self._link.apply(
            f"MODE {self._cv_mode};:VOLT:STAT:L1 {voltage_v:.3f}"
            f";:VOLT:STAT:ILIM {current_limit_a:.3f}",
            "MODE?",
            "VOLT:STAT:L1?",
            "VOLT:STAT:ILIM?",
        )
        self._check_mode("CV", mode)
        self._check_number("VOLT:STAT:L1", voltage_v, voltage, _VOLTAGE_STEP_V)
        self._check_number("VOLT:STAT:ILIM", current_limit_a, limit, _CURRENT_STEP_A)

    def set_input(self, on: bool) -> None:
        """Switch the input and read the state back.

        Raises:
            NotProtected: on was asked for and no dead-man is declared.
            SetpointMismatch, InstrumentRefused.
        """
        if not on:
            self._switch_off()
            return
        if not self._dead_man:
            raise NotProtected(
                self.role,
                "input on was asked for; the load has no watchdog and no dead-man",
                "wire it behind the dead-man and set dead_man in the bench file",
            )
        (state,) = self._link.apply("LOAD ON", "LOAD?")
        self._check_switch("LOAD", True, state)

    def read_input(self) -> bool:
        """Read the input state."""
        return self._link.to_bool("LOAD?", self._link.query("LOAD?"))

    def send_off(self) -> None:
        """Send input off without asking anything, whatever answers; never raises."""
        self._link.send_blind("LOAD OFF")

    def measure(self) -> LoadSample:
        """Measure voltage [V] and current [A] and read the status, in one exchange."""
        link = self._link
        fields = link.query(_SAMPLE).split(";")
        if len(fields) != _SAMPLE_FIELDS:
            link.bad_reply(_SAMPLE, ";".join(fields), f"{_SAMPLE_FIELDS} fields")
        volt, amp, state, protection = fields
        tripped = self._tripped.get(protection)
        if tripped is None:
            tripped = self._read_trips(protection)
        return LoadSample(
            link.to_float(_SAMPLE, volt),
            link.to_float(_SAMPLE, amp),
            link.to_bool(_SAMPLE, state),
            tripped,
        )

    def clear_protection(self) -> None:
        """Send input off, then clear latched protections.

        Raises:
            InstrumentRefused: input off was not accepted; nothing was cleared.
            SetpointMismatch: the input does not read off.
        """
        self._link.command("*CLS")
        self._switch_off()
        (state,) = self._link.apply("LOAD:PROT:CLE", "LOAD?")
        self._check_switch("LOAD after LOAD:PROT:CLE", False, state)

    def _start(self, identity: Identity) -> None:
        if self._given_ratings is None:
            self.ratings = load_ratings(self.role, identity.model)
        (automatic,) = self._link.apply("CONF:AUTO:LOAD OFF", "CONF:AUTO:LOAD?")
        self._check_switch("CONF:AUTO:LOAD", False, automatic)

    def _switch_off(self) -> None:
        """Switch off; a refusal is found although the input may be off anyway."""
        (state,) = self._link.apply("LOAD OFF", "LOAD?")
        self._check_switch("LOAD", False, state)

    def _check_mode(self, family: str, field: str) -> None:
        if not field.upper().startswith(family):
            self._mismatch("MODE", family, field)

    def _read_trips(self, field: str) -> frozenset[str]:
        bits = self._link.to_int("LOAD:PROT?", field)
        trips = frozenset(name for bit, name in _TRIPS.items() if bits >> bit & 1)
        self._tripped[field] = trips
        return trips
