"""A healthy module through the whole end-of-line test, and what is left of it."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest

from tests.stories.command_line import EXIT_PASS, SERIAL
from tests.stories.conftest import WholeRun

# One process makes the expensive fixture, once (pytest-xdist, --dist=loadgroup).
pytestmark = pytest.mark.xdist_group("whole_run")


def test_a_healthy_module_passes(whole_run: WholeRun) -> None:
    """A healthy module that fails anywhere makes the station useless."""
    finished = whole_run.finished
    assert (finished.code, finished.failed()) == (EXIT_PASS, []), finished.err
    assert finished.evidence["outcome"] == "PASS"
    assert "PASS (simulated)" in finished.out
    assert finished.err == ""


def test_every_measurement_was_judged(whole_run: WholeRun) -> None:
    """A PASS in which something was not run would be worth nothing."""
    found = list(whole_run.finished.measurements())
    assert len(found) > 200
    assert {m["outcome"] for m in found} <= {"PASS", "READ_ONLY", "INFO"}


def test_exactly_four_trips(whole_run: WholeRun) -> None:
    """A fifth trip would lock a real module for half an hour (manual section 11)."""
    assert whole_run.finished.evidence["trips"] == 4


def test_the_record_is_confirmed_in_the_store(whole_run: WholeRun) -> None:
    """A verdict was shown whose record was not read back."""
    record = whole_run.finished.evidence
    with sqlite3.connect(whole_run.station.store / "station.sqlite3") as store:
        stored = store.execute(
            "select e.evidence_sha256, e.record_sha256 = c.record_sha256"
            " from ended e join confirmed c using (run_id) where run_id = ?",
            (record["run_id"],),
        ).fetchall()
    store.close()
    assert stored == [(record["evidence_sha256"], 1)]


def test_attachments_are_what_the_record_says(whole_run: WholeRun) -> None:
    """A trace that changed after the run would still be believed."""
    record = whole_run.finished.evidence
    assert {a["name"] for a in record["attachments"]} == {"vi.csv", "can.log"}
    for attachment in record["attachments"]:
        path = whole_run.station.attachment(record, attachment["name"])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest == attachment["sha256"]


def test_the_run_can_be_shown_again(whole_run: WholeRun) -> None:
    """A stored run that nobody can look at is no record."""
    run_id = whole_run.finished.evidence["run_id"]
    for name in (SERIAL, run_id):
        shown = whole_run.station.show(name)
        assert shown.code == EXIT_PASS, shown.err
        assert run_id in shown.out
        assert "PASS" in shown.out


def test_nothing_is_written_outside_the_store(whole_run: WholeRun) -> None:
    """A run scatters files over the user's home or the working folder."""
    assert whole_run.station.strays() == []
