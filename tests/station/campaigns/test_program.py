"""The program's identity holds every file that a run is made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from station.campaigns.program import (
    ROOT,
    is_unchanged,
    program_hashes,
    read_stamps,
)

ASK = """
import sys
import station.campaigns.catalogue, station.campaigns.jobs, station.campaigns.play
with station.campaigns.play.bare_argv():
    import phases.execute
for name in sorted(sys.modules):
    if name.split(".")[0] in ("station", "phases", "instruments", "limits"):
        print(name)
"""
PLAN = "station/campaigns/plan.py"
"""Its content is in the identity by itself."""


def test_every_module_of_a_run_is_hashed() -> None:
    """A resumed campaign would mix the results of two programs."""
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    names = [name.replace(".", "/") + ".py" for name in done.stdout.split()]
    modules = [name for name in names if (ROOT / name).exists()]
    assert len(modules) > 100
    assert set(modules) - set(program_hashes()) - {PLAN} == set()


def test_file_saved_while_a_campaign_plays_is_noticed(tmp_path: Path) -> None:
    """Data files are read for every run: two programs would share one name."""
    plan = tmp_path / "phases" / "plan.toml"
    plan.parent.mkdir()
    plan.write_text("step = 1\n", encoding="utf-8")
    before = read_stamps(tmp_path)
    assert read_stamps(tmp_path) == before != ()
    plan.write_text("step = 10\n", encoding="utf-8")
    assert read_stamps(tmp_path) != before
    assert is_unchanged()
