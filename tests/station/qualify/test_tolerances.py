"""How far a value may move: shares of its limits, from a data file."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from limits.load import load_limits
from station.qualify.tolerances import load_tolerances
from tests.station.qualify.made import LIMITS, limit

DEFAULT = "[default]\ntwo_sided_share = 0.1\none_sided_share = 0.2\n"


def test_shares_are_of_the_limits(tmp_path: Path) -> None:
    """A tolerance would be the same for volts and for seconds."""
    file = tmp_path / "t.toml"
    file.write_text(DEFAULT + "[measurement]\npage = 3\n")
    found = load_tolerances(file)
    assert found.of(LIMITS["trip_v"], 58.9) == pytest.approx(0.04)
    assert found.of(LIMITS["delay_s"], 1.0) == pytest.approx(0.4)
    assert found.of(limit("a_v", 10.0, None), 100.0) == pytest.approx(20.0)
    assert found.of(LIMITS["page"], 5.0) == 3.0


def test_shipped_file_can_be_used() -> None:
    """Nothing could be compared."""
    exceptions = load_tolerances().exceptions
    assert set(exceptions) <= set(load_limits())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[default]\ntwo_sided_share = 0.1\n",
        DEFAULT + "more = 1\n",
        DEFAULT.replace("0.2", "0"),
        DEFAULT.replace("0.2", "inf"),
        DEFAULT + "[measurement]\na = true\n",
        DEFAULT + "[other]\n",
    ],
)
def test_file_that_cannot_be_used_is_refused(text: str, tmp_path: Path) -> None:
    """A tolerance without a bound would let every change through."""
    file = tmp_path / "t.toml"
    file.write_text(text)
    with pytest.raises(BenchFileError):
        load_tolerances(file)
