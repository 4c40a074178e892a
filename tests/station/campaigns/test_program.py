"""The program's identity holds every file that a run is made of."""

from __future__ import annotations

import subprocess
import sys

from station.campaigns.program import ROOT, program_hashes

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
