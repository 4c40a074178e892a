"""A firmware in C takes the model's place and goes through the same gate."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from station.campaigns.job import Job, Kind
from station.campaigns.play import play
from station.qualify.compare import Comparison
from station.qualify.firmware_file import load_firmware
from station.qualify.gate import Gate, qualify
from station.qualify_command import BASELINE
from station.results.store import Store
from tests.firmware.build import build, firmware_file, needs_compiler
from tests.station.qualify.serial_crew import SerialCrew, plan_of

pytestmark = [pytest.mark.story, needs_compiler]

PROGRAM = {"any.py": "0" * 64}
Qualified = Callable[..., Comparison]


@pytest.fixture
def qualified(tmp_path: Path) -> Qualified:
    """Make a function that builds the small BMS and qualifies it on a sequence."""
    pytest.importorskip("cffi")

    def run(sequence: str, *defines: str) -> Comparison:
        library = build("small_bms.c", tmp_path / "small_bms.so", *defines)
        firmware = load_firmware(firmware_file(library))
        job = Job(Kind.HEALTHY, "healthy", "", sequence, 1, state=sequence)
        store = Store(tmp_path / "store")
        crew = SerialCrew(play)
        gate = Gate(store, PROGRAM, lambda _: nullcontext(crew), lambda: False)
        try:
            found = qualify(
                gate, plan_of(sequence), [job], firmware, load_firmware(BASELINE)
            )
        finally:
            store.close()
        assert found is not None
        return found

    return run


@pytest.mark.parametrize(
    "sequence",
    [
        "over_voltage",
        "under_voltage",
        "over_current",
        "temperature",
        "forced_charge",
    ],
)
def test_small_bms_in_c_passes_what_the_model_passes(
    sequence: str, qualified: Qualified
) -> None:
    """The model could not be replaced by a real firmware."""
    found = qualified(sequence)
    (run,) = found.runs
    assert run.baseline is not None
    assert run.candidate is not None
    assert (run.baseline.outcome, run.candidate.outcome) == ("PASS", "PASS")
    assert [(f.measurement, f.text) for f in found.findings] == []


@pytest.mark.parametrize(
    ("sequence", "define", "measurement"),
    [
        ("over_voltage", "PACK_OVER_VOLTAGE_V=59.4", "over_voltage_trip_v"),
        ("over_current", "CHARGE_TRIP_A=124.0", "over_current_charge_trip_a"),
        ("temperature", "CHARGE_ROW_3_C=0.35", "temperature_charge_row3_up_a"),
        ("forced_charge", "FORCED_WINDOW_S=75.0", "forced_charge_window_s"),
    ],
)
def test_wrong_threshold_compiled_in_is_found(
    sequence: str, define: str, measurement: str, qualified: Qualified
) -> None:
    """A firmware with a wrong threshold would be released."""
    found = qualified(sequence, define)
    (run,) = found.runs
    assert run.candidate is not None
    assert run.candidate.outcome == "FAIL"
    assert measurement in [item.name for item in run.candidate.failed()]
    assert found.changed
