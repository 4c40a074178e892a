"""The CAN codec: frames made by hand, public captures, and what it must refuse."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.wire.errors import FrameError
from instruments.wire.pylon_lv import PylonLv
from tests.instruments.wire.vectors import load_vectors

NONE: frozenset[str] = frozenset()
FLAGS = (
    "over_voltage",
    "under_voltage",
    "over_temperature",
    "under_temperature",
    "discharge_over_current",
    "charge_over_current",
    "system_error",
)
CODEC = PylonLv()


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (CODEC.encode_limits(54.5, 65.0, 70.0, 49.5), "21028A02BC02EF01"),
        (CODEC.encode_soc(48, 99), "30006300"),
        (CODEC.encode_pack(52.2, -12.3, 24.1), "641485FFF100"),
        (CODEC.encode_flags(NONE, NONE, 1), "0000000001504E"),
        (CODEC.encode_flags(frozenset({"over_voltage"}), NONE, 1), "0200000001504E"),
        (
            CODEC.encode_flags(
                frozenset({"charge_over_current", "system_error"}),
                frozenset({"discharge_over_current"}),
                3,
            ),
            "0009800003504E",
        ),
        (CODEC.encode_flags(frozenset(FLAGS), frozenset(FLAGS), 8), "9E099E0908504E"),
        (CODEC.encode_enables(True, True, False, False, False), "C000"),
        (CODEC.encode_enables(True, False, True, False, False), "A000"),
        (CODEC.encode_enables(False, False, False, True, True), "1800"),
        (CODEC.encode_maker("WeCo"), "5765436F20202020"),
    ],
)
def test_frames_match_those_made_by_hand(frame: bytes, expected: str) -> None:
    """Encoder and decoder could share one mistake."""
    assert frame.hex().upper() == expected


def test_frames_decode_to_canonical_names() -> None:
    """Phases and limit files know no other names."""
    assert CODEC.decode(0x351, bytes.fromhex("21028A02BC02EF01")) == {
        "charge_voltage_limit_v": 54.5,
        "charge_current_limit_a": 65.0,
        "discharge_current_limit_a": 70.0,
        "discharge_voltage_limit_v": 49.5,
    }
    assert CODEC.decode(0x356, bytes.fromhex("641485FFF100")) == {
        "pack_voltage_v": 52.2,
        "pack_current_a": -12.3,
        "temperature_c": 24.1,
    }
    assert CODEC.decode(0x359, bytes.fromhex("0009800003504E")) == {
        "protections": {"charge_over_current", "system_error"},
        "warnings": {"discharge_over_current"},
        "modules_online": 3,
    }
    assert CODEC.decode(0x35C, bytes.fromhex("A000")) == {
        "charge_enabled": True,
        "discharge_enabled": False,
        "force_charge": True,
        "force_charge_2": False,
        "full_charge_request": False,
    }
    assert CODEC.decode(0x35E, b"WeCo\0\0\0\0") == {"maker": "WeCo"}


@given(
    st.integers(0, 6000),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.integers(0, 6000),
)
def test_limits_survive_the_wire(
    volt: int, charge: int, discharge: int, low: int
) -> None:
    """A limit would be rounded on the way."""
    asked = (volt / 10, charge / 10, discharge / 10, low / 10)
    values = CODEC.decode(0x351, CODEC.encode_limits(*asked))
    assert tuple(values.values()) == asked


@given(st.sets(st.sampled_from(FLAGS)), st.sets(st.sampled_from(FLAGS)))
def test_flags_survive_the_wire(protections: set[str], warnings: set[str]) -> None:
    """A protection would be reported as a warning, or as its neighbour."""
    frame = CODEC.encode_flags(frozenset(protections), frozenset(warnings), 1)
    values = CODEC.decode(0x359, frame)
    assert (values["protections"], values["warnings"]) == (protections, warnings)


def test_shorter_and_longer_public_forms_are_accepted() -> None:
    """Real senders differ in length."""
    six = CODEC.decode(0x351, bytes.fromhex("21028A02BC02"))
    assert "discharge_voltage_limit_v" not in six
    assert CODEC.decode(0x351, bytes.fromhex("21028A0244FD"))[
        "discharge_current_limit_a"
    ] == pytest.approx(70.0)  # some senders negate it
    assert CODEC.decode(0x355, bytes.fromhex("3000630000000000"))["soc_pct"] == 48
    assert (
        CODEC.decode(0x356, bytes.fromhex("641485FFF1000000"))["temperature_c"] == 24.1
    )
    assert CODEC.decode(0x359, bytes.fromhex("00000000010000FF"))["modules_online"] == 1
    assert CODEC.decode(0x35C, b"\xc0")["charge_enabled"] is True


@pytest.mark.parametrize(
    ("can_id", "data"),
    [
        (0x350, "00"),  # not in the profile
        (0x356, "641485FFF1"),  # a byte short
        (0x356, "641485FFF1000001"),  # something after the last field
        (0x351, "21028A02BC02EF0100"),  # a byte too many
        (0x359, "0100000001504E"),  # a flag that nobody described
        (0x359, "0000000001414E"),  # another marker
        (0x35C, "C100"),  # a bit that nobody described
        (0x355, "FFFF6300"),  # the mark of "not available"
        (0x356, "0080000000" + "00"),  # the mark of "not available", signed
        (0x35E, "5765436F0D202020"),  # not printable
        (0x35E, "57C3B6"),
    ],
)
def test_what_could_not_be_encoded_again_is_refused(can_id: int, data: str) -> None:
    """A frame of another dialect would be read as this one."""
    with pytest.raises(FrameError):
        CODEC.decode(can_id, bytes.fromhex(data))


def test_values_that_do_not_fit_are_refused() -> None:
    """A clamped limit would be a different limit."""
    for encode in (
        lambda: CODEC.encode_limits(54.5, -1.0, 70.0, 49.5),
        lambda: CODEC.encode_limits(54.5, 65.0, 4000.0, 49.5),
        lambda: CODEC.encode_pack(math.nan, 0.0, 0.0),
        lambda: CODEC.encode_pack(math.inf, 0.0, 0.0),
        lambda: CODEC.encode_pack(400.0, 0.0, 0.0),
        lambda: CODEC.encode_flags(frozenset({"sunspots"}), NONE, 1),
        lambda: CODEC.encode_flags(NONE, NONE, 256),
        lambda: CODEC.encode_maker("nine char"),
        lambda: CODEC.encode_maker("é"),
    ):
        with pytest.raises(FrameError):
            encode()


def test_repeated_frames_are_decoded_once() -> None:
    """A run has 60,000 frames; decoding each would cost a second."""
    first = CODEC.decode(0x356, bytes.fromhex("641485FFF100"))
    assert CODEC.decode(0x356, bytes.fromhex("641485FFF100")) is first


def test_the_profile_covers_its_own_dbc() -> None:
    """A message would be described and never watched."""
    assert set(CODEC.periods_s) == {0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E}
    assert set(CODEC.profile.flags["protections"]) == set(FLAGS)
    assert set(CODEC.profile.flags["warnings"]) == set(FLAGS)
    assert CODEC.profile.bitrate == 500_000


def test_public_captures_decode_as_published() -> None:
    """Our reading of the layout would be ours alone."""
    names = {
        "charge_voltage_V": "charge_voltage_limit_v",
        "charge_current_limit_A": "charge_current_limit_a",
        "discharge_current_limit_A": "discharge_current_limit_a",
        "discharge_voltage_V": "discharge_voltage_limit_v",
        "soc_pct": "soc_pct",
        "soh_pct": "soh_pct",
        "voltage_V": "pack_voltage_v",
        "current_A": "pack_current_a",
        "temperature_C": "temperature_c",
        "modules": "modules_online",
        "charge_enable": "charge_enabled",
        "discharge_enable": "discharge_enabled",
        "manufacturer": "maker",
    }
    checked = 0
    for vector in load_vectors("can"):
        can_id = int(vector["can_id"], 16)
        if vector["dialect"] != "pylon_v12" or not CODEC.knows(can_id):
            continue
        values = CODEC.decode(can_id, bytes.fromhex(vector["data"]))
        for published, canonical in names.items():
            if published in vector["decoded"]:
                expected = vector["decoded"][published]
                if canonical == "discharge_current_limit_a":
                    expected = abs(expected)
                assert values[canonical] == expected, vector["id"]
                checked += 1
    assert checked > 60
