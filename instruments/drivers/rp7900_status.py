"""Status words of the RP7900: which protections latched, and what regulates.

Source: instruments.md 1.2. A reading is made a hundred thousand times in a run and is
nearly always the same, so each word is decoded once.
"""

from __future__ import annotations

from instruments.scpi import ScpiLink

# STAT:QUES1:COND?. LIM+, LIM- (7, 8) say that a limit regulates and UNR (10) that
# nothing does: conditions, not latched protections.
_TRIPS = {
    0: "over_voltage",
    1: "over_current",
    2: "power_fail",
    3: "positive_power_limit",
    4: "over_temperature",
    5: "negative_power_limit",
    6: "reversed_sense",
    9: "inhibit",
    11: "watchdog",
    12: "excessive_dynamic_power",
}
_CV, _CC, _OFF = 1, 2, 4  # STAT:OPER:COND? bits 0, 1, 2


class SupplyStatus:
    """Decodes the status words of one supply; each only once.

    Args:
        link: its session; it is closed when a word is no number.
    """

    def __init__(self, link: ScpiLink) -> None:
        self._link = link
        self._trips: dict[str, frozenset[str]] = {}
        self._regulations: dict[str, str] = {}

    def trips(self, field: str) -> frozenset[str]:
        """Name the protections that latched, from STAT:QUES1:COND?."""
        found = self._trips.get(field)
        if found is None:
            bits = self._link.to_int("STAT:QUES1:COND?", field)
            found = frozenset(name for bit, name in _TRIPS.items() if bits >> bit & 1)
            self._trips[field] = found
        return found

    def regulation(self, field: str) -> str:
        """Name what regulates ("cv", "cc", "off", "unregulated"), STAT:OPER:COND?."""
        found = self._regulations.get(field)
        if found is None:
            bits = self._link.to_int("STAT:OPER:COND?", field)
            if bits & _OFF:
                found = "off"
            elif bits & _CV:
                found = "cv"
            else:
                found = "cc" if bits & _CC else "unregulated"
            self._regulations[field] = found
        return found
