"""Measure what a whole `eol` run costs, and the two floors below which it cannot go.

    python -m tests.benchmarks.eol_benchmark

The command is measured as a user runs it, from process start to exit, with traces. The
floors come from one taped run: the model alone with the same stimuli at the same bench
times and no exchange; and the same traffic, exchange by exchange, with model and BMS
played from the tape.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import serial as pyserial

from instruments.bench import Bench
from instruments.bench_file import load_bench_file
from instruments.clock import wall_s
from instruments.open import Seams, _build_parts, _identify, _read_off
from instruments.sim.build import build_plant
from instruments.sim.parameters import load_parameters
from instruments.sim.simulated_bench import SimulatedBench
from instruments.sim.world import World
from instruments.trace_files import open_trace_files
from limits.load import load_limits
from phases.execute import execute
from station.wiring import DEFAULT_BENCH, bare_argv
from tests.benchmarks.plant_tape import PlayedPlant, Tape, TapingPlant, replay_model

PROJECT = Path(__file__).resolve().parents[2]
SERIAL = "WE-4K4P-26-47-0001"
CURRENT_A = 0.5
GAP_S = 2.0
SEED = 0


def say(label: str, value: object, unit: str = "") -> None:
    """Write one line of the table."""
    text = f"{value:,.2f}" if isinstance(value, float) else str(value)
    sys.stdout.write(f"{label:58} {text:>12} {unit}\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Command:
    """The whole command, as measured from outside."""

    wall_s: float
    peak_mb: float
    record: Mapping[str, Any]
    current_s: float
    frames: int
    samples: int
    longest_gap_s: float


def measure_command(folder: Path) -> Command:
    """Run the command once and read its record and traces."""
    store, record_path = folder / "store", folder / "record.json"
    command = [sys.executable, "-m", "station", "run", "eol", "--serial", SERIAL]
    command += ["--store", str(store), "--record", str(record_path)]
    start_s = wall_s()
    subprocess.run(  # noqa: S603  our own command line
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=True
    )
    end_s = wall_s()
    record = json.loads(record_path.read_text(encoding="utf-8"))
    run = store / "runs" / record["run_id"]
    current_s, samples, gap_s = measure_trace(run / "vi.csv")
    with (run / "can.log").open(encoding="ascii") as log:
        frames = sum(1 for _ in log)
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Command(
        end_s - start_s, peak_kb / 1024.0, record, current_s, frames, samples, gap_s
    )


def measure_trace(path: Path) -> tuple[float, int, float]:
    """Sum up the seconds with current; count samples; find the longest gap in them."""
    current_s = longest_s = 0.0
    samples = 0
    last_s, last_a = 0.0, 0.0
    with path.open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            if row["event"]:
                continue
            samples += 1
            now_s, now_a = float(row["t_current_s"]), float(row["current_a"])
            span_s = now_s - last_s
            if min(abs(now_a), abs(last_a)) > CURRENT_A and span_s <= GAP_S:
                current_s += span_s
                longest_s = max(longest_s, span_s)
            last_s, last_a = now_s, now_a
    return current_s, samples, longest_s


# --- the run in this process, on a plant of any kind -----------------------------


def run_on(
    world: World, plant: Any, folder: Path, *, every_byte: bool = False
) -> float:
    """Run `eol` on a plant and measure it [s of wall time]; the bench is closed."""
    config = load_bench_file(DEFAULT_BENCH)
    params = load_parameters((), None)
    sim = SimulatedBench(world, plant, params, SEED, config.resources())
    seams = Seams(
        clock=world,
        manager=sim.resource_manager(),
        can_bus=lambda: sim.can_bus(config.can.channel),
        service_port=lambda: pyserial.serial_for_url(sim.serial_url("service")),
        led_url=sim.serial_url("led_reader"),
        read_module=lambda name: _read_off(params, name, SERIAL),
        close=sim.close,
        can_offset_us=0,
        world=sim,
    )
    folder.mkdir()
    start_s = wall_s()
    with ExitStack() as undo:
        undo.callback(sim.close)
        files = open_trace_files(folder, every_byte, undo)
        bench = Bench(
            _build_parts(config, seams, files, ""), world, config, files.trace
        )
        bench.world = sim
        _identify(bench)
        with bare_argv():
            found = execute("eol", bench, load_limits(None), SERIAL, ignore, ignore)
        bench.close()
    taken_s = wall_s() - start_s
    if found.error is not None:
        raise RuntimeError(found.error)
    return taken_s


def ignore(_: object) -> None:
    """Show nothing."""


def nominal_plant(world: World) -> Any:
    """Build the plant of a run without a seed."""
    return build_plant(load_parameters((), None), world, None, SEED)


def count_exchanges(path: Path) -> Mapping[str, int]:
    """Count what was sent to each instrument and to the service port."""
    counts: dict[str, int] = {}
    with path.open(encoding="ascii") as log:
        for line in log:
            _, who, rest = line.split(" ", 2)
            if rest.startswith(">"):
                counts[who] = counts.get(who, 0) + 1
    return counts


def measured(call: Callable[[], object]) -> float:
    """Measure a call [s of wall time]."""
    start_s = wall_s()
    call()
    return wall_s() - start_s


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        command = measure_command(folder)
        report_command(command)
        report_floors(folder)


def report_command(command: Command) -> None:
    """Print what the user's command took."""
    bench_s = float(command.record["bench_s"])
    say("outcome", command.record["outcome"])
    say("wall time, process start to exit", command.wall_s, "s")
    say("bench time", bench_s, "s")
    say("bench time with current (|I| > 0.5 A)", command.current_s, "s")
    say("bench seconds per wall second, all", bench_s / command.wall_s)
    say(
        "bench seconds per wall second, with current only",
        command.current_s / command.wall_s,
    )
    say("samples of voltage and current", command.samples)
    say("longest time between samples with current", command.longest_gap_s, "s")
    say("CAN frames in the log", command.frames)
    say("peak memory", command.peak_mb, "MB")


def report_floors(folder: Path) -> None:
    """Tape a run, count its exchanges, and measure both floors."""
    tape = Tape()
    world = World()
    plant = nominal_plant(world)
    run_on(world, TapingPlant(plant, tape), folder / "tape", every_byte=True)
    tape.end_us = world.now_us()
    counts = count_exchanges(next((folder / "tape").glob("*bytes*")))
    scpi = sum(n for who, n in counts.items() if who not in ("service", "led_reader"))
    say("SCPI exchanges", scpi)
    for who, number in sorted(counts.items()):
        say(f"  {who}", number)

    plain_world = World()
    plain_s = run_on(plain_world, nominal_plant(plain_world), folder / "plain")
    say("the run in this process, without start and record", plain_s, "s")

    fresh_world = World()
    fresh = nominal_plant(fresh_world)
    model_s = measured(lambda: replay_model(fresh, tape))
    say("floor 1: model and BMS alone, no exchange", model_s, "s")
    truth, again = plant.ledger(), fresh.ledger()
    share = again["supply_wh"] / truth["supply_wh"]
    say("  energy of the supply against the run", 100.0 * share, "%")

    played_world = World()
    played_s = run_on(played_world, PlayedPlant(played_world, tape), folder / "played")
    say("floor 2: same traffic, model and BMS played", played_s, "s")
    same = (folder / "played" / "vi.csv").read_bytes() == (
        folder / "plain" / "vi.csv"
    ).read_bytes()
    say("  V/I trace the same, byte by byte", "yes" if same else "no")


if __name__ == "__main__":
    main()
