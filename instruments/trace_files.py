"""The files that a run keeps of what it saw: V/I trace, CAN log, and every byte."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from instruments.exchange_log import CanLog, ExchangeLog
from instruments.trace import CsvTrace, NoTrace, Trace

VI_FILE = "vi.csv"
CAN_FILE = "can.log"
BYTES_FILE = "bytes.log"


@dataclass(frozen=True, slots=True)
class TraceFiles:
    """Where samples, frames and bytes go, and the paths that were opened for them."""

    trace: Trace
    can_log: CanLog | None = None
    byte_log: ExchangeLog | None = None
    paths: tuple[Path, ...] = ()


def open_trace_files(
    folder: Path | None, every_byte: bool, undo: ExitStack
) -> TraceFiles:
    """Open the files of one run; `undo` closes them.

    Args:
        folder: where they go; None keeps nothing.
        every_byte: also keep each exchange with instruments and service port.
        undo: closes what was opened.
    """
    if folder is None:
        return TraceFiles(NoTrace())
    trace = CsvTrace(folder / VI_FILE)
    undo.callback(trace.close)
    paths = [folder / VI_FILE, folder / CAN_FILE]
    can_log = CanLog(_open(folder / CAN_FILE, undo).write)
    byte_log = None
    if every_byte:
        paths.append(folder / BYTES_FILE)
        byte_log = ExchangeLog(_open(folder / BYTES_FILE, undo).write)
        undo.callback(byte_log.check_whole)
    return TraceFiles(trace, can_log, byte_log, tuple(paths))


def _open(path: Path, undo: ExitStack) -> TextIOWrapper:
    file = path.open("w", encoding="ascii", newline="")
    undo.callback(file.close)
    return file
