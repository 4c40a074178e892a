"""`station limits`: what a user sees, and the exit code."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from limits import load_limits
from station.errors import EXIT_REFUSED
from station.limits_commands import limits_app

RUN = CliRunner()


def mine(folder: Path, text: str) -> str:
    """Write an overlay over the end-of-line limits."""
    file = folder / "mine.toml"
    file.write_text(f'extends = "eol.toml"\n{text}', encoding="utf-8")
    return str(file)


def test_show_lists_every_limit_with_its_source() -> None:
    """A limit would be used that nobody can look up."""
    result = RUN.invoke(limits_app, ["show"])
    assert result.exit_code == 0
    for limit in load_limits().values():
        assert f"{limit.name}\t{limit}\t{limit.status}" in result.stdout
        assert limit.source in result.stdout


def test_show_of_one_table_lists_that_table_only() -> None:
    """The option would be ignored."""
    result = RUN.invoke(limits_app, ["show", "--table", "shipping"])
    assert result.exit_code == 0
    assert "shipping_soc_pct\t45 .. 50 %" in result.stdout
    assert "over_voltage" not in result.stdout


def test_show_of_an_unknown_table_is_refused() -> None:
    """A slip would show an empty table."""
    result = RUN.invoke(limits_app, ["show", "--table", "shiping"])
    assert result.exit_code == EXIT_REFUSED
    assert result.stderr.startswith("station: eol.toml: shiping: no such table")


def test_check_of_a_good_file_says_what_it_holds(tmp_path: Path) -> None:
    """A user could not tell which numbers were checked."""
    file = mine(tmp_path, "[capacity]\nah = { low = 87 }\n")
    result = RUN.invoke(limits_app, ["check", file])
    assert result.exit_code == 0
    assert "mine.toml: " in result.stdout
    assert "hesu_4k4_pro.toml + eol.toml + mine.toml" in result.stdout
    assert load_limits(Path(file)).sha256 in result.stdout


def test_check_of_a_bad_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    """A mistake would be a traceback, or pass."""
    file = mine(tmp_path, "[capacity]\nah = { low = 87, hihg = 99 }\n")
    result = RUN.invoke(limits_app, ["check", file])
    assert result.exit_code == EXIT_REFUSED
    assert result.stdout == ""
    assert result.stderr.startswith("station: mine.toml: capacity.ah.hihg: unknown key")
    assert result.stderr.count("\n") == 1


def test_diff_lists_what_differs(tmp_path: Path) -> None:
    """A tightened limit would go unnoticed in a review."""
    text = "[capacity]\nah = { low = 87 }\n"
    result = RUN.invoke(limits_app, ["diff", "eol.toml", mine(tmp_path, text)])
    assert result.exit_code == 0
    assert "capacity_ah\tlow\t86.0\t87.0" in result.stdout
    assert "capacity_ah\tstatus\tmanual\tprovisional" in result.stdout
    assert "capacity_energy_wh" not in result.stdout


def test_diff_lists_a_limit_that_only_one_file_has(tmp_path: Path) -> None:
    """A limit that was taken out would go unnoticed in a review."""
    file = tmp_path / "own.toml"
    fields = 'low = 1, unit = "A", source = "x", status = "derived"'
    file.write_text(f"[extra]\na = {{ {fields} }}\n", encoding="utf-8")
    result = RUN.invoke(limits_app, ["diff", "eol.toml", str(file)])
    assert "extra_a\tlimit\t\t>= 1 A" in result.stdout
    assert "capacity_ah\tlimit\t" in result.stdout


def test_diff_shows_what_the_other_file_lacks(tmp_path: Path) -> None:
    """A limit that was taken out would go unnoticed."""
    file = tmp_path / "small.toml"
    file.write_text(
        '[extra]\na = { low = 1, unit = "A", source = "x", status = "derived" }\n',
        encoding="utf-8",
    )
    result = RUN.invoke(limits_app, ["diff", "eol.toml", str(file)])
    assert "capacity_ah\tlimit\t>= 86 Ah\t\n" in result.stdout


def test_diff_of_equal_files_says_so() -> None:
    """Silence could mean that nothing was compared."""
    result = RUN.invoke(limits_app, ["diff", "eol.toml", "eol.toml"])
    assert result.stdout == "eol.toml and eol.toml: no difference\n"
