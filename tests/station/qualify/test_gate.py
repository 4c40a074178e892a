"""The gate: both firmwares on the same modules, each run played once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from station.campaigns.codec import evidence_sha256
from station.campaigns.engine import Crew
from station.campaigns.job import Job, Kind, Played
from station.campaigns.play import play
from station.campaigns.program import fold
from station.campaigns.results_store import list_campaigns
from station.qualify.compare import Comparison, Difference
from station.qualify.firmware_file import FirmwareFile, load_firmware
from station.qualify.gate import Gate, on_firmware, qualify
from station.qualify_command import BASELINE
from station.results.store import Store
from tests.firmware.build import build, firmware_file, needs_compiler
from tests.station.campaigns.fakes import bad, healthy
from tests.station.qualify.serial_crew import SerialCrew, plan_of

PLAN = plan_of("temperature")
PROGRAM = {"any.py": "0" * 64}
SHIPPED = load_firmware(BASELINE)
MODULE = Job(Kind.HEALTHY, "healthy", "", "temperature", 1)
RATE = "module.bms.derating.charge_3.rate_c"

Ask = Callable[..., Comparison | None]


class Asker:
    """Qualifies a firmware with a crew that plays here, on one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.played: list[str] = []
        self.asked_for: list[str] = []
        self.stopped = False

    def ask(
        self,
        jobs: Sequence[Job],
        firmware: FirmwareFile,
        player: Callable[[Job], Played] = play,
    ) -> Comparison | None:
        """Qualify against the shipped model."""
        crew = SerialCrew(player)
        self.asked_for = []

        def make_crew(sha256: str) -> AbstractContextManager[Crew]:
            self.asked_for.append(sha256)
            return nullcontext(crew)

        gate = Gate(self.store, PROGRAM, make_crew, lambda: self.stopped)
        found = qualify(gate, PLAN, jobs, firmware, SHIPPED)
        self.played = crew.submitted
        return found


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    """Make a gate with an empty store."""
    store = Store(tmp_path / "store")
    yield Asker(store)
    store.close()


@pytest.fixture
def with_rate(tmp_path: Path) -> Callable[[float], FirmwareFile]:
    """Make a function that makes a firmware with another row of the table."""

    def make(rate_c: float) -> FirmwareFile:
        file = tmp_path / "firmware.toml"
        file.write_text(
            'id = "row"\ntitle = "One row"\nkind = "python"\n'
            f"[parameters]\n{RATE} = {rate_c}\n"
        )
        return load_firmware(file)

    return make


def cheap(job: Job) -> Played:
    """Play a run at once; all pass."""
    bare = Played(job.key, "PASS", "", [("start_up", "PASS", 1.0)], [], 1.0, "", 0.0)
    return replace(bare, evidence_sha256=evidence_sha256(bare))


def test_one_wrong_row_of_the_derating_table_is_caught(
    asker: Asker, with_rate: Callable[[float], FirmwareFile]
) -> None:
    """A wrong firmware would be released."""
    found = asker.ask([MODULE], with_rate(0.35))
    assert found is not None
    assert found.changed
    kinds = {(item.kind, item.measurement) for item in found.findings}
    assert kinds == {
        (Difference.NEW_FALSE_FAIL, ""),
        (Difference.CHANGED_OUTCOME, "temperature_charge_row3_up_a"),
        (Difference.CHANGED_OUTCOME, "temperature_charge_row3_down_a"),
    }


def test_firmware_that_does_the_same_passes(
    asker: Asker, with_rate: Callable[[float], FirmwareFile]
) -> None:
    """Nothing could ever be released: played anew, the same has to be the same."""
    same = with_rate(0.3)
    found = asker.ask([MODULE], same)
    assert found is not None
    assert asker.played == [MODULE.key, on_firmware(MODULE, same).key]
    (run,) = found.runs
    assert run.baseline is not None
    assert run.candidate is not None
    assert run.baseline.found == run.candidate.found
    assert (found.findings, found.changed, found.unsure) == ([], False, False)


def test_baseline_against_itself_is_played_once(asker: Asker) -> None:
    """The stored campaign of the baseline would be played again each time."""
    jobs = [healthy(seed) for seed in range(3)]
    first = asker.ask(jobs, SHIPPED, cheap)
    assert first is not None
    assert asker.played == [job.key for job in jobs]
    second = asker.ask(jobs, SHIPPED, cheap)
    assert asker.played == []
    assert second is not None
    assert not second.findings


def test_stopped_campaign_says_nothing(asker: Asker) -> None:
    """Half a campaign would be compared."""
    asker.stopped = True
    assert asker.ask([healthy(1)], SHIPPED, cheap) is None


def test_campaigns_of_two_firmwares_are_kept_apart(
    asker: Asker, with_rate: Callable[[float], FirmwareFile]
) -> None:
    """The runs of another firmware would be taken for this one's."""
    jobs = [healthy(1)]
    asker.ask(jobs, with_rate(0.35), cheap)
    asker.ask(jobs, with_rate(0.36), cheap)
    assert asker.played == [on_firmware(jobs[0], with_rate(0.36)).key]


def test_campaigns_that_came_to_their_end_say_so(
    asker: Asker, with_rate: Callable[[float], FirmwareFile]
) -> None:
    """A list would call every qualification one that goes on for ever."""
    asker.ask([healthy(1), healthy(2)], with_rate(0.35), cheap)
    facts = list(list_campaigns(asker.store))
    assert [(item.played, item.planned) for item in facts] == [(2, 2), (2, 2)]
    assert all(item.ended_utc for item in facts)


def test_one_program_plays_both_and_names_their_campaigns(
    asker: Asker, with_rate: Callable[[float], FirmwareFile]
) -> None:
    """A file saved between the two would compare two programs, not two firmwares."""
    asker.ask([healthy(1)], with_rate(0.35), cheap)
    assert asker.asked_for == [fold(PROGRAM)] * 2


@needs_compiler
def test_compiled_firmware_is_spared_the_models_defects(
    asker: Asker, tmp_path: Path
) -> None:
    """A defect that the library does not have would escape on it."""
    pytest.importorskip("cffi")
    library = build("small_bms.c", tmp_path / "small.so")
    firmware = load_firmware(firmware_file(library))
    jobs = [healthy(1), bad("in_the_model")]
    found = asker.ask(jobs, firmware, cheap)
    assert found is not None
    assert [run.job for run in found.runs] == jobs[:1]
    assert found.left_out == jobs[1:]
    ended = {facts.planned: facts for facts in list_campaigns(asker.store)}
    # The library's is whole; the shipped model's still owes its own defect.
    assert (ended[1].played, bool(ended[1].ended_utc)) == (1, True)
    assert (ended[2].played, bool(ended[2].ended_utc)) == (1, False)


@needs_compiler
def test_firmware_that_answers_nonsense_has_no_verdict(
    asker: Asker, tmp_path: Path
) -> None:
    """The station would stop with a traceback, or believe it."""
    pytest.importorskip("cffi")
    library = build("odd_bms.c", tmp_path / "odd.so", "ODD=4")
    found = asker.ask([MODULE], load_firmware(firmware_file(library)))
    assert found is not None
    (item,) = found.findings
    assert item.kind is Difference.NO_VERDICT
    assert "firmware odd.so: contactor is 3; at most 2" in item.text


def test_other_release_passes_with_its_own_image_only(
    asker: Asker, tmp_path: Path
) -> None:
    """An engineer could not release another version, or could release any."""
    module = Job(Kind.HEALTHY, "healthy", "", "identity", 1)
    text = (
        'id = "next"\ntitle = "The next release"\nkind = "python"\n'
        "[parameters]\nmodule.identity.software_version = 373\n"
    )
    bare, own = tmp_path / "bare.toml", tmp_path / "own.toml"
    bare.write_text(text)
    shipped = (Path(__file__).parents[3] / "phases" / "release_image.toml").read_text()
    (tmp_path / "image.toml").write_text(shipped.replace("10 = 372", "10 = 373"))
    own.write_text(text.replace("[parameters]", 'image = "image.toml"\n[parameters]'))
    without = asker.ask([module], load_firmware(bare))
    assert without is not None
    assert "identity_version_words" in {f.measurement for f in without.findings}
    with_image = asker.ask([module], load_firmware(own))
    assert with_image is not None
    assert with_image.findings == []
