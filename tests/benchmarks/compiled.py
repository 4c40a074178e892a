"""Show that compiled runs leave the same evidence, and what they cost.

    python -m tests.benchmarks.compiled [SEED ...]

Plays `eol` interpreted and compiled, each in a process of its own, and compares the
hash over the whole evidence. Exit 1 if one differs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path

from station.compiled.cache import compiled_folder
from station.compiled.restart import CACHE_NAME, compiled_environment

ROOT = Path(__file__).resolve().parents[2]
_SEEDS = ("3", "7", "11")
_PLAY = """
import sys
seed = int(sys.argv.pop())
from station.campaigns.job import Job, Kind
from station.campaigns.play import play
from station.compiled.restart import is_compiled
played = play(Job(Kind.HEALTHY, "healthy", "", "eol", seed))
print(is_compiled(), played.outcome, played.evidence_sha256, played.cpu_s)
"""


def _played(seed: str, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(  # noqa: S603  our own code, by our own interpreter
        [sys.executable, "-c", _PLAY, seed],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def main(seeds: list[str]) -> int:
    """Play each seed both ways; return the exit code."""
    plain = os.environ | {"PYTHONPATH": str(ROOT)}
    cache = user_cache_path(CACHE_NAME) / "compiled"
    compiled = compiled_environment(compiled_folder(cache))
    worst = 0
    for seed in seeds:
        was, one, evidence, plain_s = _played(seed, plain)
        now, other, same, compiled_s = _played(seed, compiled)
        if (was, now) != ("False", "True") or (one, evidence) != (other, same):
            worst = 1
        print(  # noqa: T201  a command line
            f"seed {seed}: {one} {evidence[:16]} interpreted {plain_s} s CPU,"
            f" {other} {same[:16]} compiled {compiled_s} s"
        )
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(_SEEDS)))
