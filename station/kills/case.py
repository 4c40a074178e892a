"""One kill test: a served bench, a station on it, one kill, and what was left."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from instruments.clock import WallClock, wall_s
from station.kills.bench_process import BenchProcess, station_environment
from station.kills.judge import LeftBehind, find_faults
from station.kills.kinds import KillCase
from station.kills.left_record import read_left_record
from station.kills.truth import (
    dead_after_s,
    first_energised,
    read_truth,
    state_at,
)

SEQUENCE = "agreement"
OUTPUT = "station.txt"
"""What the station wrote, in the folder of its case."""
SERIAL = "WE-4K4P-26-47-0001"
_LOOK_US = 100_000
_ENERGISED_S = 60.0
_END_S = 90.0
_WATCH_S = 6.0
"""How long the bench is watched after a kill that leaves nobody to wait for."""
_BETWEEN_SIGNALS_US = 400_000


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one case showed; no `faults` means that it went as it must.

    `bench_state` is the source that was on at the kill, "supply" or "load"; "dead" if
    the kill never came.
    """

    case: KillCase
    bench_state: str
    dead_s: float | None
    left: LeftBehind
    faults: tuple[str, ...]


def run_case(case: KillCase, folder: Path, speed_factor: float = 1.0) -> CaseResult:
    """Run one case in an empty folder of its own.

    Instants and times to dead are bench seconds; a campaign leaves the speed at 1.
    """
    folder.mkdir(parents=True)
    killed_s: float | None = None
    exit_code: int | None = None
    with BenchProcess(folder, speed_factor) as bench:
        station = start_station(bench.file, folder)
        try:
            begun_s = _wait_until_energised(station, bench.truth)
            if begun_s is not None:
                at_s = begun_s + case.instant_s / speed_factor
                killed_s = _kill(case, station, bench, at_s)
                exit_code = _wait_for_end(case, station, speed_factor)
        finally:
            if station.poll() is None:
                station.kill()
            station.wait()
    left = LeftBehind(exit_code, read_left_record(folder / "store"))
    if killed_s is None:
        return CaseResult(case, "dead", None, left, (f"never energised: see {OUTPUT}",))
    lines = read_truth(bench.truth)
    dead_s = dead_after_s(lines, killed_s, speed_factor)
    bench_state = "supply" if state_at(lines, killed_s).supply_on else "load"
    faults = find_faults(case.kind, bench_state, dead_s, left)
    return CaseResult(case, bench_state, dead_s, left, faults)


def start_station(bench_file: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start a run of the short energised sequence on a served bench."""
    command = [sys.executable, "-m", "station", "run", SEQUENCE, "--serial", SERIAL]
    command += ["--bench", str(bench_file), "--store", str(folder / "store")]
    with (folder / OUTPUT).open("wb") as output:
        return subprocess.Popen(  # noqa: S603  our own command line
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=station_environment(),
        )


def _wait_until_energised(
    station: subprocess.Popen[bytes], truth: Path
) -> float | None:
    """Wait for the first energised line and return its real time [s].

    None means that the station ended, or a minute passed, without one.
    """
    clock = WallClock()
    while clock.now_us() < _ENERGISED_S * 1e6:
        line = first_energised(read_truth(truth))
        if line is not None:
            return line.real_s
        if station.poll() is not None:
            break
        clock.wait_us(_LOOK_US)
    return None


def _kill(
    case: KillCase,
    station: subprocess.Popen[bytes],
    bench: BenchProcess,
    at_s: float,
) -> float:
    """Wait for the case's instant, do it, and return when [real s] it was done."""
    clock = WallClock()
    left_s = at_s - wall_s()
    if left_s > 0:
        clock.wait_us(round(left_s * 1e6))
    killed_s = wall_s()
    if case.cable:
        bench.command(f"{case.cable} {case.kind.name}")
    for number, name in enumerate(case.kind.signals):
        if number:
            clock.wait_us(_BETWEEN_SIGNALS_US)
        station.send_signal(getattr(signal, name))
    return killed_s


def _wait_for_end(
    case: KillCase, station: subprocess.Popen[bytes], speed_factor: float
) -> int | None:
    """Wait for the station's end, or watch the bench where nobody ends in order."""
    clock = WallClock(speed_factor)
    kind = case.kind
    if kind.end == "killed":
        clock.wait_us(round(_WATCH_S * 1e6))
        return None
    if kind.continue_after_s:
        clock.wait_us(round(kind.continue_after_s * 1e6))
        station.send_signal(signal.SIGCONT)
    try:
        return station.wait(_END_S)
    except subprocess.TimeoutExpired:
        return None
