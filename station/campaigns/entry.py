"""One defect of the catalogue, and what each of its grades does to a module.

A graded defect moves a value away from where it should be, in units of its tolerance:
just bad is 1.2 tolerances off, harmless 0.5, clearly bad 3 unless it says otherwise.
Any other defect is simply bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from instruments.sim.defects import Change, DefectFile, Fault
from instruments.sim.parameter_files import Value

JUST_BAD_TOLERANCES = 1.2
HARMLESS_TOLERANCES = 0.5
CLEARLY_BAD_TOLERANCES = 3.0
NOT_DETECTABLE = "not_detectable"

Amount = float
"""A number in the unit of the target that it changes, or in tolerances of it."""


class Grade(StrEnum):
    """How bad a defect is."""

    BAD = "bad"
    CLEARLY_BAD = "clearly_bad"
    JUST_BAD = "just_bad"
    HARMLESS = "harmless"


BAD_GRADES = frozenset({Grade.BAD, Grade.CLEARLY_BAD, Grade.JUST_BAD})


@dataclass(frozen=True, slots=True)
class GradedChange:
    """A value that moves by its tolerance, whose sign says which way.

    With a `nominal` it is set to nominal + k tolerances, whatever was drawn; without
    one k tolerances are added to what was drawn. Unit: the target's own.
    """

    target: str
    tolerance: Amount
    nominal: Amount | None
    clearly_bad: Amount
    file: str

    def at(self, tolerances: float) -> Change:
        """Move the value by so many tolerances."""
        moved = tolerances * self.tolerance
        if self.nominal is None:
            return Change(self.target, "add", moved, self.file)
        return Change(self.target, "set", self.nominal + moved, self.file)


@dataclass(frozen=True, slots=True)
class PlainChange:
    """A value that is wrong without grades; `operation` is set, add or scale."""

    target: str
    operation: str
    amount: Value
    file: str

    def at(self, tolerances: float) -> Change:
        """Change the value; how far off the graded values are does not matter."""
        del tolerances
        return Change(self.target, self.operation, self.amount, self.file)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What went wrong in the factory or the field, and who has to find it.

    Args:
        identity: unique in the catalogue.
        title: what is wrong, for people.
        happened: what went wrong in the factory or the field.
        touches: requirement ids, the manual's alarm rows (AL-01 to AL-12) among them.
        severity: critical, major or minor, as in ISO 2859.
        sequence: which sequence must catch it, or "not_detectable".
        reason: why nothing can detect it; empty where something can.
        steps: the behaviours that are expected to catch it.
        changes, faults: what is different in the simulated module.
        of: the two defects of a pair, by identity; empty for any other.
    """

    identity: str
    title: str
    happened: str
    touches: tuple[str, ...]
    severity: str
    sequence: str
    reason: str
    steps: tuple[str, ...]
    changes: tuple[GradedChange | PlainChange, ...]
    faults: tuple[Fault, ...]
    of: tuple[str, ...] = ()
    file: str = ""

    @property
    def graded(self) -> bool:
        """Tell whether this defect has grades; a pair is two just-bad ones."""
        moved = any(isinstance(change, GradedChange) for change in self.changes)
        return moved and not self.of

    @property
    def detectable(self) -> bool:
        """Tell whether some sequence has to catch it."""
        return self.sequence != NOT_DETECTABLE

    def grades(self) -> tuple[Grade, ...]:
        """List the grades in which this defect exists."""
        if self.graded:
            return (Grade.CLEARLY_BAD, Grade.JUST_BAD, Grade.HARMLESS)
        return (Grade.BAD,)

    def at(self, grade: Grade) -> DefectFile:
        """Write what the simulated module has to be told for one grade."""
        if grade is Grade.CLEARLY_BAD:
            return self._built(
                tuple(
                    change.at(
                        change.clearly_bad
                        if isinstance(change, GradedChange)
                        else CLEARLY_BAD_TOLERANCES
                    )
                    for change in self.changes
                )
            )
        if grade is Grade.HARMLESS:
            return self.at_tolerances(HARMLESS_TOLERANCES)
        return self.at_tolerances(JUST_BAD_TOLERANCES)

    def at_tolerances(self, tolerances: float) -> DefectFile:
        """Write what the module has to be told at so many tolerances."""
        return self._built(tuple(change.at(tolerances) for change in self.changes))

    def _built(self, changes: tuple[Change, ...]) -> DefectFile:
        return DefectFile(self.identity, self.title, changes, self.faults, self.file)
