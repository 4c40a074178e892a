"""What is refused: one clear line, nothing energised, nothing written elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.command_line import (
    EXIT_ERROR,
    EXIT_REFUSED,
    PROJECT,
    Finished,
    Station,
    is_one_line,
)

WriteToml = Callable[[str, str], Path]

BAD_SERIALS = {
    "path": "../x",
    "shell": "a;b",
    "long": "W" * 10_000,
    "escape": "WE-4K4P-26-47-0001\x1b[2J",
    "newline": "WE-4K4P-26-47-0001\n",
    "bell": "\x07",
    "tab": "WE-4K4P-26-47-0001\t",
    "empty": "",
    "other_digits": "WE-4K4P-26-47-\u0660\u0660\u0660\u0661",
}
LONGEST_LINE = 400


def assert_refused(station: Station, finished: Finished, code: int) -> None:
    """Check exit code, message, and that nothing happened at all."""
    assert finished.code == code, finished.err
    assert is_one_line(finished.err)
    assert len(finished.err) < LONGEST_LINE
    assert finished.err.removesuffix("\n").isprintable()
    assert station.strays() == []
    assert station.energising_events() == []


def assert_no_record(station: Station) -> None:
    """Check that no run was begun."""
    assert list(station.store.glob("runs/*")) == []


@pytest.mark.parametrize("kind", BAD_SERIALS)
def test_bad_serial(station: Station, kind: str) -> None:
    """A serial number that is none ends up in a path, a terminal or a query."""
    finished = station.run("identity", serial=BAD_SERIALS[kind])
    assert_refused(station, finished, EXIT_REFUSED)
    assert "serial" in finished.err
    assert_no_record(station)


@pytest.mark.parametrize(
    "option", ["--bench", "--limits", "--defect", "--state"], ids=lambda o: o[2:]
)
def test_missing_file(station: Station, option: str) -> None:
    """A file that is not there is met with a traceback, or with a default."""
    finished = station.run("identity", option, "not_there.toml")
    assert_refused(station, finished, EXIT_REFUSED)
    assert "not_there.toml" in finished.err
    assert_no_record(station)


def unknown_bench_key() -> str:
    """Write the shipped bench file with one key more."""
    shipped = PROJECT / "station" / "benches" / "simulated.toml"
    text = shipped.read_text(encoding="utf-8")
    return text.replace("[supply]", "[supply]\nwatchdog_ms = 2000", 1)


UNKNOWN_KEYS = {
    "bench": (unknown_bench_key, "watchdog_ms"),
    "limits": (
        lambda: 'extends = "hesu_4k4_pro.toml"\n[over_voltage.trip_v]\nlimit = 1.0\n',
        "limit",
    ),
    "defect": (lambda: 'id = "x"\ntitle = "x"\nfaults = 1\n', "faults"),
    "state": (lambda: "soc = 50.0\n", "soc"),
}


@pytest.mark.parametrize("kind", UNKNOWN_KEYS)
def test_unknown_key(station: Station, write_toml: WriteToml, kind: str) -> None:
    """A misspelt key is dropped, and the run is not what its user meant."""
    text, key = UNKNOWN_KEYS[kind]
    path = write_toml(f"misspelt_{kind}.toml", text())
    finished = station.run("identity", f"--{kind}", str(path))
    assert_refused(station, finished, EXIT_REFUSED)
    assert path.name in finished.err
    assert key in finished.err
    assert_no_record(station)


SUPPLY_FAULTS = ("absent", "silent", "wrong_model", "no_watchdog")


@pytest.mark.parametrize("fault", SUPPLY_FAULTS)
def test_supply_that_cannot_be_trusted(
    station: Station, write_toml: WriteToml, fault: str
) -> None:
    """The bench is energised by a supply that is not there, another, or unguarded."""
    text = f'id = "{fault}"\ntitle = "{fault}"\n\n[[fault]]\ntarget = "supply"\n'
    path = write_toml(f"{fault}.toml", text + f'name = "{fault}"\n')
    finished = station.run("agreement", "--defect", str(path))
    assert_refused(station, finished, EXIT_ERROR)
    assert "supply" in finished.err
    assert finished.evidence["outcome"] == "ERROR"


def test_unknown_sequence(station: Station) -> None:
    """A sequence that does not exist leaves a record behind."""
    finished = station.run("end_of_line")
    assert_refused(station, finished, EXIT_REFUSED)
    assert "eol" in finished.err
    assert_no_record(station)


def test_unknown_target_of_a_defect(station: Station, write_toml: WriteToml) -> None:
    """A defect that changes nothing makes a healthy module look well tested."""
    text = 'id = "x"\ntitle = "x"\n[[change]]\ntarget = "module.nothing"\nset = 1\n'
    path = write_toml("nothing.toml", text)
    finished = station.run("identity", "--defect", str(path))
    assert_refused(station, finished, EXIT_REFUSED)
    assert "module.nothing" in finished.err
    assert_no_record(station)
