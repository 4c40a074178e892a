"""A served bench as a child process, on free ports of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from instruments.clock import WallClock
from instruments.errors import BenchFileError
from station.errors import Unsure, escape

SERVED_BENCH = Path(__file__).parents[1] / "benches" / "served.toml"
PROJECT = Path(__file__).parents[2]
PORT = re.compile(r"\b150(?:1[1-9]|20)\b")
SPEED = re.compile(r"^speed = 1\.0\b", re.MULTILINE)
_FIRST_PORT, _LAST_PORT = 16_000, 32_000  # below those that the system gives to clients
_START_S = 30.0
_LOOK_US = 20_000
_ANSWER_S = 10.0
_ANSWER_LOOK_US = 2_000
_TRIES = 3
_free = threading.Lock()
_next_port = count(os.getpid() * 61)


class BenchProcess:
    """A served bench; leaving the context ends it.

    Entering it raises `Unsure` where the bench does not start.

    Args:
        folder: where bench file, truth log and output go.
        speed_factor: bench seconds in one real second.
        options: further options of `station bench serve`.
    """

    def __init__(self, folder: Path, speed_factor: float, *options: str) -> None:
        self.file = folder / "bench.toml"
        self.truth = folder / "truth.csv"
        self._output = folder / "bench.txt"
        self._speed_factor = speed_factor
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> BenchProcess:
        for _ in range(_TRIES):  # somebody may take a port before the bench does
            write_bench_file(self.file, self._speed_factor)
            if self._start():
                return self
        text = self._output.read_text(encoding="utf-8", errors="replace")
        raise Unsure(f"served bench {self.file}: did not start: {escape(text, 300)}")

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the bench; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # which ends it
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def command(self, text: str) -> None:
        """Do something to a cable and wait until the bench has said that it is done.

        ``cut ROLE``, ``mute ROLE`` and ``mend ROLE``.

        Raises:
            Unsure: the bench does not run, or says nothing.
        """
        if self._process is None or self._process.stdin is None:
            raise self._not_there("is not running")
        said = self._count_lines()
        try:
            self._process.stdin.write(f"{text}\n".encode("ascii"))
            self._process.stdin.flush()
        except OSError as cause:
            raise self._not_there("has ended") from cause
        clock = WallClock()
        while self._count_lines() == said:
            if clock.now_us() > _ANSWER_S * 1e6:
                raise self._not_there("is silent")
            clock.wait_us(_ANSWER_LOOK_US)

    def _not_there(self, how: str) -> Unsure:
        return Unsure(
            f"served bench {self.file}: {how}; see {self._output.name} beside it"
        )

    def _count_lines(self) -> int:
        return self._output.read_bytes().count(b"\n")

    def _start(self) -> bool:
        command = [sys.executable, "-m", "station", "bench", "serve", str(self.file)]
        command += ["--truth", str(self.truth), "--control", *self._options]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  our own command line
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=station_environment(),
            )
        clock = WallClock()
        while clock.now_us() < _START_S * 1e6:
            if b" listens " in self._output.read_bytes():
                return True
            if self._process.poll() is not None:
                break
            clock.wait_us(_LOOK_US)
        self.close()
        return False


def write_bench_file(
    path: Path, speed_factor: float, shipped: Path = SERVED_BENCH
) -> None:
    """Write the shipped served bench with free ports and another speed.

    Raises:
        BenchFileError: the shipped file has no such ports or no such speed.
    """
    text = shipped.read_text(encoding="utf-8")
    ports = _free_ports()
    text, found = PORT.subn(lambda _: str(next(ports)), text)
    if not found:
        raise BenchFileError(str(shipped), "port", f"none is like {PORT.pattern}")
    text, found = SPEED.subn(f"speed = {speed_factor:.6g}", text)
    if found != 1:
        raise BenchFileError(str(shipped), "bench.speed", f"{found} lines say 1.0")
    path.write_text(text, encoding="utf-8")


def station_environment() -> dict[str, str]:
    """Build the environment in which a child process finds this program."""
    kept = dict(os.environ)
    paths = [str(PROJECT), *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths)}


def _free_ports() -> Iterator[int]:
    """Find ports on loopback that nobody listens on now."""
    span = _LAST_PORT - _FIRST_PORT
    while True:
        with _free:
            port = _FIRST_PORT + next(_next_port) % span
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port
