"""A campaign that was cut off goes on where it was, with the same program only."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.errors import BadOption
from station.faults.progress_file import ProgressFile, program_fingerprint
from station.faults.result import CaseResult

RESULT = CaseResult(
    name="over_voltage:nominal:hang:on:7",
    sequence="over_voltage",
    kind="hang",
    seam="scpi",
    word="ERROR",
    effects=3,
    detectable=True,
    alive_s=1.25,
    violations=(("(a) bench dead in time", "alive for 4.00 s"),),
    reason="supply: silent",
)


def known(path: Path) -> dict[str, CaseResult]:
    """Read what a file knows."""
    with ProgressFile(path, "one") as file:
        return file.known


def test_result_comes_back_as_it_was(tmp_path: Path) -> None:
    """A campaign taken up again would forget its violations."""
    path = tmp_path / "kept"
    with ProgressFile(path, "one") as file:
        file.keep(RESULT)
    assert known(path) == {RESULT.name: RESULT}


def test_results_of_another_program_do_not_count(tmp_path: Path) -> None:
    """A violation would be mended on paper, or one that is new not seen."""
    path = tmp_path / "kept"
    with ProgressFile(path, "one") as file:
        file.keep(RESULT)
    with ProgressFile(path, "two") as file:
        assert file.known == {}
        file.keep(RESULT)
    assert len(known(path)) == 1


def test_line_that_was_cut_off_is_played_again(tmp_path: Path) -> None:
    """Half a line would end the campaign with a traceback."""
    path = tmp_path / "kept"
    path.write_text("one " + RESULT.line()[:40], encoding="utf-8")
    with ProgressFile(path, "one") as file:
        assert file.known == {}
        file.keep(RESULT)
    assert known(path) == {RESULT.name: RESULT}


def test_unusable_file_is_refused(tmp_path: Path) -> None:
    """Hours of cases would be played and not kept."""
    with pytest.raises(BadOption, match="--resume"):
        ProgressFile(tmp_path, "one")


def test_fingerprint_follows_the_program(tmp_path: Path) -> None:
    """A campaign would go on from results of another station."""
    package = tmp_path / "phases"
    package.mkdir()
    (package / "plan.toml").write_text("a = 1\n", encoding="utf-8")
    before = program_fingerprint(tmp_path)
    (package / "plan.toml").write_text("a = 2\n", encoding="utf-8")
    assert program_fingerprint(tmp_path) != before
