"""`station bench serve`: the simulated bench as a process of its own.

With ``--control`` it takes commands line by line from its standard input (``cut ROLE``,
``mute ROLE``, ``mend ROLE``) and ends when that is closed, so that no bench outlives
the test that started it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from instruments.bench_file import load_bench_file
from station.errors import BadOption, escape
from station.output import complain, say

if TYPE_CHECKING:
    from instruments.sim.served.build import ServedBench

COMMANDS = ("cut", "mute", "mend")


def serve(
    file: Path,
    *,
    state: Path | None,
    defects: Sequence[Path],
    seed: int | None,
    truth: Path | None,
    control: bool,
) -> None:
    """Serve the bench of a bench file until a signal or the end of its commands.

    Raises:
        BenchFileError: a file cannot be used, or a port is taken.
        BadOption: the truth log cannot be written.
    """
    from instruments.sim.served.build import build_served_bench

    config = load_bench_file(file)
    served = build_served_bench(
        config, seed=seed, defects=defects, state=state, truth=_open_truth(truth)
    )
    server = served.server
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: server.stop())
    if control:
        watch_commands(served, sys.stdin.fileno())
    ports = ", ".join(f"{role} {port}" for role, port in served.ports.items())
    speed = f"{config.bench.speed_factor:g} bench s a second"
    say(f"bench {config.bench.name} listens on loopback at {speed}: {ports}")
    try:
        server.serve()
    finally:
        served.close()


def watch_commands(served: ServedBench, file: int) -> None:
    """Let commands from a file (its descriptor) act on the bench's cables."""
    waiting = bytearray()

    def arrived() -> None:
        data = os.read(file, 4096)
        if not data:
            served.server.unwatch(file)
            served.server.stop()
            return
        waiting.extend(data)
        while (end := waiting.find(b"\n") + 1) > 0:
            line = waiting[:end].decode("ascii", "replace")
            del waiting[:end]
            _command(served, line.split())

    served.server.watch(file, arrived)


def _command(served: ServedBench, words: list[str]) -> None:
    if len(words) != 2 or words[0] not in COMMANDS or words[1] not in served.ports:
        complain(
            f"station: {escape(' '.join(words))!r} is no command; write"
            f" {', '.join(COMMANDS)} and one of {', '.join(served.ports)}"
        )
        return
    verb, role = words
    server = served.server
    acts = {"cut": server.cut, "mute": server.mute, "mend": server.mend}
    acts[verb](role)
    say(f"{verb} {role}")


def _open_truth(path: Path | None) -> TextIO | None:
    if path is None:
        return None
    try:
        return path.open("w", encoding="ascii", buffering=1)
    except OSError as cause:
        raise BadOption(
            f"{escape(str(path))}: cannot be written ({cause.strerror}); name another"
            " file"
        ) from cause
