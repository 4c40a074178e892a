"""Drawing the kills: seeded, spread over the energised part, cables both ways.

And what a campaign says where its own processes fail.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from station.errors import BadOption, Unsure
from station.kills.bench_process import BenchProcess, write_bench_file
from station.kills.campaign import draw_cases, rehearse
from station.kills.case import OUTPUT
from station.kills.kinds import choose_kinds, load_kinds
from station.kills.table import write_table

SPANS = {"": (0.0, 30.0), "supply": (0.0, 15.0), "load": (16.0, 30.0)}


def test_instants_are_seeded_and_spread() -> None:
    """A run could not be repeated, or all kills would fall on one second."""
    kinds = load_kinds()
    cases = draw_cases(kinds, 30, 1, SPANS)
    assert cases == draw_cases(kinds, 30, 1, SPANS)
    assert cases != draw_cases(kinds, 30, 2, SPANS)
    kills = [case.instant_s for case in cases if case.kind.name == "SIGKILL"]
    assert len(kills) == 30
    assert [int(instant_s) for instant_s in kills] == list(range(30))


def test_links_are_cut_while_they_are_needed_and_in_both_ways() -> None:
    """A supply that is off anyway would be cut."""
    cases = draw_cases(load_kinds(), 30, 1, SPANS)
    for role, (begin_s, end_s) in (("supply", (0, 15)), ("load", (16, 30))):
        of_role = [case for case in cases if case.kind.name == role]
        assert {case.cable for case in of_role} == {"cut", "mute"}
        assert all(begin_s <= case.instant_s <= end_s for case in of_role)
    assert len({case.name for case in cases}) == len(cases)


def test_unknown_kind_is_refused() -> None:
    """A typing error would run nothing and end clean."""
    with pytest.raises(BadOption, match="SIGKILL"):
        choose_kinds(["sigkill"], load_kinds())


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("print('no bench'); raise SystemExit(3)", "ended with exit 3.*no bench"),
        ("pass", "did not use supply and load"),
    ],
)
def test_rehearsal_that_proves_nothing_is_one_clear_line(
    does: str, said: str, tmp_path: Path
) -> None:
    """Kills would be drawn from a run that was never energised, or a traceback end."""

    def start(bench_file: Path, folder: Path) -> subprocess.Popen[bytes]:
        with (folder / OUTPUT).open("wb") as output:
            return subprocess.Popen(  # noqa: S603  our own command line
                [sys.executable, "-c", does], stdout=output
            )

    with pytest.raises(Unsure, match=said) as caught:
        rehearse(tmp_path / "rehearsal", start)
    assert "\n" not in str(caught.value)


def test_bench_that_does_not_start_is_one_clear_line(tmp_path: Path) -> None:
    """A dead child would be called a mistake in the bench file, or an internal one."""
    with (
        pytest.raises(Unsure, match="did not start") as caught,
        BenchProcess(tmp_path, 1.0, "--no-such-option"),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_bench_that_is_gone_is_one_clear_line(tmp_path: Path) -> None:
    """A command to a bench that has ended would be an internal error."""
    with pytest.raises(Unsure, match="is not running"):
        BenchProcess(tmp_path, 1.0).command("cut supply")


@pytest.mark.parametrize(
    ("shipped", "where"),
    [("speed = 1.0\n", "port"), ("port = 15020\nspeed = 2.0\n", "speed")],
)
def test_bench_file_without_port_or_speed_is_refused(
    shipped: str, where: str, tmp_path: Path
) -> None:
    """Two benches would share a port, or run at another speed than was asked."""
    file = tmp_path / "shipped.toml"
    file.write_text(shipped, encoding="utf-8")
    with pytest.raises(BenchFileError, match=where):
        write_bench_file(tmp_path / "bench.toml", 4.0, file)


def test_table_names_the_allowed_times_by_source() -> None:
    """Nobody could tell which of the two times holds of which source."""
    head, *rows = write_table(load_kinds(), [])
    assert "allowed (supply / load)" in head
    allowed = {row.split("  ")[0]: row for row in rows}
    assert "3 / 3.5 s" in allowed["killed (SIGKILL)"]
    assert "8 / 8 s" in allowed["CAN adapter"]
    assert "next use" in allowed["link of the LED reader"]
