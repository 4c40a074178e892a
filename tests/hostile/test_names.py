"""Serial numbers and names of operators: in their form, or refused in one line."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.__main__ import main
from station.commands import RunOptions, run_command
from station.errors import BadOption, Refused, escape, one_line
from station.operator_name import check_operator
from station.output import say
from station.serial_number import load_serial_form
from tests.hostile.corpus import check_refusal, load, text_of
from tests.station.fakes import SERIAL, FakeRig

SERIALS = load("serials")
OPERATORS = load("operators")
REFUSED = [name for name, entry in OPERATORS.items() if not entry.get("shown")]
SHOWN = [name for name, entry in OPERATORS.items() if entry.get("shown")]


def files_below(folder: Path) -> list[Path]:
    """List what is there beside the folder itself."""
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("name", SERIALS)
def test_serial_number_is_refused(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A label would name a file, a query or a colour."""
    monkeypatch.chdir(tmp_path)
    store = str(tmp_path / "store")
    serial = text_of(SERIALS[name])
    assert main(["run", "identity", f"--serial={serial}", "--store", store]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    check_refusal(said.err, says="serial number")
    assert said.err.isascii()
    assert len(said.err) < 200
    assert files_below(tmp_path) == []


@pytest.fixture(scope="module")
def used_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store that holds one run."""
    store = tmp_path_factory.mktemp("used") / "store"
    run_command(RunOptions("eol", SERIAL, store=store), lambda _: FakeRig())
    return store


@pytest.mark.parametrize("name", SERIALS)
def test_serial_number_is_not_found(
    name: str, used_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A search would find what it was not asked for, or write where it looks."""
    before = files_below(used_store.parent)
    line = ["show", "--store", str(used_store), "--", text_of(SERIALS[name])]
    assert main(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    check_refusal(said.err)
    assert files_below(used_store.parent) == before


@pytest.mark.parametrize("name", REFUSED)
def test_operator_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record would name nobody, or write on the screen of whoever reads it."""
    operator = text_of(OPERATORS[name])
    store = str(tmp_path / "store")
    options = ["--serial", SERIAL, "--store", store, f"--operator={operator}"]
    assert main(["run", "identity", *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    check_refusal(said.err, says="operator")
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("name", REFUSED)
def test_whoever_unlocks_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bench would be unlocked by nobody."""
    operator = text_of(OPERATORS[name])
    line = ["bench", "unlock", "b", "--reason", "looked at", f"--operator={operator}"]
    assert main([*line, "--store", str(tmp_path / "store")]) == 2
    check_refusal(capsys.readouterr().err, says="operator")
    assert files_below(tmp_path) == []


def test_bench_of_an_odd_name_is_not_locked(
    used_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that the database does not take would be a traceback."""
    who = ["--operator", "A. Nother", "--reason", "looked at"]
    for entry in SERIALS.values():
        line = ["bench", "unlock", *who, "--store", str(used_store), "--"]
        assert main([*line, text_of(entry)]) == 2
        check_refusal(capsys.readouterr().err, says="bench")


@pytest.mark.parametrize("name", SHOWN)
def test_operator_is_shown_as_written(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person's name would be refused, or read for a command."""
    operator = text_of(OPERATORS[name])
    target = tmp_path / "record.json"
    options = RunOptions(
        "eol", SERIAL, operator=operator, store=tmp_path / "store", record=target
    )
    assert run_command(options, lambda _: FakeRig()) == 0
    assert f"operator {operator}" in capsys.readouterr().out
    assert json.loads(target.read_text())["operator"] == operator


@given(st.text(max_size=120))
def test_no_text_reaches_the_terminal_raw(text: str) -> None:
    """An escape sequence would get through where the corpus has a hole."""
    for shown in (escape(text), one_line(text)):
        assert shown.isprintable()
    assert len(escape(text)) <= 200


@given(st.text(max_size=60))
def test_whatever_passes_for_a_name_is_fit_to_print(text: str) -> None:
    """Some serial number or operator would be accepted that cannot be shown."""
    with suppress(Refused):
        assert load_serial_form().check(text).isascii()
    with suppress(BadOption):
        assert check_operator(text).isprintable()
        assert text.strip() == text != ""


@given(st.text(max_size=200))
def test_what_is_said_has_no_control_characters(text: str) -> None:
    """A report would carry an escape sequence out of a file that somebody sent."""
    out = io.StringIO()
    with redirect_stdout(out):
        say(text)
    assert all(c.isprintable() for c in out.getvalue() if c not in "\n\t")
