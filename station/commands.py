"""What `station run` and `station show` do, once their options are parsed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_PASS,
    one_line,
)
from station.operator_name import check_operator
from station.output import complain, say
from station.ports import Rig
from station.record_copy import check_record_target, write_record_copy
from station.serial_number import load_serial_form
from station.signals import StopSignals

STORE_VARIABLE = "STATION_STORE"
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        envvar=STORE_VARIABLE,
        help="folder of the record store; default: the user's data folder",
    ),
]
"""The option of every command that reads or writes the store."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of `station run`, as typed."""

    sequence: str
    serial: str
    bench: Path | None = None
    seed: int | None = None
    limits: Path | None = None
    defects: tuple[Path, ...] = ()
    state: Path | None = None
    record: Path | None = None
    trace: bool = True
    every_byte: bool = False
    operator: str = "not named"
    store: Path | None = None


RigMaker = Callable[[RunOptions], Rig]


def store_folder(option: Path | None) -> Path:
    """Choose the store: the option, the environment, or the user's data folder."""
    if option is not None:
        return option.absolute()
    named = os.environ.get(STORE_VARIABLE)
    if named:
        return Path(named).absolute()
    from platformdirs import user_data_path

    return user_data_path("weco-test-station", appauthor=False)


def run_command(options: RunOptions, make_rig: RigMaker | None = None) -> int:
    """Run a sequence and say what came of it; returns the exit code.

    Raises:
        Refused, BenchFileError, LimitFileError: before a record begins.
    """
    load_serial_form().check(options.serial)
    check_operator(options.operator)
    if options.record is not None:
        check_record_target(options.record, store_folder(options.store))
    with StopSignals() as signals:
        rig = (make_rig or make_station_rig)(options)
        signals.install()  # OpenHTF took SIGINT when it was imported
        if signals.reason is not None:
            complain(f"station: stopped by {signals.reason} before a record began")
            return EXIT_ABORTED
        return _run(options, rig, signals)


def make_station_rig(options: RunOptions) -> Rig:
    """Load the files that the options name and choose the rig."""
    from station.wiring import RunFiles, StationRig, check_sequence

    check_sequence(options.sequence)
    files = RunFiles(
        serial=options.serial,
        operator=options.operator,
        bench=options.bench,
        limits=options.limits,
        defects=options.defects,
        state=options.state,
        seed=options.seed,
        every_byte=options.every_byte,
    )
    return StationRig(options.sequence, files)


def show_command(name: str, store: Path | None) -> int:
    """Print the stored runs of a serial number, or one run."""
    from station.results.show import write_runs
    from station.results.store import Store

    opened = Store(store_folder(store))
    try:
        say(write_runs(opened, name))
    finally:
        opened.close()
    return EXIT_PASS


def _run(options: RunOptions, rig: Rig, signals: StopSignals) -> int:
    from station.admission import RunOrder
    from station.display import choose_display
    from station.lossy_display import LossyDisplay
    from station.results.report import write_report
    from station.results.store import Store
    from station.run import Run

    store = Store(store_folder(options.store))
    try:
        store.close_dead_runs()
        order = RunOrder(options.serial, options.operator, rig.inputs(), options.trace)
        display = LossyDisplay(choose_display)
        result = Run(rig, order, store, signals, display).go()
    finally:
        store.close()
    say(write_report(result.record, store.folder))
    if result.exit_code in (EXIT_ERROR, EXIT_ABORTED):
        complain(f"station: {one_line(result.record['reason'])}")
    if options.record is None:
        return result.exit_code
    return write_record_copy(options.record, result.record, result.exit_code)
