"""The text of one measurement: every form of value and limit can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from phases.results import FAIL, INFO
from station.canonical import plain
from station.results.report import failed_rows, measurement_line
from tests.station.fakes import failing_phase, measured, phase


def line(**changes: Any) -> str:
    """Write a measurement with these changes."""
    return measurement_line(plain(replace(measured(), **changes)))


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ["58.9 (58.88 .. 58.92) V", "limits 58.7 .. 59.1 V", "[manual L1129]"]),
        ({"bound": "at_least", "value": 59.2}, ["at least 59.2 V"]),
        ({"bound": "at_most", "value": 45.5}, ["at most 45.5 V"]),
        ({"low": None}, ["limits <= 59.1 V"]),
        ({"high": None}, ["limits >= 58.7 V"]),
        ({"expect": "blue", "value": "red", "unit": ""}, ["limits = blue"]),
        ({"value": None, "value_low": None}, ["no value"]),
        ({"safety": True}, ["safety limit"]),
        ({"note": "did not\ncome"}, ["(did not come)"]),
    ],
)
def test_line(changes: dict[str, object], parts: list[str]) -> None:
    """A form of value or limit would be shown wrongly."""
    text = line(**changes)
    assert [part for part in parts if part not in text] == []
    assert text.isprintable()


def test_value_without_limits_names_none() -> None:
    """A value for information would seem to be judged."""
    assert "limits" not in line(low=None, high=None, outcome=INFO)


def test_failed_rows_keep_their_order() -> None:
    """The first failure, which explains the rest, would not stand first."""
    first = replace(measured(), name="a", outcome=FAIL)
    phases = [plain(phase(measurements=[first])), plain(failing_phase())]
    assert [row["name"] for row in failed_rows(phases)] == ["a", "over_voltage_trip_v"]
