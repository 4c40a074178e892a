"""Serial numbers: only the exact form gets in, and a refusal is fit to print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import BadSerial
from station.serial_number import load_serial_form

FORM = load_serial_form()

BAD = [
    "",
    " ",
    "../x",
    "a;b",
    "WE-4K4P-26-47-0001\n",
    " WE-4K4P-26-47-0001",
    "WE-4K4P-26-47-0001 ",
    "we-4k4p-26-47-0001",
    "WE-4K4P-26-47-001",
    "WE-4K4P-26-47-00001",
    "WE-4K4P-26-00-0001",
    "WE-4K4P-26-54-0001",
    "WE-4K4P-٢٦-47-0001",
    "WE-4K4P-26-47-0001/../../x",
    "WE-4K4P-26-47-0001\x00",
    "\x1b[31mWE-4K4P-26-47-0001",
    "\udcff",
    "' OR 1=1 --",
    "x" * 10_000,
    "\n" * 10_000,
]


@pytest.mark.parametrize(
    "serial", ["WE-4K4P-26-47-0001", "WE-4K4P-00-01-0000", "WE-4K4P-99-53-9999"]
)
def test_good_serial_is_kept(serial: str) -> None:
    """A module with a proper label could not be tested."""
    assert FORM.check(serial) == serial


@pytest.mark.parametrize("serial", BAD, ids=range(len(BAD)))
def test_bad_serial_is_refused_in_one_short_line(serial: str) -> None:
    """Anything else would reach file names, reports or the terminal."""
    with pytest.raises(BadSerial) as caught:
        FORM.check(serial)
    line = str(caught.value)
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 200


@given(st.text(max_size=60))
def test_whatever_passes_has_the_form(text: str) -> None:
    """Some text would pass that is not a serial number."""
    try:
        FORM.check(text)
    except BadSerial:
        return
    assert len(text) == 18
    assert set(text) <= set("WEKP-0123456789")
