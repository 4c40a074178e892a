"""Keysight 34465A multimeter: on the terminals, and across the shunt.

Dialect: instruments.md 1.12. Overload reads 9.9E37 and is refused by the link.
"""

from __future__ import annotations

from instruments.drivers.meter_readings import MeterReadings
from instruments.drivers.scpi_instrument import ScpiInstrument
from instruments.roles import Identity
from instruments.scpi import ScpiLink

_READ = "READ?"
IDN_PATTERN = r"^(Keysight|Agilent) Technologies,344(65|70)A,"


class _DcVoltmeter(ScpiInstrument):
    """A 34465A that is set to DC volts when its session opens."""

    def __init__(self, link: ScpiLink, range_v: float, nplc: float) -> None:
        super().__init__(link)
        self._range_v = range_v
        self._nplc = nplc
        self._readings = MeterReadings(link)

    def _read_v(self) -> float:
        """Trigger one reading and take it [V]."""
        return self._readings.take_one(_READ, self._link.query(_READ))

    def _forget(self) -> None:
        self._readings.forget()

    def _start(self, identity: Identity) -> None:
        nplc, span = self._link.apply(
            f"CONF:VOLT:DC {self._range_v:g};:SENS:VOLT:DC:NPLC {self._nplc:g}",
            "SENS:VOLT:DC:NPLC?",
            "SENS:VOLT:DC:RANG?",
        )
        self._check_number("SENS:VOLT:DC:NPLC", self._nplc, nplc, 1e-3)
        self._check_number("SENS:VOLT:DC:RANG", self._range_v, span, 1e-3)


class Keysight34465a(_DcVoltmeter):
    """The voltage meter role.

    Args:
        link: its session.
        range_v: measuring range [V].
        nplc: integration time [power line cycles].
    """

    def __init__(
        self, link: ScpiLink, *, range_v: float = 100.0, nplc: float = 1.0
    ) -> None:
        super().__init__(link, range_v, nplc)

    def measure_voltage_v(self) -> float:
        """Measure the voltage [V] now."""
        return self._read_v()


class Keysight34465aShunt(_DcVoltmeter):
    """The shunt's meter: current [A] by the voltage across a known resistance.

    Args:
        link: its session.
        shunt_ohm: resistance of the shunt [ohm].
        reversed_leads: the voltage is negative while current flows into the module.
        range_v: measuring range [V].
        nplc: integration time [power line cycles].
    """

    def __init__(
        self,
        link: ScpiLink,
        *,
        shunt_ohm: float,
        reversed_leads: bool = False,
        range_v: float = 0.1,
        nplc: float = 1.0,
    ) -> None:
        super().__init__(link, range_v, nplc)
        if not 0.0 < shunt_ohm < 1.0:
            raise ValueError(f"{self.role}: a shunt of {shunt_ohm} ohm")
        self._amp_per_v = (-1.0 if reversed_leads else 1.0) / shunt_ohm

    def measure_current_a(self) -> float:
        """Measure the current into the module [A, positive = charging] now."""
        return self._read_v() * self._amp_per_v
