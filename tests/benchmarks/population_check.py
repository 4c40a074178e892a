"""Test healthy modules with spread parameters, one whole `eol` run for each seed.

    python -m tests.benchmarks.population_check [--first 1] [--last 20]

Prints what failed, by seed, then the spread of every analogue measurement. The figures
come from the records that the command line writes; nothing of the station is imported.
Ends with 1 when a module did not pass, or an analogue measurement did not spread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
COUNTED_UNITS = frozenset({"", "1", "count"})

Record = Mapping[str, Any]


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run_seed(seed: int, sequence: str, state: str | None, folder: Path) -> Record:
    """Run one module through the command line and read its record back."""
    record_path = folder / f"record-{seed}.json"
    command = [sys.executable, "-m", "station", "run", sequence]
    command += ["--serial", f"WE-4K4P-26-47-{seed:04d}", "--seed", str(seed)]
    command += ["--store", str(folder / f"store-{seed}"), "--record", str(record_path)]
    command += ["--no-trace"]
    if state is not None:
        command += ["--state", state]
    done = subprocess.run(  # noqa: S603  our own command line
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if not record_path.exists():
        return {"outcome": f"exit {done.returncode}", "reason": done.stderr.strip()}
    record: Record = json.loads(record_path.read_text(encoding="utf-8"))
    return record


def measurements(record: Record) -> Iterable[Mapping[str, Any]]:
    """Go through the measurements of a record."""
    for phase in record.get("phases", ()):
        yield from phase["measurements"]


def failures(record: Record) -> list[str]:
    """List what did not pass, with value, limits and unit."""
    return [
        f"{m['name']} {m['outcome']} value={m['value']}"
        f" [{m['value_low']} .. {m['value_high']}]"
        f" limits {m['low']} .. {m['high']} {m['unit']}"
        for m in measurements(record)
        if m["outcome"] in ("FAIL", "NOT_RUN")
    ]


def is_analogue(measurement: Mapping[str, Any]) -> bool:
    """Tell a quantity with a unit from a count, a word or a yes."""
    value = measurement["value"]
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and measurement["unit"] not in COUNTED_UNITS
    )


def spread(records: Mapping[int, Record]) -> dict[str, tuple[str, list[float]]]:
    """Gather every analogue measurement over the records: unit and values."""
    found: dict[str, tuple[str, list[float]]] = {}
    for record in records.values():
        for measurement in measurements(record):
            if is_analogue(measurement):
                entry = found.setdefault(
                    measurement["name"], (str(measurement["unit"]), [])
                )
                entry[1].append(float(measurement["value"]))
    return found


def print_spread(found: Mapping[str, tuple[str, list[float]]]) -> list[str]:
    """Print the table; return the names that did not spread."""
    still: list[str] = []
    say(f"{'measurement':48} {'unit':7} {'n':>3} {'min':>11} {'max':>11} {'sd':>10}")
    for name, (unit, values) in found.items():
        deviation = statistics.pstdev(values)
        say(
            f"{name:48} {unit:7} {len(values):3d} {min(values):11.4f}"
            f" {max(values):11.4f} {deviation:10.5f}"
        )
        if deviation == 0.0:
            still.append(name)
    return still


def main() -> int:
    """Run the seeds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=20)
    parser.add_argument("--sequence", default="eol")
    parser.add_argument("--state")
    parser.add_argument("--keep", type=Path, help="folder that keeps the records")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        records: dict[int, Record] = {}
        for seed in range(options.first, options.last + 1):
            record = run_seed(seed, options.sequence, options.state, folder)
            records[seed] = record
            say(f"seed {seed:3d}: {record['outcome']} {record.get('reason') or ''}")
            for line in failures(record):
                say(f"    {line}")
    passed = sum(record["outcome"] == "PASS" for record in records.values())
    still = print_spread(spread(records))
    say(f"passed: {passed} of {len(records)}")
    say(f"did not spread: {', '.join(still) or 'none'}")
    return 0 if passed == len(records) and not still else 1


if __name__ == "__main__":
    sys.exit(main())
