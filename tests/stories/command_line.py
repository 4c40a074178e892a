"""The station as a user meets it: process, exit code, files and record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
DEFECTS = PROJECT / "station" / "defects"
STATES = PROJECT / "station" / "states"
SERIAL = "WE-4K4P-26-47-0001"
LONGEST_S = 120.0

EXIT_PASS, EXIT_FAIL, EXIT_REFUSED, EXIT_ERROR, EXIT_ABORTED = 0, 1, 2, 3, 4

ENERGISING_EVENTS = ("supply on", "load on", "fixture contactor closed")


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str
    record: Mapping[str, Any] | None

    @property
    def evidence(self) -> Mapping[str, Any]:
        """Return the record, which must be there."""
        assert self.record is not None, self.err
        return self.record

    def measurements(self) -> Iterator[Mapping[str, Any]]:
        """Go through the record's measurements in the order of the run."""
        for phase in self.evidence["phases"]:
            yield from phase["measurements"]

    def measurement(self, name: str) -> Mapping[str, Any]:
        """Find one measurement by its name."""
        return next(m for m in self.measurements() if m["name"] == name)

    def failed(self) -> list[str]:
        """List the names of the failed measurements, in order."""
        return [m["name"] for m in self.measurements() if m["outcome"] == "FAIL"]


class Station:
    """Runs the command line in an empty home and an empty working folder.

    Whatever a command writes beside its store shows up in `strays`.
    """

    def __init__(self, root: Path) -> None:
        self.store = root / "store"
        self.home = root / "home"
        self.folder = root / "folder"
        self._record_path = root / "record.json"
        for path in (self.home, self.folder):
            path.mkdir(parents=True)

    def environment(self, **more: str) -> dict[str, str]:
        """Build the environment of a command."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
        kept.pop("STATION_STORE", None)
        kept |= {
            "HOME": str(self.home),
            "PYTHONPATH": str(PROJECT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "",
            "TMPDIR": str(self.home.parent),
        }
        return kept | more

    def arguments(
        self, sequence: str, *options: str, serial: str = SERIAL
    ) -> list[str]:
        """Write the command of a run into this station's store."""
        command = [sys.executable, "-m", "station", "run", sequence]
        command += ["--serial", serial, "--store", str(self.store)]
        return [*command, "--record", str(self._record_path), *options]

    def run(self, sequence: str, *options: str, serial: str = SERIAL) -> Finished:
        """Run a sequence to its end."""
        return self.execute(self.arguments(sequence, *options, serial=serial))

    def execute(
        self, command: list[str], longest_s: float = LONGEST_S, **environment: str
    ) -> Finished:
        """Execute a command and gather what it left behind."""
        self._record_path.unlink(missing_ok=True)
        done = subprocess.run(  # noqa: S603  our own command line
            command,
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=longest_s,
            check=False,
        )
        return self.gather(done.returncode, done.stdout, done.stderr)

    def start(self, sequence: str, *options: str) -> subprocess.Popen[str]:
        """Start a run and leave it running."""
        return subprocess.Popen(  # noqa: S603  our own command line
            self.arguments(sequence, *options),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def show(self, name: str) -> Finished:
        """Print the stored runs of a serial number, or one run."""
        command = [sys.executable, "-m", "station", "show", name]
        return self.execute([*command, "--store", str(self.store)])

    def gather(self, code: int, out: str, err: str) -> Finished:
        """Put exit code, output and record together."""
        record = None
        if self._record_path.exists():
            record = json.loads(self._record_path.read_text(encoding="utf-8"))
        return Finished(code, out, err, record)

    def strays(self) -> list[str]:
        """List what was written outside the store."""
        found: list[str] = []
        for place in (self.home, self.folder):
            found += sorted(str(path.relative_to(place)) for path in place.rglob("*"))
        return found

    def attachment(self, record: Mapping[str, Any], name: str) -> Path:
        """Find an attachment of a run in the store."""
        return self.store / "runs" / str(record["run_id"]) / name

    def energising_events(self) -> list[str]:
        """List the events of every stored V/I trace that put energy on the module."""
        return [
            line
            for trace in sorted(self.store.glob("runs/*/vi.csv"))
            for line in trace.read_text(encoding="ascii").splitlines()
            if any(event in line for event in ENERGISING_EVENTS)
        ]

    def last_current_s(self) -> float:
        """Find the last bench second [s] at which a trace shows current."""
        rows = [
            line.split(",")
            for trace in sorted(self.store.glob("runs/*/vi.csv"))
            for line in trace.read_text(encoding="ascii").splitlines()[1:]
        ]
        return max(
            (float(row[2]) for row in rows if row[3] and abs(float(row[3])) > 1.0),
            default=0.0,
        )


def is_one_line(text: str) -> bool:
    """Tell whether a message is exactly one line, and not a traceback."""
    return len(text.splitlines()) == 1 and "Traceback" not in text
