"""Plan files: strict, one line for each mistake, and options that narrow them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from station.campaigns.catalogue import load_catalogue
from station.campaigns.jobs import list_jobs
from station.campaigns.plan import PLANS, load_plan, read_plan
from station.errors import BadOption

HEAD = 'name = "mine"\ntitle = "A plan"\nseed = 3\n'
HEALTHY = '[[healthy]]\nsequence = "eol"\ncount = 2\nfirst_seed = 7\n'
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Make a function that writes a plan file."""

    def write_plan(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_plan


@pytest.mark.parametrize("name", sorted(path.stem for path in PLANS.glob("*.toml")))
def test_shipped_plan_is_known_by_its_name(name: str) -> None:
    """The command in the README would be refused."""
    assert load_plan(name).name == name


def test_full_plan_carries_the_stated_bounds() -> None:
    """The release's figures would rest on too few runs."""
    plan = load_plan("full")
    assert plan.drawn is not None
    assert plan.drawn.count >= 320
    assert sum(part.count for part in plan.healthy) >= 1500
    assert plan.catalogue is not None
    assert plan.catalogue.sample == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD, "plays nothing"),
        ("seed = 1\n" + HEALTHY, "name"),
        (HEAD + HEALTHY + "extra = 1\n", "extra"),
        (HEAD.replace("3", "-1") + HEALTHY, "-1 is out of range"),
        (HEAD.replace("3", '"3"') + HEALTHY, "seed"),
        (HEAD + HEALTHY.replace("2", "0"), "healthy.count: 0 is out of range"),
        (HEAD + "[catalogue]\ngrades = ['worse']\n", "no such name: worse"),
        (HEAD + "[catalogue]\nsample = -1\n", "catalogue.sample"),
        (
            HEAD + "[catalogue]\nsequences = ['eol', 'eoll']\n",
            "catalogue.sequences: no such name: eoll",
        ),
        (
            HEAD + "[catalogue]\nalone = ['over_curent']\n",
            "catalogue.alone: no such name: over_curent",
        ),
        (
            HEAD + "[catalogue]\nfamilies = ['cells', 'cell']\n",
            "catalogue.families: no such name: cell;",
        ),
        (
            HEAD + HEALTHY.replace('"eol"', '"eoll"'),
            "healthy.sequence: no such name: eoll",
        ),
        (HEAD + "[drawn]\ncount = 1\n", "seed"),
        (HEAD.replace("A plan", "") + HEALTHY, "title"),
        ("name = ", "is not TOML"),
    ],
)
def test_wrong_plan_is_refused_in_one_line(write: Write, text: str, why: str) -> None:
    """A slip would play another campaign than the one that was meant."""
    with pytest.raises(BenchFileError) as caught:
        read_plan(write(text))
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_plan_that_is_not_there_names_those_that_are() -> None:
    """Nobody would find the shipped plans."""
    with pytest.raises(BadOption, match=r"not there; name a file, or one of full, rel"):
        load_plan("fulll")


def test_sequence_narrows_every_share(write: Write) -> None:
    """`--sequence eol` would play hours of another sequence, too."""
    other = HEALTHY.replace('"eol"', '"qualification"')
    plan = read_plan(write(HEAD + HEALTHY + other + "[catalogue]\n")).narrowed("eol")
    assert [part.sequence for part in plan.healthy] == ["eol"]
    assert plan.catalogue is not None
    assert plan.catalogue.sequences == ("eol",)


def test_sequence_narrows_a_plan_that_only_draws(write: Write) -> None:
    """`--sequence qualification` would play every drawn defect of `eol`, too."""
    draw = "[drawn]\ncount = 40\nseed = 1\n"
    whole = read_plan(write(HEAD + draw))
    eol = list_jobs(whole.narrowed("eol"), load_catalogue())
    assert {job.sequence for job in eol} == {"eol"}
    drawn = list_jobs(whole, load_catalogue())
    assert [job for job in drawn if job.sequence == "eol"] == eol != drawn


def test_draw_seed_is_part_of_the_plan(write: Write) -> None:
    """A second draw would be taken for the first one."""
    plan = read_plan(write(HEAD + "[drawn]\ncount = 5\nseed = 1\n"))
    assert plan.drawn_with(9).document() != plan.document()
    with pytest.raises(BadOption, match="draws no defects"):
        read_plan(write(HEAD + HEALTHY)).drawn_with(9)
