"""The text of one measurement: every form of value and limit can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from phases.results import FAIL, INFO
from station.canonical import plain
from station.results.report import COLUMNS, failed_rows, measurement_lines
from tests.station.fakes import failing_phase, measured, phase


def line(**changes: Any) -> str:
    """Write a measurement with these changes; its lines joined."""
    lines = measurement_lines(plain(replace(measured(), **changes)), "    PASS      ")
    assert all(len(text) <= COLUMNS for text in lines)
    return " | ".join(lines)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ["58.9 V (58.88 .. 58.92)", "limits 58.7 .. 59.1 V", "; manual L1129"]),
        ({"bound": "at_least", "value": 59.2}, ["at least 59.2 V"]),
        ({"bound": "at_most", "value": 45.5}, ["at most 45.5 V"]),
        ({"low": None}, ["limits <= 59.1 V"]),
        ({"high": None}, ["limits >= 58.7 V"]),
        ({"expect": "blue", "value": "red", "unit": ""}, ["limits = blue"]),
        ({"value": None, "value_low": None}, ["no value"]),
        ({"safety": True}, ["safety limit"]),
        ({"note": "did not\ncome"}, ["; did not come"]),
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


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        (
            {"value": 58.87654321, "uncertainty": 0.01234},
            " 58.877 V (58.880 .. 58.920)",
        ),
        ({"value": 58.87654321, "uncertainty": 1.7}, " 58.9 V ("),
        ({"value": 58.87654321}, " 58.88 V ("),
        ({"value": 0.000137986, "uncertainty": 0.003}, " 0.0001 V ("),
        ({"value": 24213.4}, " 24213 V ("),
        ({"value": 16.0}, " 16 V ("),
    ],
)
def test_number_is_rounded_to_its_uncertainty(
    changes: dict[str, object], part: str
) -> None:
    """Nine digits would promise more than the meters know."""
    assert part in line(**changes)


def test_rounding_does_not_hide_a_failure() -> None:
    """An edge just outside its limit would be shown as lying on it."""
    assert ".. 59.1003)" in line(value=59.05, value_high=59.1003, uncertainty=0.05)


def test_long_source_is_wrapped() -> None:
    """A line would run over the edge of the terminal."""
    assert line(source="manual " * 60, name="n" * 41).count(" | ") > 2


def test_failed_rows_keep_their_order() -> None:
    """The first failure, which explains the rest, would not stand first."""
    first = replace(measured(), name="a", outcome=FAIL)
    phases = [plain(phase(measurements=[first])), plain(failing_phase())]
    assert [row["name"] for row in failed_rows(phases)] == ["a", "over_voltage_trip_v"]
