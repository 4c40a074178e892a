"""The plan for the requirements: complete, and no quiet exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from limits import LimitFileError, load_limits
from limits.load import shipped_file
from limits.requirement_plan import load_plan, needs_bench
from limits.requirements import Requirement, load_requirements

REQUIREMENTS = load_requirements()
PLANS = load_plan(REQUIREMENTS)
LIMITS = load_limits(shipped_file("qualification"))

ONE = Requirement("EL-01", "s", "t", "f", "limit", "SIM: a test", "")


def write(folder: Path, text: str) -> Path:
    """Write a plan file."""
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_requirement_has_a_plan() -> None:
    """A requirement would be neither tested nor explained."""
    assert list(PLANS) == list(REQUIREMENTS)


def test_what_is_called_judged_is_named_by_a_limit() -> None:
    """The plan would claim what no measurement of the sequence can prove."""
    named = {item for limit in LIMITS.values() for item in limit.requirements}
    claimed = {item for item, plan in PLANS.items() if plan.kind == "judged"}
    answered = {item for item, plan in PLANS.items() if plan.kind == "operator"}
    assert claimed - named == set()
    assert named - claimed - answered == {"PT-01"}


def test_plan_names_the_tables_that_judge_a_requirement() -> None:
    """A reader would look for the measurement in the wrong step."""
    tables: dict[str, dict[str, None]] = {}
    for limit in LIMITS.values():
        for item in limit.requirements:
            tables.setdefault(item, {})[limit.behaviour] = None
    wrong = {
        item: plan.reason
        for item, plan in PLANS.items()
        if plan.kind == "judged"
        and plan.reason != f"measured in {', '.join(tables[item])}"
    }
    assert wrong == {}


def test_bench_rows_are_not_left_to_people_without_a_reason() -> None:
    """What a bench could test would be signed on paper instead."""
    left = [
        item
        for item, plan in PLANS.items()
        if plan.kind in ("operator", "document") and needs_bench(REQUIREMENTS[item])
    ]
    assert left == ["EL-01"]
    assert all(PLANS[item].exception for item in left)


@pytest.mark.parametrize(
    ("testable_how", "expected"),
    [
        ("SIM: x", True),
        ("HIL: x", True),
        ("NTC/SIM", True),
        ("CAM/SIM", True),
        ("MULTI/SIM", True),
        ("OPR: x", False),
        ("DOC", False),
    ],
)
def test_bench_words_are_found(testable_how: str, expected: bool) -> None:
    """The rule about exceptions would not see the row."""
    row = Requirement("X-01", "", "", "", "", testable_how, "")
    assert needs_bench(row) == expected


GOOD = {"EL-01": 'kind = "planned", sequence = "rma", reason = "x"'}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "EL-01: missing"),
        ({**GOOD, "XX-01": GOOD["EL-01"]}, "XX-01: unknown requirement"),
        ({"EL-01": 'kind = "sure", reason = "x"'}, "EL-01.kind: one of"),
        ({"EL-01": 'kind = "judged"'}, "EL-01.reason: missing"),
        ({"EL-01": 'reason = "x"'}, "EL-01.kind: missing"),
        ({"EL-01": 'kind = "planned", reason = "x"'}, "EL-01.sequence: missing"),
        ({"EL-01": 'kind = "document", reason = "x"'}, "EL-01.exception: missing"),
        ({"EL-01": 'kind = "operator", reason = "x"'}, "EL-01.exception: missing"),
        ({"EL-01": 'kind = "judged", reason = ""'}, "EL-01.reason: must be text"),
        ({"EL-01": 'kind = "judged", reason = "x", why = "y"'}, "EL-01.why: unknown"),
    ],
)
def test_mistake_is_named(
    tmp_path: Path, rows: Mapping[str, str], message: str
) -> None:
    """A gap in the plan would pass for coverage."""
    text = "".join(f"{item} = {{ {fields} }}\n" for item, fields in rows.items())
    with pytest.raises(LimitFileError, match=message):
        load_plan({"EL-01": ONE}, write(tmp_path, text))


@pytest.mark.parametrize("text", ["EL-01 = 3\n", "EL-01 = {\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    """A broken plan file would end in a traceback."""
    with pytest.raises(LimitFileError, match=r"plan\.toml"):
        load_plan({"EL-01": ONE}, write(tmp_path, text))


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A missing plan file would end in a traceback."""
    with pytest.raises(LimitFileError, match="cannot be used"):
        load_plan({"EL-01": ONE}, tmp_path / "none.toml")
