"""The page and the JSON file: whole, alone, honest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from station.campaigns.job import Job, Kind, Played
from station.campaigns.report.assemble import SCHEMA
from station.campaigns.report.bounds import (
    DETECTION_WANTED_PCT,
    FALSE_FAILS_WANTED_PCT,
)
from station.campaigns.report.write import write_report
from tests.station.campaigns.report.made_runs import (
    about,
    entry,
    job,
    limits,
    played,
)

Runs = list[tuple[Job, Played]]


def some_runs() -> Runs:
    """Make a small campaign without an escape."""
    runs = [
        (job(seed=n), played(values={"capacity_ah": 90 + 0.1 * n})) for n in range(20)
    ]
    runs.append((job("a"), played(("over_voltage_trip_v",))))
    drawn = job("drawn_1", kind=Kind.DRAWN)
    runs.append((drawn, played(("capacity_ah",))))
    return runs


def written(folder: Path, runs: Runs) -> tuple[str, dict[str, object]]:
    """Write both files and read them."""
    known = {
        "a": entry("a"),
        "b": entry("b"),
        "c": entry("c", sequence="not_detectable", reason="inside the <cell>"),
    }
    page, data = folder / "report.html", folder / "report.json"
    write_report(iter(runs), about(), known, {"eol": limits()}, html=page, json=data)
    return page.read_text(encoding="utf-8"), json.loads(data.read_text("utf-8"))


def test_the_page_says_that_the_module_is_simulated(tmp_path: Path) -> None:
    """Somebody would take the figures for those of real modules."""
    page, _ = written(tmp_path, some_runs())
    assert "SIMULATED MODULE" in page.split("<h1>")[0]


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    """The page would be empty on a bench without a network."""
    page, _ = written(tmp_path, some_runs())
    links = re.findall(r'(?:src|href)="([^"#]+)"|url\((?!#)|@import|<link', page)
    assert links == []


def test_an_escape_stands_on_top(tmp_path: Path) -> None:
    """A bad module that passed would be buried in a table."""
    calm, _ = written(tmp_path, some_runs())
    assert "Nothing: no escape" in calm
    page, data = written(tmp_path, [*some_runs(), (job("b"), played())])
    assert "Nothing: no escape" not in page
    top = page.split('id="counts"')[0]
    assert "Escapes: bad modules that passed (1)" in top
    assert "Title of b" in top
    tally = data["tally"]
    assert isinstance(tally, dict)
    assert [run["job"]["subject"] for run in tally["escapes"]] == ["b"]


def test_a_false_fail_stands_on_top(tmp_path: Path) -> None:
    """A good module that failed would be buried in a table."""
    bad = (job(seed=77), played(("capacity_ah",)))
    page, _ = written(tmp_path, [*some_runs(), bad])
    assert "False fails: good modules that failed (1)" in page.split('id="counts"')[0]


def test_every_draw_is_listed(tmp_path: Path) -> None:
    """Somebody could draw until the result suits."""
    page, _ = written(tmp_path, some_runs())
    assert "4711" in page.split('id="draws"')[2 - 1]


def test_what_nothing_can_detect_stands_with_its_reason(tmp_path: Path) -> None:
    """A gap would be hidden, or a reason would break the page."""
    page, _ = written(tmp_path, some_runs())
    assert "inside the &lt;cell&gt;" in page


def test_without_a_draw_nothing_is_claimed(tmp_path: Path) -> None:
    """The catalogue would be sold as a bound."""
    runs = [(made, run) for made, run in some_runs() if made.kind is not Kind.DRAWN]
    page, _ = written(tmp_path, runs)
    assert "No bound: this campaign played no defect drawn by seed" in page


def test_without_bad_modules_no_step_is_called_idle(tmp_path: Path) -> None:
    """Every limit would be a candidate to drop after a campaign of healthy modules."""
    page, _ = written(tmp_path, [(job(), played())])
    assert "No bad module was played" in page
    assert "Limits at which no bad module ever failed" not in page


def test_an_empty_campaign_has_a_page(tmp_path: Path) -> None:
    """A campaign that was just begun would end in a traceback."""
    page, data = written(tmp_path, [])
    assert "No healthy module was played" in page
    assert data["schema"] == SCHEMA


def test_pictures_are_well_formed(tmp_path: Path) -> None:
    """A browser would show half a picture."""
    page, _ = written(tmp_path, some_runs())
    pictures = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(pictures) >= 6
    for picture in pictures:
        ElementTree.fromstring(picture)  # noqa: S314  we wrote it


def test_the_json_file_says_what_the_page_says(tmp_path: Path) -> None:
    """A program that reads the report would learn less than a person."""
    _, data = written(tmp_path, some_runs())
    assert data["schema"] == SCHEMA
    needed = {row["name"]: row["need"] for row in data["necessity"]["steps"]}  # type: ignore[index]
    assert needed == {
        "start_up": "not_needed",
        "over_voltage": "needed",
        "capacity": "needed",
    }
    names = {margin["name"] for margin in data["margins"]}  # type: ignore[attr-defined]
    assert "capacity_ah" in names


def test_a_bound_that_is_not_wanted_is_an_alarm(tmp_path: Path) -> None:
    """The page would call a bound good that is below the wanted one."""
    few, _ = written(tmp_path, some_runs())
    assert f"Wanted: {DETECTION_WANTED_PCT:g} %." in few
    assert f"Wanted: {FALSE_FAILS_WANTED_PCT:g} %." in few
    assert '<div class="card alarm"><div class="what">Detection' in few
    many = [
        (job(f"drawn_{n}", kind=Kind.DRAWN), played(("capacity_ah",)))
        for n in range(320)
    ]
    page, _ = written(tmp_path, many)
    assert '<div class="card"><div class="what">Detection' in page


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    """The command could not say in one line what is wrong."""
    with pytest.raises(OSError, match="No such file"):
        written(tmp_path / "missing", some_runs())
