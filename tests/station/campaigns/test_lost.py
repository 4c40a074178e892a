"""A run that nobody could play stays in every count: of run, show and report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.__main__ import main
from station.campaigns.bound_lines import bound_lines
from station.campaigns.campaign import run_campaign
from station.campaigns.catalogue import load_catalogue
from station.campaigns.job import Job
from station.campaigns.jobs import list_jobs
from station.campaigns.lost import job_from_key, load_lost
from station.campaigns.plan import DrawnShare, Plan
from station.campaigns.results_store import begin_campaign, keep_loss
from station.errors import EXIT_ERROR, RecordDamaged
from station.results.store import Store
from tests.station.campaigns.fakes import FakeCrew, bad, healthy, played

TEN = Plan(name="ten", title="Ten", seed=1, drawn=DrawnShare(count=10, seed=3))
ID = "a" * 64


def test_run_show_and_report_state_one_bound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect that kills its worker would leave the stated bound, and improve it."""
    killer = list_jobs(TEN, load_catalogue())[4]

    @contextmanager
    def crew(sha256: str) -> Iterator[FakeCrew]:
        del sha256
        yield FakeCrew(lambda job: played(job, "FAIL"), poison=[killer])

    store = Store(tmp_path / "store")
    (said,) = bound_lines(run_campaign(TEN, store, crew, lambda: False).tally)
    store.close()
    assert "9 of 10 detected; at least 60.58 %" in said
    assert main(["campaign", "show", "--store", str(tmp_path / "store")]) == EXIT_ERROR
    shown = capsys.readouterr()
    assert said in shown.out
    assert f"error: {killer.key}: every worker that played it died" in shown.out
    assert "missing" not in shown.err
    file = tmp_path / "report.json"
    line = ["campaign", "report", "--store", str(tmp_path / "store"), "--json"]
    assert main([*line, str(file)]) == 0
    report = json.loads(file.read_text("utf-8"))
    detection = report["tally"]["detection"]
    assert (detection["count"], detection["runs"]) == (9, 10)
    assert detection["bound_pct"] == pytest.approx(60.58, abs=0.01)
    (draw,) = report["about"]["draws"]
    assert (draw["played"], draw["detected"], draw["errors"]) == (10, 9, 1)
    (warning,) = report["about"]["warnings"]
    assert warning.startswith(f"Not played: {killer.key}: ")


@pytest.mark.parametrize("job", [healthy(3), bad("a"), bad("a", "harmless")])
def test_key_says_what_counting_needs(job: Job) -> None:
    """A lost run would count among runs of another kind."""
    found = job_from_key(job.key)
    assert (found.kind, found.subject, found.grade) == (
        job.kind,
        job.subject,
        job.grade,
    )
    assert (found.sequence, found.seed) == (job.sequence, job.seed)


def test_lost_run_is_an_error_until_it_was_played(store: Store) -> None:
    """A loss would be forgotten, or count beside the run's own result."""
    begin_campaign(store, ID, {"name": "fake"}, {}, 1)
    keep_loss(store, ID, bad("a").key, "its workers died")
    ((job, result),) = load_lost(store, ID)
    assert job.is_bad
    assert (result.key, result.outcome) == (bad("a").key, "ERROR")
    assert result.reason == "its workers died"
    begun = [step for step, outcome, _ in result.steps if outcome != "NOT_RUN"]
    assert result.steps
    assert begun == []


def test_loss_that_names_no_run_is_damage(store: Store) -> None:
    """A rotten disk would end in a traceback."""
    begin_campaign(store, ID, {"name": "fake"}, {}, 1)
    keep_loss(store, ID, "eol/catalogue", "its workers died")
    with pytest.raises(RecordDamaged, match="is no key of a run"):
        list(load_lost(store, ID))
