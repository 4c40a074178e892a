"""What is done about each requirement that no measurement of the sequence judges."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limits.errors import LimitFileError
from limits.requirements import Requirement

PLAN_FILE = Path(__file__).parent / "requirement_plan.toml"

KINDS = (
    "judged",
    "read_only",
    "operator",
    "document",
    "not_supported",
    "planned",
)
"""How a requirement is met; `judged` is computed from a record, never believed."""

_BENCH_WORDS = ("SIM", "HIL", "NTC", "CAM", "MULTI")
_FIELDS = ("kind", "sequence", "reason", "exception")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the plan file says of one requirement.

    Attributes:
        kind: one of KINDS.
        sequence: which sequence does it: ``eol`` now, or the planned one; may be "".
        reason: why it is not judged, or what judges it.
        exception: why a requirement that a bench could test is left to an operator
            or a document; empty for all others.
    """

    kind: str
    sequence: str
    reason: str
    exception: str = ""


def needs_bench(requirement: Requirement) -> bool:
    """Tell whether the requirement's own text asks for a bench (SIM, HIL, ...)."""
    return any(word in requirement.testable_how for word in _BENCH_WORDS)


def load_plan(
    requirements: Mapping[str, Requirement], path: Path = PLAN_FILE
) -> Mapping[str, Plan]:
    """Load the plan by requirement id, in the order of the requirements.

    Raises:
        LimitFileError: an id is missing or unknown, a kind or field is unknown, a
            reason is missing, a planned one names no sequence, or a requirement that a
            bench could test is left to an operator or a document without an exception.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LimitFileError(path.name, "file", f"cannot be used: {error}") from error
    for item in content:
        if item not in requirements:
            why = "unknown requirement; see requirements.csv"
            raise LimitFileError(path.name, item, why)
    plans: dict[str, Plan] = {}
    for item, requirement in requirements.items():
        if item not in content:
            raise LimitFileError(path.name, item, "missing; say what is done about it")
        plans[item] = _plan(path.name, requirement, content[item])
    return plans


def _plan(file: str, requirement: Requirement, fields: object) -> Plan:
    name = requirement.id
    if not isinstance(fields, dict):
        raise LimitFileError(file, name, "must be a table with kind and reason")
    _refuse_fields(file, name, fields)
    plan = Plan(
        kind=fields["kind"],
        sequence=fields.get("sequence", ""),
        reason=fields["reason"],
        exception=fields.get("exception", ""),
    )
    if plan.kind not in KINDS:
        raise LimitFileError(file, f"{name}.kind", f"one of {', '.join(KINDS)}")
    if plan.kind == "planned" and not plan.sequence:
        raise LimitFileError(file, f"{name}.sequence", "missing; name the sequence")
    left_out = plan.kind in ("operator", "document")
    if left_out and needs_bench(requirement) and not plan.exception:
        why = f"missing; a bench can test it ({requirement.testable_how}); say why not"
        raise LimitFileError(file, f"{name}.exception", why)
    return plan


def _refuse_fields(file: str, name: str, fields: Mapping[str, object]) -> None:
    for field, value in fields.items():
        if field not in _FIELDS:
            raise LimitFileError(file, f"{name}.{field}", "unknown key")
        if not isinstance(value, str) or not value.strip():
            raise LimitFileError(file, f"{name}.{field}", "must be text")
    for field in ("kind", "reason"):
        if field not in fields:
            raise LimitFileError(file, f"{name}.{field}", "missing; write it")
