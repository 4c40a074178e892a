"""The shipped limits: sources that can be looked up, names that other code uses."""

from __future__ import annotations

import re

import pytest

from limits import Limit, load_limits

EOL = load_limits()
ROWS = {"charge": 6, "discharge": 6}
CUT_OFFS = ("charge_hot", "charge_cold", "discharge_hot", "discharge_cold")
PROTECTIONS = (
    "over_voltage",
    "under_voltage",
    "over_current_charge",
    "over_current_discharge",
    *(f"temperature_{name}" for name in CUT_OFFS),
)
EVERY_PROTECTION = (
    "delay_s",
    "contactor_open",
    "residual_a",
    "flag",
    "flag_delay_s",
    "led_page",
    "register",
)


@pytest.mark.parametrize("limit", EOL.values(), ids=EOL.keys())
def test_source_fits_the_status(limit: Limit) -> None:
    """A limit would claim the manual's authority without a line to look up."""
    if limit.status == "manual":
        assert re.search(r"manual L\d+", limit.source)
    if limit.status == "derived":
        assert re.search(r"manual L\d+|test-plan", limit.source)
    if limit.status == "provisional":
        assert re.search(r"assumed: |test-plan|manual L\d+", limit.source)


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_every_protection_has_the_whole_set(protection: str) -> None:
    """A protection step would pass without its flag, page or contactor being judged."""
    for key in EVERY_PROTECTION:
        assert f"{protection}_{key}" in EOL


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("over_voltage_trip_v", 58.7, 59.1),
        ("over_voltage_cell_trip_v", 3.72, 3.78),
        ("over_voltage_delay_s", None, 2.0),
        ("under_voltage_trip_v", 45.8, 46.2),
        ("under_voltage_delay_s", None, 3.0),
        ("over_current_charge_trip_a", 112.0, 124.0),
        ("over_current_discharge_trip_a", 112.0, 124.0),
        ("over_current_charge_delay_s", None, 3.0),
        ("temperature_charge_hot_trip_c", 53.0, 57.0),
        ("temperature_discharge_cold_trip_c", -22.0, -18.0),
        ("temperature_charge_hot_delay_s", None, 10.0),
    ],
)
def test_trip_table_of_the_plan_is_kept(
    name: str, low: float | None, high: float | None
) -> None:
    """A slip of the pen in the file would move a protection's limit."""
    limit = EOL[name]
    assert (low, high) == (limit.low, limit.high)
    assert limit.safety


def test_every_table_row_is_judged_both_ways() -> None:
    """A row of the derating table could be left out."""
    for way, count in ROWS.items():
        for row in range(1, count + 1):
            for direction in ("up", "down"):
                assert f"temperature_{way}_row{row}_{direction}_a" in EOL


def test_safety_limits_cover_every_trip_and_every_dead_terminal() -> None:
    """A failed protection would be shown as a matter of quality."""
    names = [name for name in EOL if name.endswith(("_contactor_open", "_residual_a"))]
    names += ["dead_terminals_v", "dead_terminals_end_v", "off_state_v", "bench_dead_v"]
    assert all(EOL[name].safety for name in names)


def test_cold_charge_row_says_which_reading_was_taken() -> None:
    """The manual's contradiction would be settled without a word."""
    for direction in ("up", "down"):
        limit = EOL[f"temperature_charge_row1_{direction}_a"]
        assert "C01" in limit.note
        assert limit.judge(0.0, 0.0)
        assert limit.judge(8.6, 8.6)
        assert not limit.judge(17.2, 17.2)
