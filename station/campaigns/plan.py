"""Read a campaign's plan: which defects, grades and healthy modules are played.

A plan is a TOML file; the shipped ones are known by their bare names.
station/campaigns/plans/README.md says how one is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from instruments.errors import BenchFileError
from instruments.toml_file import read_toml
from phases.sequences import sequence_names
from station.campaigns.catalogue import CATALOGUE
from station.campaigns.entry import Grade
from station.errors import BadOption, escape, escape_path

PLANS = Path(__file__).with_name("plans")
_HIGHEST = 2**31 - 1
_MOST = 100_000


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table whose unknown keys are refused."""


class CatalogueShare(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What of the catalogue is played; a `sample` of 0 is all of it.

    `sequences` keeps the defects that one of these has to catch. `alone` names
    sequences of one behaviour: a defect that such a behaviour catches is played in its
    sequence instead of the whole one. `families` are names of catalogue files.
    """

    sequences: tuple[str, ...] = ("eol", "qualification")
    grades: tuple[str, ...] = tuple(Grade)
    runs_per_grade: int = 1
    sample: int = 0
    sample_seed: int = 0
    families: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


class HealthyShare(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Healthy modules: seeds `first_seed`, `first_seed` + 1, and so on."""

    count: int
    first_seed: int
    sequence: str = "eol"


class DrawnShare(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Defects that are drawn by `seed` and stand in no catalogue."""

    count: int
    seed: int


class Plan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a campaign plays; `seed` draws the module of each defect."""

    name: str
    title: str
    seed: int
    catalogue: CatalogueShare | None = None
    healthy: tuple[HealthyShare, ...] = ()
    drawn: DrawnShare | None = None

    def document(self) -> dict[str, Any]:
        """Write the plan as a plain document; equal plans are equal documents."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    def narrowed(self, sequence: str) -> Plan:
        """Keep what one sequence has to catch or pass.

        The draw keeps to the sequences of the catalogue's share: a plan that has none
        gets one of no grade, which plays nothing itself.
        """
        share = self.catalogue
        if share is None and self.drawn is not None:
            share = CatalogueShare(grades=())
        if share is not None:
            share = msgspec.structs.replace(share, sequences=(sequence,))
        healthy = tuple(part for part in self.healthy if part.sequence == sequence)
        return msgspec.structs.replace(self, catalogue=share, healthy=healthy)

    def drawn_with(self, seed: int) -> Plan:
        """Draw with another seed.

        Raises:
            BadOption: the plan draws no defects.
        """
        if self.drawn is None:
            raise BadOption(
                f"plan {escape(self.name)}: draws no defects; leave --draw-seed out"
            )
        drawn = msgspec.structs.replace(self.drawn, seed=seed)
        return msgspec.structs.replace(self, drawn=drawn)


def load_plan(name: str) -> Plan:
    """Load a plan: a shipped one by its name, any other by its path.

    Raises:
        BadOption: no such plan.
        BenchFileError: the file cannot be used.
    """
    shipped = sorted(path.stem for path in PLANS.glob("*.toml"))
    if name in shipped:
        return read_plan(PLANS / f"{name}.toml")
    path = Path(name)
    if not path.exists():
        raise BadOption(
            f"plan {escape_path(path)}: not there; name a file, or one of"
            f" {', '.join(shipped)}"
        )
    return read_plan(path)


def read_plan(path: Path) -> Plan:
    """Read one plan file.

    Raises:
        BenchFileError: not readable, an unknown key, a wrong type, or a number out of
            its range.
    """
    raw = read_toml(path)
    try:
        plan = msgspec.convert(raw, Plan, strict=True)
    except msgspec.ValidationError as cause:
        message, _, where = str(cause).partition(" - at ")
        raise BenchFileError(
            str(path),
            where.strip("`$").lstrip(".") or "top level",
            f"{message}; compare with station/campaigns/plans/full.toml",
        ) from cause
    _check_texts(str(path), plan)
    _check_names(str(path), plan)
    _check_numbers(str(path), plan)
    return plan


def _check_texts(file: str, plan: Plan) -> None:
    for key, text in (("name", plan.name), ("title", plan.title)):
        if not text or not text.isprintable() or len(text) > 200:
            raise BenchFileError(file, key, "write one line of at most 200 characters")
    if plan.catalogue is None and not plan.healthy and plan.drawn is None:
        why = "plays nothing; write [catalogue], [[healthy]] or [drawn]"
        raise BenchFileError(file, "top level", why)


def _check_names(file: str, plan: Plan) -> None:
    """Refuse a name that nobody has: what it means to play would be left out."""
    sequences = sequence_names()
    asked = [("healthy.sequence", part.sequence, sequences) for part in plan.healthy]
    if plan.catalogue is not None:
        share, grades = plan.catalogue, tuple(Grade)
        families = tuple(sorted(path.stem for path in CATALOGUE.glob("*.toml")))
        asked += [("catalogue.grades", name, grades) for name in share.grades]
        asked += [("catalogue.sequences", name, sequences) for name in share.sequences]
        asked += [("catalogue.alone", name, sequences) for name in share.alone]
        asked += [("catalogue.families", name, families) for name in share.families]
    for where, name, known in asked:
        if name not in known:
            why = f"no such name: {escape(name)}; write one of {', '.join(known)}"
            raise BenchFileError(file, where, why)


def _check_numbers(file: str, plan: Plan) -> None:
    numbers = [("seed", plan.seed, 0, _HIGHEST)]
    if plan.catalogue is not None:
        share = plan.catalogue
        numbers += [
            ("catalogue.runs_per_grade", share.runs_per_grade, 1, 1000),
            ("catalogue.sample", share.sample, 0, _MOST),
            ("catalogue.sample_seed", share.sample_seed, 0, _HIGHEST),
        ]
    for part in plan.healthy:
        numbers += [
            ("healthy.count", part.count, 1, _MOST),
            ("healthy.first_seed", part.first_seed, 0, _HIGHEST - _MOST),
        ]
    if plan.drawn is not None:
        numbers += [
            ("drawn.count", plan.drawn.count, 1, _MOST),
            ("drawn.seed", plan.drawn.seed, 0, _HIGHEST),
        ]
    for where, number, least, most in numbers:
        if not least <= number <= most:
            why = f"{number} is out of range; write {least} to {most}"
            raise BenchFileError(file, where, why)
