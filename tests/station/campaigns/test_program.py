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
for name, module in sorted(sys.modules.items()):
    if name.split(".")[0] in ("station", "phases", "instruments", "limits"):
        print(module.__file__)
"""


def test_every_module_of_a_run_is_hashed() -> None:
    """A resumed campaign would mix the results of two programs."""
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    files = [line.removeprefix(f"{ROOT}/") for line in done.stdout.splitlines()]
    missing = [
        file
        for file in files
        if file not in program_hashes()
        and not (file.startswith("station/") and file.endswith(("__init__.py",)))
        and file != "station/campaigns/plan.py"
    ]
    assert len(files) > 100
    assert missing == []
