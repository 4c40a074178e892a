"""The requirements as data: all of them, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from limits import LimitFileError
from limits.requirements import load_requirements

HEADER = "id,section,text,figures,kind,testable_how,contradiction\n"


def test_all_rows_are_loaded() -> None:
    """A requirement could fall out of the file unnoticed."""
    found = load_requirements()
    assert len(found) == 156
    assert found["EL-22"].figures == "0 V"
    assert found["EL-22"].contradiction == "C24"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A-01,s,t,f,k,h,c\nA-01,s,t,f,k,h,c\n", "A-01: stands twice"),
        ("A-01,s,t\n", "row 2: has 3 of 7 columns"),
        ("A-01,s,t,f,k,h,c,more\n", "row 2: other columns"),
    ],
)
def test_bad_row_is_named(tmp_path: Path, rows: str, message: str) -> None:
    """A broken row would silently lose a requirement."""
    file = tmp_path / "rows.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(LimitFileError, match=message):
        load_requirements(file)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A missing file would end in a traceback."""
    with pytest.raises(LimitFileError, match="cannot be read"):
        load_requirements(tmp_path / "none.csv")
