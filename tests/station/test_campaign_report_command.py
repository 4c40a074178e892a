"""`station campaign report`: files are written, and refusals cost one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.__main__ import main
from station.campaigns.job import Job, Kind
from station.campaigns.program import program_hashes
from station.campaigns.results_store import begin_campaign, keep_runs
from station.results.store import Store
from tests.station.campaigns.fakes import healthy, played


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Store a campaign with one escape."""
    folder = tmp_path / "store"
    store = Store(folder)
    begin_campaign(store, "a" * 64, {"name": "fake"}, program_hashes(), 2)
    escape = Job(Kind.DRAWN, "drawn_1", "bad", "eol", 17)
    keep_runs(store, "a" * 64, [(healthy(1), played(healthy(1)))])
    keep_runs(store, "a" * 64, [(escape, played(escape))])
    store.close()
    return folder


def report(folder: Path, *more: str) -> int:
    """Run the command."""
    return main(["campaign", "report", "--store", str(folder), *more])


def test_both_files_are_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A campaign of hours would end without a report."""
    page, data = tmp_path / "a.html", tmp_path / "a.json"
    assert report(folder, "fake", "--html", str(page), "--json", str(data)) == 0
    assert "Escapes: bad modules that passed (1)" in page.read_text(encoding="utf-8")
    assert len(json.loads(data.read_text("utf-8"))["tally"]["escapes"]) == 1
    assert "1 escapes, 0 false fails" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "give --html FILE"),
        (("no_such", "--html", "a.html"), "not in"),
        (("--html", "/no/such/folder/a.html"), "cannot be written"),
    ],
)
def test_refusals_cost_one_line(
    folder: Path,
    more: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong option would end in a traceback."""
    assert report(folder, *more) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1
