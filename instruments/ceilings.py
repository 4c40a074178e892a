"""The ceilings that no phase may pass, checked at every sample."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.errors import CeilingExceeded


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What the station allows before it stops by itself.

    A little inside the ceilings of the test plan (59.5 V, 132 A, cells 2.30 to 3.80 V,
    50 °C), by the meters' uncertainty and the reaction time. Source: test-plan.md.
    """

    voltage_v: float = 59.4
    current_a: float = 130.0
    cell_high_v: float = 3.795
    cell_low_v: float = 2.32
    case_c: float = 48.0

    def check(self, module_v: float, current_a: float) -> None:
        """Compare terminal voltage [V] and current [A] with the ceilings.

        Raises:
            CeilingExceeded: the run must end and the bench be made safe.
        """
        if module_v > self.voltage_v:
            raise _exceeded("terminal voltage", module_v, self.voltage_v, "V")
        if not -self.current_a < current_a < self.current_a:
            raise _exceeded("current", abs(current_a), self.current_a, "A")

    def check_cells(self, highest_v: float, lowest_v: float) -> None:
        """Compare the highest and the lowest cell [V] with the ceilings."""
        if highest_v > self.cell_high_v:
            raise _exceeded("highest cell", highest_v, self.cell_high_v, "V")
        if lowest_v < self.cell_low_v:
            raise _exceeded("lowest cell", lowest_v, self.cell_low_v, "V")

    def check_case(self, case_c: float) -> None:
        """Compare the case temperature [°C] with the ceiling."""
        if case_c > self.case_c:
            raise _exceeded("case temperature", case_c, self.case_c, "°C")


def _exceeded(what: str, value: float, ceiling: float, unit: str) -> CeilingExceeded:
    return CeilingExceeded(
        "bench",
        f"{what} {value:.2f} {unit} is past the ceiling of {ceiling:g} {unit}",
        "the bench was made safe; inspect the module before it is tested again",
    )
