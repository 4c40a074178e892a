"""`station campaign`: list and show of what the store holds, and refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.__main__ import main
from station.campaigns.results_store import begin_campaign, keep_runs
from station.errors import EXIT_ERROR, EXIT_FAIL, EXIT_PASS, EXIT_REFUSED
from station.results.store import Store
from tests.station.campaigns.fakes import healthy, played

ID = "abcdef" + "0" * 58
PLAN = {"name": "mine", "title": "A plan"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a store with a campaign of two runs."""
    store = Store(tmp_path / "store")
    begin_campaign(store, ID, PLAN, {}, 2)
    keep_runs(store, ID, [(healthy(s), played(healthy(s))) for s in (1, 2)])
    store.close()
    return tmp_path / "store"


def test_campaign_is_listed_and_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody would find what a campaign of last week found."""
    assert main(["campaign", "list", "--store", str(folder)]) == EXIT_PASS
    assert "abcdef000000\tmine\t2\t2\t" in capsys.readouterr().out
    assert main(["campaign", "show", "abcdef", "--store", str(folder)]) == EXIT_PASS
    out = capsys.readouterr().out
    assert "healthy\t2\t0\t0\t2\t0\t0" in out
    assert "0 of 2 failed" in out


def test_incomplete_campaign_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a campaign without an escape would read as a whole one."""
    store = Store(folder)
    begin_campaign(store, "b" * 64, PLAN, {}, 5)
    keep_runs(store, "b" * 64, [(healthy(1), played(healthy(1)))])
    store.close()
    assert main(["campaign", "show", "--store", str(folder)]) == EXIT_ERROR
    assert "4 of 5 runs are missing" in capsys.readouterr().err


def test_false_fail_decides_the_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gate would let a release through that fails good modules."""
    store = Store(folder)
    keep_runs(store, ID, [(healthy(3), played(healthy(3), "FAIL", "start_up_s"))])
    store.close()
    assert main(["campaign", "show", "--store", str(folder)]) == EXIT_FAIL
    assert f"false failed: {healthy(3).key}: start_up_s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["show", "nosuch"], "campaign nosuch: not in"),
        (["run", "nosuch"], "plan nosuch: not there"),
        (["run", "sample", "--draw-seed", "3"], "draws no defects"),
        (["run", "sample", "--sequence", "eoll"], "nothing fits it"),
        (
            ["run", "sample", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"],
            "--workers: the workers of --scheduler are its own",
        ),
    ],
)
def test_wrong_order_is_refused_in_one_line(
    folder: Path,
    arguments: list[str],
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A slip would end in a traceback."""
    code = main(["campaign", *arguments, "--store", str(folder)])
    assert code == EXIT_REFUSED
    said = capsys.readouterr().err
    assert why in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", [["run", "--help"], ["campaign", "list", "--help"]])
def test_a_run_does_not_pay_for_campaigns(command: list[str]) -> None:
    """Every run on the line would wait for libraries that it does not use."""
    ask = (
        "import sys; from station.__main__ import main\n"
        f"main({command!r})\n"
        "print([m for m in ('dask', 'distributed', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
