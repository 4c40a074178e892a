"""When an answer contradicts the truth so far that a second witness must see it."""

from __future__ import annotations

import pytest

from instruments.sim.faults.parting import (
    Parting,
    frame_parting,
    service_parting,
    text_parting,
)
from instruments.wire import weco_service
from instruments.wire.pylon_lv import PylonLv

SAMPLE = "MEAS:VOLT?;:MEAS:CURR?;:STAT:QUES1:COND?;:OUTP?"
TRUE = "5.200000E+01;1.000000E+02;0;1\n"
KEY = weco_service.load_profile().key


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (TRUE, Parting.NOT),
        ("5.350000E+01;1.000000E+02;0;1\n", Parting.NOT),
        ("5.400000E+01;1.000000E+02;0;1\n", Parting.IN_VALUE),
        ("5.200000E+01;1.028000E+02;0;1\n", Parting.NOT),
        ("5.200000E+01;1.040000E+02;0;1\n", Parting.IN_VALUE),
        ("5.200000E+01;1.000000E+02;2048;1\n", Parting.IN_FORM),
        ("5.400000E+01;1.000000E+02;0;0\n", Parting.IN_FORM),
        ("5.200000E+01\n", Parting.IN_FORM),
    ],
)
def test_answers_of_an_instrument(given: str, expected: Parting) -> None:
    """Noise would count as a contradiction, or a frozen meter would not."""
    assert text_parting("supply", SAMPLE, TRUE, given) is expected


def test_shunt_meter_is_compared_in_amperes() -> None:
    """A shunt's millivolts would never differ by 0.6 V."""
    ask = ("shunt_meter", "READ?", "+0.00000000E+00\n")
    assert text_parting(*ask, "+4.00000000E-04\n") is Parting.NOT
    assert text_parting(*ask, "+6.00000000E-04\n") is Parting.IN_VALUE


def words(pack_v: float, soc: int) -> bytes:
    """Encode the reply to a read of the registers 14 to 20."""
    return weco_service.encode_reply(
        (round(pack_v * 100), 0, 65, 65, 3300, 3290, soc), KEY
    )


def test_service_reply_is_compared_where_a_meter_is_a_witness() -> None:
    """A state of charge, which nobody can contradict, would make a fault known."""
    request = weco_service.encode_request(14, 7, KEY)
    assert service_parting(request, words(52.0, 100), words(52.0, 180)) is Parting.NOT
    assert (
        service_parting(request, words(52.0, 100), words(54.0, 100)) is Parting.IN_VALUE
    )
    assert service_parting(request, words(52.0, 100), b"noise") is Parting.IN_FORM


def test_old_frame_is_compared_by_its_values() -> None:
    """A frame from before the current flowed would not be found."""
    codec = PylonLv()
    still = codec.encode_pack(52.0, 0.0, 25.0)
    flowing = codec.encode_pack(52.0, 40.0, 25.0)
    assert frame_parting(0x356, still, still) is Parting.NOT
    assert frame_parting(0x356, flowing, still) is Parting.IN_VALUE
    assert frame_parting(0x356, still, b"") is Parting.IN_FORM
