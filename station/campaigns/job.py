"""What a campaign plays: one run of one module, and the name it has in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from instruments.sim.defects import DefectFile
from station.qualify.firmware_file import FirmwareFile

Bracket = tuple[float | None, float | None]


class Kind(StrEnum):
    """Why a run is played."""

    CATALOGUE = "catalogue"
    DRAWN = "drawn"
    HEALTHY = "healthy"


@dataclass(frozen=True, slots=True)
class Job:
    """One run that a campaign owes.

    Args:
        kind: catalogue defect, drawn defect or healthy module.
        subject: identity of the defect, or "healthy".
        grade: the defect's grade; empty for a healthy module.
        sequence: which sequence is played.
        seed: draws the module and the bench; None is the nominal one.
        defects: what is wrong with the simulated module.
        steps: the behaviours expected to catch it.
        state: name of the state file in which the module starts; empty is as drawn.
        firmware: what runs in the module; None is the shipped model.
    """

    kind: Kind
    subject: str
    grade: str
    sequence: str
    seed: int | None
    defects: tuple[DefectFile, ...] = ()
    steps: tuple[str, ...] = ()
    state: str = ""
    firmware: FirmwareFile | None = None

    @property
    def key(self) -> str:
        """Name this run within its campaign; the same run has the same name."""
        if self.firmware is None:
            return self.question
        return f"{self.question}/{self.firmware.key}"

    @property
    def question(self) -> str:
        """Name what is asked of the module, whatever firmware runs in it."""
        names = [self.sequence, self.kind, self.subject, self.grade or "-"]
        names.append(f"{self.seed}")
        if self.state:
            names.append(self.state)
        return "/".join(names)

    @property
    def is_bad(self) -> bool:
        """Tell whether a PASS of this run is an escape."""
        return self.kind is not Kind.HEALTHY and self.grade != "harmless"


@dataclass(frozen=True, slots=True)
class Found:
    """One measurement of a played run, as little of it as the report needs.

    `value` is low and high edge of what was known, or the value itself as text.
    """

    step: str
    name: str
    outcome: str
    low: float | None
    high: float | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one job: verdict, reason, steps with their bench time, findings.

    `evidence_sha256` covers all of it: played again, it is the same.
    `cpu_s` is the processor time of the worker and no part of the evidence.
    """

    key: str
    outcome: str
    reason: str
    steps: Sequence[tuple[str, str, float]]
    found: Sequence[Found]
    bench_s: float
    evidence_sha256: str
    cpu_s: float

    def failed(self) -> tuple[Found, ...]:
        """List the measurements that failed, in their order."""
        return tuple(item for item in self.found if item.outcome == "FAIL")


LimitTable = Mapping[str, Mapping[str, Any]]
