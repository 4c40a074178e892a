"""The bench file: the shipped one is read, a wrong one is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.bench_file import CAN_PROFILES, SERVICE_PROFILES, load_bench_file
from instruments.errors import BenchFileError
from instruments.wire.pylon_lv import PylonLv
from instruments.wire.weco_service import load_profile

SHIPPED = Path(__file__).parents[2] / "station" / "benches" / "simulated.toml"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """Copy the shipped file with one change."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "bench.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_shipped_file_is_read() -> None:
    """The bench that everybody starts with cannot be opened."""
    config = load_bench_file(SHIPPED)
    assert config.simulated
    assert config.supply.watchdog_s == 2
    assert len(config.resources()) == 7


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("watchdog_s = 2", "watchdgo_s = 2"),
        ("[switchbox]", "[switchbx]"),
        ('kind = "simulated"', 'kind = "pretend"'),
        ("shunt_ohm = 0.0005", 'shunt_ohm = "0.0005"'),
        ("[bench]", "[bench"),
        ("dead_man_s = 2.5", 'dead_man_s = "soon"'),
        ("dead_man_s = 2.5", "dead_man_s = 1.4"),
        ('profile = "pylon-lv"', 'profile = "pylon-hv"'),
        ('profile = "weco-service"', 'profile = "modbus"'),
    ],
)
def test_wrong_file_is_refused_in_one_line(tmp_path: Path, old: str, new: str) -> None:
    """A misspelt key is ignored, or its refusal cannot be read."""
    with pytest.raises(BenchFileError) as caught:
        load_bench_file(changed(tmp_path, old, new))
    assert "\n" not in str(caught.value)
    assert "bench.toml" in str(caught.value)


def test_known_profiles_are_those_that_ship() -> None:
    """A profile is accepted that nobody has, or its own name is refused."""
    assert (PylonLv().profile.name,) == CAN_PROFILES
    assert (load_profile().name,) == SERVICE_PROFILES


def test_make_safe_waits_for_the_slower_of_watchdog_and_dead_man(
    tmp_path: Path,
) -> None:
    """The bench is judged before it had the time to turn itself off."""
    assert load_bench_file(SHIPPED).self_off_s == pytest.approx(2.6)
    fast = changed(tmp_path, "dead_man_s = 2.5", "dead_man_s = 1.5")
    assert load_bench_file(fast).self_off_s == pytest.approx(2.6)
    held = changed(tmp_path, "watchdog_s = 2", "watchdog_s = 1")
    assert load_bench_file(held).self_off_s == pytest.approx(2.6)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("watchdog_s = 2", "watchdog_s = 10", "supply.watchdog_s"),
        ("watchdog_s = 2", "watchdog_s = 0", "supply.watchdog_s"),
        ("dead_man_s = 2.5", "dead_man_s = 4.0", "switchbox.dead_man_s"),
        ("dead_man_s = 2.5", "dead_man_s = nan", "switchbox.dead_man_s"),
        ("gain_pct = 0.05,", "gain_pct = nan,", "shunt_meter.uncertainty.gain_pct"),
        ("offset = 0.003", "offset = -0.003", "module_meter.uncertainty.offset"),
        ("offset = 0.003", "offset = inf", "module_meter.uncertainty.offset"),
        ("offset = 0.08", "offset = -1.0", "supply.read_back.offset"),
        ("shunt_ohm = 0.0005", "shunt_ohm = 0.0", "shunt_meter.shunt_ohm"),
        ("uncertainty_c = 0.4", "uncertainty_c = -1.0", "scan_meter.temperature"),
        ("shunt_ohm = 0.0005", "shunt_ohm = 0.0005\ntimeout_s = 5.0", "shunt_meter.ti"),
        ("dead_man = true", "dead_man = true\ntimeout_s = 0.0", "load.timeout_s"),
        ('url = "bench://service"', 'url = "x"\ntimeout_s = -1.0', "service.timeout_s"),
        ('name = "simulated"', 'name = ""', "bench.name"),
        ('name = "simulated"', 'name = "b\\u001b[31m"', "bench.name"),
        ('name = "simulated"', 'name = "Prüfplatz"', "bench.name"),
        ('name = "simulated"', f'name = "{"b" * 41}"', "bench.name"),
    ],
)
def test_number_out_of_its_range_is_refused(
    tmp_path: Path, old: str, new: str, where: str
) -> None:
    """A bench file would take a protection away, or make every limit hold."""
    with pytest.raises(BenchFileError, match=f"bench.toml: {where}"):
        load_bench_file(changed(tmp_path, old, new))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A missing bench file ends in a traceback."""
    with pytest.raises(BenchFileError):
        load_bench_file(tmp_path / "nowhere.toml")
