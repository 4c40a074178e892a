"""The display that is lost: the run, its record and its exit code are not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from phases.results import PhaseResult, Progress
from station.lossy_display import LossyDisplay
from station.results.store import Store
from tests.station.fakes import SERIAL, phase

PROJECT = Path(__file__).parents[2]
PROGRESS = Progress("a", 0, 1, 0.0, 1.0, {})


class Breaking:
    """A display whose terminal is gone."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.told = 0

    def on_phase(self, phase: PhaseResult) -> None:
        """Fail."""
        del phase
        self.told += 1
        raise self.error

    def on_progress(self, progress: Progress) -> None:
        """Fail."""
        del progress
        self.told += 1
        raise self.error

    def close(self) -> None:
        """Fail."""
        self.told += 1
        raise self.error


def same(display: Breaking) -> Breaking:
    """Make the display that is there already."""
    return display


TELLS: tuple[Callable[[LossyDisplay], None], ...] = (
    lambda display: display.on_phase(phase()),
    lambda display: display.on_progress(PROGRESS),
    lambda display: display.close(),
)


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), ValueError("closed file"), SystemExit(1)]
)
def test_lost_display_is_asked_once_only(error: BaseException) -> None:
    """A closed terminal would end a run with the module energised."""
    for tell in TELLS:
        inner = Breaking(error)
        display = LossyDisplay(partial(same, inner))
        tell(display)
        tell(display)
        assert inner.told == 1


def test_display_that_cannot_begin_is_done_without() -> None:
    """A terminal that is gone already would keep the run from starting."""

    def make() -> Breaking:
        raise OSError(5, "gone")

    display = LossyDisplay(make)
    display.on_phase(phase())
    display.close()


@pytest.mark.parametrize("ending", ["| head -n 1", ">&-", ">/dev/full", ">&- 2>&-"])
def test_exit_code_and_record_outlive_stdout(tmp_path: Path, ending: str) -> None:
    """A closed stdout would turn a FAIL into another word, or lose a phase."""
    defect = tmp_path / "d.toml"
    defect.write_text(
        'id="m"\ntitle="m"\n[[change]]\ntarget="module.can.maker"\nset="OTHER"\n'
    )
    command = (
        f"set -o pipefail; {sys.executable} -m station run identity --serial {SERIAL}"
        f" --no-trace --store {tmp_path}/store --defect {defect} {ending}"
    )
    done = subprocess.run(  # noqa: S603  our own command line
        ["/bin/bash", "-c", command],
        cwd=PROJECT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == b""
    store = Store(tmp_path / "store")
    try:
        assert len(list((tmp_path / "store" / "runs").iterdir())) == 1
    finally:
        store.close()
