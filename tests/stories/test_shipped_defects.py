"""The nine shipped defects, each on the shortest sequence that can find it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.stories.command_line import DEFECTS, EXIT_FAIL, STATES, Station


@dataclass(frozen=True, slots=True)
class Story:
    """A defect, where to look for it, and what must fail there.

    `also` lists what else the defect truly touches; everything else passes.
    """

    defect: str
    sequence: str
    state: str
    starts: str = ""
    ends: str = ""
    also: tuple[str, ...] = ()

    def finds(self, name: str) -> bool:
        """Tell whether a failed measurement belongs to this defect."""
        own = name.startswith(self.starts) and name.endswith(self.ends)
        return own or name in self.also


STORIES = (
    Story("over_voltage_late", "over_voltage", "over_voltage", "over_voltage_"),
    Story("over_current_missing", "over_current", "over_current", "over_current_"),
    Story(
        "temperature_charge_hot_late",
        "temperature",
        "temperature",
        "temperature_charge_hot_",
    ),
    Story(
        "forced_charge_window_short",
        "forced_charge",
        "forced_charge",
        "forced_charge_",
    ),
    Story(
        "parallel_start_no_voltage_rule",
        "parallel_start",
        "parallel_start",
        "parallel_start_",
    ),
    Story(
        "contactor_welded",
        "ports",
        "agreement",
        "dead_terminals_",
    ),
    Story("current_sensor_gain", "agreement", "agreement", "agreement_current_"),
    Story("capacity_low", "capacity", "capacity", "capacity_"),
    Story("led_page_wrong", "over_voltage", "over_voltage", ends="_led_page"),
)


def test_every_shipped_defect_has_a_story() -> None:
    """A shipped defect that nobody runs may no longer be found."""
    assert {s.defect for s in STORIES} == {f.stem for f in DEFECTS.glob("*.toml")}


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.defect)
def test_defect_fails_its_own_measurements_alone(
    station: Station, story: Story
) -> None:
    """A defect passes, or drags measurements down that it does not touch."""
    finished = station.run(
        story.sequence,
        "--defect",
        str(DEFECTS / f"{story.defect}.toml"),
        "--state",
        str(STATES / f"{story.state}.toml"),
    )
    failed = finished.failed()
    assert finished.code == EXIT_FAIL, finished.err
    assert finished.evidence["outcome"] == "FAIL"
    assert failed
    assert failed[0].startswith(story.starts)
    assert failed[0].endswith(story.ends)
    assert [name for name in failed if not story.finds(name)] == []
    assert finished.evidence["bench_dead"] is True
