"""A station with a store of its own for each story, and one whole healthy run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stories.command_line import Finished, Station


@dataclass(frozen=True, slots=True)
class WholeRun:
    """The healthy `eol` run that several stories look at."""

    station: Station
    finished: Finished

    @property
    def vi_path(self) -> Path:
        """Return the V/I trace."""
        return self.station.attachment(self.finished.evidence, "vi.csv")

    @property
    def can_path(self) -> Path:
        """Return the CAN log."""
        return self.station.attachment(self.finished.evidence, "can.log")


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """Make a station with an empty store."""
    return Station(tmp_path / "station")


@pytest.fixture
def write_toml(tmp_path: Path) -> Callable[[str, str], Path]:
    """Make a function that writes a user's TOML file."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    """Test one healthy module from start to finish; most stories look at this one."""
    station = Station(tmp_path_factory.mktemp("whole"))
    return WholeRun(station, station.run("eol"))
