"""Limit files: every mistake gives one line with file, table and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from limits import Limit, LimitFileError, load_limits

GOOD = """
[over_voltage]
trip_v = { low = 58.7, high = 59.1, unit = "V", source = "manual L1129", \
status = "derived", requirements = ["EL-09"], safety = true, note = "C09" }
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    """Write a limit file."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_file_becomes_limits(tmp_path: Path) -> None:
    """A field of the file would not reach the limit."""
    limits = load_limits(write(tmp_path, GOOD))
    expected = Limit(
        name="over_voltage_trip_v",
        low=58.7,
        high=59.1,
        expect=None,
        unit="V",
        source="manual L1129",
        status="derived",
        requirements=("EL-09",),
        safety=True,
        note="C09",
        behaviour="over_voltage",
    )
    assert {"over_voltage_trip_v": expected} == dict(limits)
    assert limits.name == "mine.toml"
    assert limits.files == ("mine.toml",)


def test_sub_tables_are_the_same_as_inline_tables(tmp_path: Path) -> None:
    """The two ways to write a limit would differ."""
    text = """
    [over_voltage.trip_v]
    low = 58.7
    high = 59.1
    unit = "V"
    source = "manual L1129"
    status = "derived"
    requirements = ["EL-09"]
    safety = true
    note = "C09"
    """
    inline = load_limits(write(tmp_path, GOOD))
    assert inline.sha256 == load_limits(write(tmp_path, text)).sha256


def line(fields: str, key: str = "trip_v") -> str:
    """Write a table with one limit of these fields."""
    return f"[over_voltage]\n{key} = {{ {fields} }}\n"


REST = 'unit = "V", source = "manual L1129", status = "derived"'
MISTAKES = {
    "unknown field": (
        line(f"low = 1, {REST}, lo = 1"),
        "over_voltage.trip_v.lo: unknown key",
    ),
    "unknown top key": ("version = 3\n" + GOOD, "version: unknown key"),
    "unknown table key": ("[over_voltage]\ntrip_v = 3\n", "over_voltage.trip_v: unkno"),
    "no unit": (
        line('low = 1, source = "x", status = "derived"'),
        "over_voltage.trip_v.unit: missing",
    ),
    "no source": (
        line('low = 1, unit = "V", status = "derived"'),
        "over_voltage.trip_v.source: missing",
    ),
    "empty source": (
        line('low = 1, unit = "V", source = " ", status = "derived"'),
        "over_voltage.trip_v.source: must be text",
    ),
    "no status": (
        line('low = 1, unit = "V", source = "x"'),
        "over_voltage.trip_v.status: missing",
    ),
    "bad status": (
        line('low = 1, unit = "V", source = "x", status = "sure"'),
        "over_voltage.trip_v.status: 'sure' is unknown",
    ),
    "bad unit": (
        line('low = 1, unit = "volt", source = "x", status = "derived"'),
        "over_voltage.trip_v.unit: 'volt' is unknown",
    ),
    "unit against name": (
        line('low = 1, unit = "A", source = "x", status = "derived"'),
        "over_voltage.trip_v.unit: 'A' does not fit",
    ),
    "low above high": (
        line(f"low = 2, high = 1, {REST}"),
        "over_voltage.trip_v.low: low 2 > high 1",
    ),
    "nan": (line(f"low = nan, {REST}"), "over_voltage.trip_v.low: nan is not finite"),
    "infinite": (
        line(f"high = inf, {REST}"),
        "over_voltage.trip_v.high: inf is not finite",
    ),
    "text as number": (
        line(f'low = "1", {REST}'),
        "over_voltage.trip_v.low: '1' is no number",
    ),
    "yes as number": (
        line(f"low = true, {REST}"),
        "over_voltage.trip_v.low: True is no number",
    ),
    "no number": (line(REST), "over_voltage.trip_v.low: missing"),
    "range and expect": (
        line(f"low = 1, expect = 1, {REST}"),
        "over_voltage.trip_v.expect: stands beside",
    ),
    "expect a fraction": (
        line(f"expect = 1.5, {REST}"),
        "over_voltage.trip_v.expect: must be a word",
    ),
    "unknown requirement": (
        line(f'low = 1, {REST}, requirements = ["XX-01"]'),
        "over_voltage.trip_v.requirements: unknown requirement 'XX-01'",
    ),
    "requirement twice": (
        line(f'low = 1, {REST}, requirements = ["EL-09", "EL-09"]'),
        "over_voltage.trip_v.requirements: names an id twice",
    ),
    "requirements as text": (
        line(f'low = 1, {REST}, requirements = "EL-09"'),
        "over_voltage.trip_v.requirements: must be a list",
    ),
    "safety as text": (
        line(f'low = 1, {REST}, safety = "yes"'),
        "over_voltage.trip_v.safety: must be true or false",
    ),
    "note as number": (
        line(f"low = 1, {REST}, note = 1"),
        "over_voltage.trip_v.note: must be text",
    ),
    "capital name": (line(f"low = 1, {REST}", "Trip_v"), "over_voltage.Trip_v: names"),
    "duplicate key": (
        GOOD + f"trip_v = {{ low = 1, {REST} }}\n",
        "over_voltage.trip_v: duplicate on line 4",
    ),
    "duplicate table": (GOOD + "[over_voltage]\n", "over_voltage: duplicate on line 4"),
    "duplicate result key": (
        GOOD + f"[over]\nvoltage_trip_v = {{ low = 1, {REST} }}\n",
        "over.voltage_trip_v: duplicate: over_voltage_trip_v",
    ),
    "no toml": ("[over_voltage\n", "line 1: is not TOML"),
    "no value": ("[over_voltage]\ntrip_v =\n", "over_voltage.trip_v: is not TOML"),
    "empty": ("", "file: no limits"),
    "title": ("title = 3\n" + GOOD, "title: must be a line of text"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_is_one_line_with_file_table_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    """A wrong limit file would be used, or refused without saying where."""
    with pytest.raises(LimitFileError) as caught:
        load_limits(write(tmp_path, text))
    assert str(caught.value).startswith(f"mine.toml: {message}")
    assert "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong path would end in a traceback."""
    with pytest.raises(LimitFileError, match=r"none\.toml: file: cannot be read"):
        load_limits(tmp_path / "none.toml")


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """A binary file would end in a traceback."""
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LimitFileError, match=r"mine\.toml: file: is not UTF-8"):
        load_limits(file)
