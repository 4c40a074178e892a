"""Overlays: only what differs, and no number under another number's source."""

from __future__ import annotations

from pathlib import Path

import pytest

from limits import DEFAULT_FILE, LimitFileError, load_limits

BASE = """
title = "Base"
[over_voltage]
trip_v = { low = 58.7, high = 59.1, unit = "V", source = "manual L1129", \
status = "manual" }
flag = { expect = true, unit = "1", source = "manual L950", status = "manual" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a base file."""
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    return tmp_path


def overlay(folder: Path, text: str) -> Path:
    """Write an overlay over the base file."""
    file = folder / "over.toml"
    file.write_text('extends = "base.toml"\n[over_voltage]\n' + text, encoding="utf-8")
    return file


def test_overlay_changes_one_field_and_keeps_the_rest(folder: Path) -> None:
    """An overlay would have to repeat the whole limit."""
    text = 'trip_v = { high = 59.0, source = "order 12", status = "derived" }\n'
    limits = load_limits(overlay(folder, text))
    trip = limits["over_voltage_trip_v"]
    assert (trip.low, trip.high, trip.unit) == (58.7, 59.0, "V")
    assert (trip.source, trip.status) == ("order 12", "derived")
    assert limits.files == ("base.toml", "over.toml")
    assert limits.name == "over.toml"


def test_number_changed_without_source_loses_the_old_authority(folder: Path) -> None:
    """A changed number would still claim to stand in the manual."""
    limits = load_limits(overlay(folder, "trip_v = { high = 59.0 }\n"))
    trip = limits["over_voltage_trip_v"]
    assert trip.source == "assumed: changed by over.toml; was manual L1129"
    assert trip.status == "provisional"


def test_overlay_that_changes_no_number_keeps_source_and_status(folder: Path) -> None:
    """A note alone would turn a manual's limit into an assumption."""
    limits = load_limits(overlay(folder, 'trip_v = { note = "C09" }\n'))
    trip = limits["over_voltage_trip_v"]
    assert (trip.source, trip.status, trip.note) == ("manual L1129", "manual", "C09")


def test_overlay_turns_a_range_into_an_expected_value_and_back(folder: Path) -> None:
    """The base's range would stand beside the overlay's expected value."""
    text = 'trip_v = { expect = 59, unit = "1", source = "a", status = "derived" }\n'
    assert load_limits(overlay(folder, text))["over_voltage_trip_v"].expect == 59
    text = 'flag = { low = 1, source = "a", status = "derived" }\n'
    flag = load_limits(overlay(folder, text))["over_voltage_flag"]
    assert (flag.low, flag.expect) == (1.0, None)


def test_mistake_names_the_file_that_made_it(folder: Path) -> None:
    """The base file would be blamed for the overlay's mistake."""
    with pytest.raises(LimitFileError, match=r"^over\.toml: over_voltage\.trip_v\.low"):
        load_limits(overlay(folder, "trip_v = { low = 60 }\n"))


def test_overlay_may_extend_a_shipped_file(tmp_path: Path) -> None:
    """A user's overlay would need a copy of the shipped files beside it."""
    file = tmp_path / "mine.toml"
    file.write_text(
        'extends = "eol.toml"\n[capacity]\nah = { low = 87 }\n', encoding="utf-8"
    )
    limits = load_limits(file)
    assert limits["capacity_ah"].low == 87.0
    assert limits.files == ("hesu_4k4_pro.toml", "eol.toml", "mine.toml")
    assert len(load_limits()) == len(limits)


def test_bare_name_finds_a_shipped_file() -> None:
    """`--limits eol.toml` would work in one folder only."""
    assert load_limits(DEFAULT_FILE).sha256 == load_limits(Path("eol.toml")).sha256


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("tripp_v = { high = 59.0 }\n", "over_voltage.tripp_v"),
        ("[over_volt]\ntrip_v = { high = 59.0 }\n", "over_volt.trip_v"),
    ],
)
def test_overlay_changes_only_what_there_is(
    folder: Path, text: str, where: str
) -> None:
    """A misspelt limit would be read, kept, and judge nothing."""
    with pytest.raises(LimitFileError, match=rf"^over\.toml: {where}: is not in"):
        load_limits(overlay(folder, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "mine.toml"', "extends itself"),
        ('extends = "none.toml"', "cannot be read"),
        ("extends = 3", "must be the name"),
        ('extends = ""', "must be the name"),
    ],
)
def test_bad_base_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """A circle of overlays would never end."""
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LimitFileError, match=message):
        load_limits(file)


def test_overlay_adds_a_table_that_it_names(tmp_path: Path) -> None:
    """A sequence could have no limits of its own."""
    file = tmp_path / "more.toml"
    text = 'wait_s = { high = 9, unit = "s", source = "a", status = "derived" }\n'
    file.write_text(f'extends = "eol.toml"\nadds = ["nap"]\n[nap]\n{text}')
    assert load_limits(file)["nap_wait_s"].high == 9.0


@pytest.mark.parametrize(
    ("adds", "message"),
    [
        ('"nap"', "adds: must be a list"),
        ('["capacity"]', "adds: capacity is in the extended file"),
        ('["nap", "rest"]', "adds: rest has no table"),
        ("[]", "nap.wait_s: is not in the extended file"),
    ],
)
def test_wrong_addition_is_refused(tmp_path: Path, adds: str, message: str) -> None:
    """A misspelt table would be judged by nobody."""
    file = tmp_path / "more.toml"
    text = 'wait_s = { high = 9, unit = "s", source = "a", status = "derived" }\n'
    file.write_text(f'extends = "eol.toml"\nadds = {adds}\n[nap]\n{text}')
    with pytest.raises(LimitFileError, match=message):
        load_limits(file)
