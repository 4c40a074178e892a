"""What a phase found: plain values that the station turns into a record.

Outcomes of a measurement: PASS, FAIL, NOT_RUN, NOT_SUPPORTED, READ_ONLY, INFO.
Outcomes of a phase: PASS, FAIL, ERROR, NOT_RUN.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PASS = "PASS"  # noqa: S105  a verdict, not a password
FAIL = "FAIL"
ERROR = "ERROR"
NOT_RUN = "NOT_RUN"
NOT_SUPPORTED = "NOT_SUPPORTED"
READ_ONLY = "READ_ONLY"
INFO = "INFO"

Value = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One judged or reported quantity.

    `value_low`..`value_high` is what the station knows: the bracket between samples
    widened by `uncertainty` (expanded, k = 2) at both ends; the worst edge is judged.
    `bound` is "between", "at_least" (a trip that did not come), "at_most" or "exact".
    `witness` names what measured it besides the module and the device that imposed it.
    """

    name: str
    value: Value
    outcome: str
    value_low: float | None = None
    value_high: float | None = None
    bound: str = "exact"
    uncertainty: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    expect: Value = None
    source: str = ""
    status: str = ""
    witness: str = ""
    requirements: tuple[str, ...] = ()
    safety: bool = False
    note: str = ""


@dataclass(slots=True)
class PhaseResult:
    """One phase as it ran: bench times [s] and its measurements in order."""

    name: str
    start_s: float
    end_s: float = 0.0
    outcome: str = ERROR
    measurements: list[Measurement] = field(default_factory=list)
    requirements: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the display shows while a phase runs; values keep their units in keys."""

    phase: str
    index: int
    phases: int
    bench_s: float
    expected_s: float
    values: dict[str, float | str]
