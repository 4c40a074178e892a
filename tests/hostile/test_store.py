"""Folders that are no store: refused in one line, and nothing is written elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from station.__main__ import main
from station.commands import RunOptions, run_command
from station.errors import StoreUnusable
from station.results.engine import FILE_NAME
from tests.hostile.corpus import check_refusal
from tests.station.fakes import SERIAL, FakeRig


def garbage(store: Path) -> None:
    """Put something else in the place of the database."""
    store.mkdir()
    (store / FILE_NAME).write_bytes(b"GIF89a" + bytes(4096))


def half(store: Path) -> None:
    """Cut the head of a database off."""
    store.mkdir()
    (store / FILE_NAME).write_bytes(b"SQLite format 3\0" + bytes(2))


def without_tables(store: Path) -> None:
    """Make a database that claims our schema and has none of it."""
    store.mkdir()
    with sqlite3.connect(store / FILE_NAME) as database:
        database.execute("PRAGMA user_version=1")
    database.close()


def with_a_view(store: Path) -> None:
    """Make a database whose `runs` would run what its author wrote."""
    store.mkdir()
    with sqlite3.connect(store / FILE_NAME) as database:
        database.execute("CREATE VIEW runs AS SELECT 1 AS run_id")
        database.execute("PRAGMA user_version=1")
    database.close()


def of_the_future(store: Path) -> None:
    """Make a database of a schema that is still to come."""
    store.mkdir()
    with sqlite3.connect(store / FILE_NAME) as database:
        database.execute("PRAGMA user_version=2147483647")
    database.close()


def linked_database(store: Path) -> None:
    """Let the database be a link to a file elsewhere."""
    store.mkdir()
    (store / FILE_NAME).symlink_to(store.parent / "elsewhere.sqlite3")


def linked_runs(store: Path) -> None:
    """Let the folder of the runs be a link to elsewhere."""
    store.mkdir()
    (store.parent / "elsewhere").mkdir()
    (store / "runs").symlink_to(store.parent / "elsewhere")


def runs_file(store: Path) -> None:
    """Let the folder of the runs be a file."""
    store.mkdir()
    (store / "runs").write_text("x")


def database_folder(store: Path) -> None:
    """Let the database be a folder."""
    (store / FILE_NAME).mkdir(parents=True)


STORES: Mapping[str, Callable[[Path], object]] = {
    "a file": lambda store: store.write_text("x"),
    "below a file": lambda store: store.parent.joinpath("store").write_text("x"),
    "a circle of links": lambda store: store.symlink_to(store.name),
    "garbage": garbage,
    "half a database": half,
    "no tables": without_tables,
    "a view for a table": with_a_view,
    "schema of the future": of_the_future,
    "database is a link": linked_database,
    "database is a folder": database_folder,
    "runs is a link": linked_runs,
    "runs is a file": runs_file,
}


@pytest.mark.parametrize("name", STORES)
def test_store_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run would begin without a record, or write where a link leads."""
    store = tmp_path / "store"
    STORES[name](store)
    before = sorted(tmp_path.rglob("elsewhere*"))
    if name == "below a file":
        store = store / "deeper"
    with pytest.raises(StoreUnusable) as caught:
        run_command(RunOptions("eol", SERIAL, store=store), lambda _: FakeRig())
    check_refusal(f"station: {caught.value}\n", says="store")
    assert sorted(tmp_path.rglob("elsewhere*")) == before
    assert main(["show", SERIAL, "--store", str(store)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    check_refusal(said.err)
