"""The register table: scales, signs, and the words that make a value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.wire.errors import FrameError
from instruments.wire.weco_registers import Register, RegisterTable, load_profile

PROFILE = load_profile()
TABLE = PROFILE.table()


@pytest.mark.parametrize(
    ("name", "address", "raw", "value"),
    [
        ("pack_voltage_v", 14, 5220, 52.2),
        ("pack_current_a", 15, 0x10000 - 4300, 43.0),
        ("pack_current_a", 15, 4300, -43.0),
        ("temperature_max_c", 16, 65, 25.0),
        ("temperature_min_c", 17, 15, -25.0),
        ("cell_max_v", 18, 3270, 3.27),
        ("soc_pct", 20, 120, 48.0),
        ("factory_capacity_ah", 21, 86, 86.0),
        ("cell_01_v", 23, 3265, 3.265),
        ("cell_16_v", 38, 3265, 3.265),
        ("io_bits", 71, 0x110, 272.0),
        ("charge_over_current_count", 75, 4, 4.0),
        ("system_charge_current_limit_a", 203, 650, 65.0),
        ("system_current_a", 205, 0x10000 - 430, 43.0),
        ("system_soc_pct", 206, 250, 100.0),
        ("forced_time_s", 208, 900, 90.0),
    ],
)
def test_values_and_raw_words_agree(
    name: str, address: int, raw: int, value: float
) -> None:
    """A scale or a sign would be wrong on both sides alike."""
    assert TABLE[name].address == address
    assert TABLE.decode(name, raw) == value
    assert TABLE.encode(name, value) == raw


@given(st.sampled_from(sorted(TABLE)), st.integers(0, 0xFFFF))
def test_every_word_survives(name: str, raw: int) -> None:
    """A threshold would change by being read."""
    assert TABLE.encode(name, TABLE.decode(name, raw)) == raw


@given(st.lists(st.integers(0, 0xFFFF), min_size=32, max_size=32))
def test_a_block_decodes_as_its_registers_do(words: list[int]) -> None:
    """The quick way and the plain way would disagree about a sign."""
    for name, value in TABLE.decode_words(7, words).items():
        assert value == TABLE.decode(name, words[TABLE[name].address - 7])


def test_two_word_values_go_high_word_first() -> None:
    """Ninety seconds would be half a million."""
    assert TABLE.encode_words("forced_time_s", 6553.6) == (1, 0)
    assert TABLE.decode_words(203, [0, 0, 0, 0, 0, 1, 0])["forced_time_s"] == 6553.6


def test_a_field_that_is_cut_off_is_not_decoded() -> None:
    """Half a value is another value."""
    assert "forced_time_s" not in TABLE.decode_words(203, [0] * 6)


def test_what_does_not_fit_is_refused() -> None:
    """A clamped value would be sent as the truth."""
    for name, value in (
        ("pack_voltage_v", -0.01),
        ("pack_voltage_v", 655.36),
        ("pack_current_a", 400.0),
        ("temperature_min_c", -41.0),
        ("soc_pct", math.nan),
        ("soc_pct", math.inf),
    ):
        with pytest.raises(FrameError):
            TABLE.encode(name, value)


def test_bits_have_names() -> None:
    """A closed contactor would be read as a digital input."""
    states = TABLE.bits("io_bits", 0x10 | 0x40 | 0x100)
    assert [bit for bit, on in states.items() if on] == [
        "charge_contactor",
        "discharge_contactor",
        "magnetic_latch_charge",
    ]
    assert TABLE.from_bits("slaves_online", slave_1=True, slave_3=True) == 5
    assert TABLE.from_bits("slaves_online", pack_voltage_imbalance=True) == 0x8000
    with pytest.raises(FrameError):
        TABLE.from_bits("io_bits", di3=True)


def test_two_names_for_one_register_are_refused() -> None:
    """The second would overwrite the first in the simulated module."""
    twice = Register(address=14, provenance="named")
    with pytest.raises(FrameError, match="14 is taken"):
        RegisterTable({"a": twice, "b": twice})


def test_blocks_lie_inside_what_was_ever_read() -> None:
    """A longer read than any seen may fail on the real module."""
    for start, count in PROFILE.blocks.values():
        assert count <= PROFILE.max_count
        assert TABLE.decode_words(start, [0] * count)


def test_every_register_of_the_plan_is_there() -> None:
    """Phases ask for these by name."""
    judged = {7, 8, *range(14, 21), *range(23, 39), 71, 74, 75, 76, 79}
    compared = {9, 10, 11, *range(51, 71)}
    assert judged | compared <= {field.address for field in TABLE.values()}
