"""Choose bench, limits and sequence for a run: where station meets the real layers.

OpenHTF reads `sys.argv` when it is imported and when a test is built, and takes
SIGINT for itself; both are undone here (`openhtf.md` 3.5, 3.13).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.bench_file import BenchConfig, load_bench_file
from limits.complete import check_complete
from limits.load import load_limits, shipped_file
from station.canonical import sha256_file
from station.errors import BadOption, escape, escape_path
from station.ports import BenchPort, ExecutionPort, LimitsPort, OnPhase, OnProgress

DEFAULT_BENCH = Path(__file__).with_name("benches") / "simulated.toml"


@dataclass(frozen=True, slots=True)
class RunFiles:
    """What the command line names: files, seed and the serial number on the label."""

    serial: str
    operator: str
    bench: Path | None = None
    limits: Path | None = None
    defects: Sequence[Path] = ()
    state: Path | None = None
    seed: int | None = None
    every_byte: bool = False


class StationRig:
    """The rig that a command line describes."""

    def __init__(self, sequence: str, files: RunFiles) -> None:
        self.sequence = sequence
        self._files = files
        self._config: BenchConfig = load_bench_file(files.bench or DEFAULT_BENCH)
        self._limits = load_limits(files.limits or shipped_file(sequence))
        check_complete(self._limits, sequence)
        self.bench_name = self._config.bench.name
        self.in_process = self._config.simulated
        self._check_options()

    @property
    def limits(self) -> LimitsPort:
        """The limit set that will judge."""
        return self._limits

    def inputs(self) -> dict[str, Any]:
        """List seed and input files; see `station.ports.Rig`."""
        files = self._files
        return {
            "seed": files.seed,
            "bench": _fingerprint(files.bench or DEFAULT_BENCH),
            "defects": [_fingerprint(file) for file in files.defects],
            "state": _fingerprint(files.state) if files.state else None,
            "program": [_fingerprint(file, name) for name, file in program_files()],
        }

    def open(self, trace_dir: Path | None) -> BenchPort:
        """Open the bench; see `station.ports.Rig`."""
        from instruments.open import open_bench

        return open_bench(
            self._config,
            seed=self._files.seed,
            defects=tuple(self._files.defects),
            state=self._files.state,
            trace_dir=trace_dir,
            operator=self._files.operator,
            serial=self._files.serial,
            every_byte=self._files.every_byte,
        )

    def execute(
        self, bench: BenchPort, on_phase: OnPhase, on_progress: OnProgress
    ) -> ExecutionPort:
        """Run the sequence; see `station.ports.Rig`."""
        from instruments.bench import Bench
        from phases.execute import execute

        if not isinstance(bench, Bench):
            raise TypeError("this rig executes on the bench that it opened")
        with bare_argv():  # building an OpenHTF test reads the arguments again
            return execute(
                self.sequence,
                bench,
                self._limits,
                self._files.serial,
                on_phase,
                on_progress,
            )

    def _check_options(self) -> None:
        files = self._files
        if not self.in_process and (
            files.state or files.defects or files.seed is not None
        ):
            raise BadOption(
                f"bench {self.bench_name}: --state, --defect and --seed change a"
                " simulated module; leave them out on this bench"
            )


def check_sequence(name: str) -> str:
    """Return the name of a sequence that exists.

    Raises:
        BadOption: no such sequence; lists those that there are.
    """
    with bare_argv():
        from phases.sequences import sequence_names

    known = tuple(sequence_names())
    if name not in known:
        raise BadOption(
            f"sequence {escape(name)}: not known; known are {', '.join(known)}"
        )
    with bare_argv():
        import phases.execute  # noqa: F401  so that OpenHTF takes SIGINT now, not later
    return name


@contextmanager
def bare_argv() -> Iterator[None]:
    """Hide the command line's arguments from whoever else reads `sys.argv`."""
    kept = sys.argv[:]
    sys.argv[1:] = []
    try:
        yield
    finally:
        sys.argv[:] = kept


def program_files() -> list[tuple[str, Path]]:
    """List the data files that decide what is done to a module and how it is read.

    Stimuli, sequences, release image and stop table; registers and CAN messages.
    """
    root = Path(__file__).parents[1]
    found = [*(root / "phases").glob("*.toml")]
    for ending in ("*.toml", "*.dbc"):
        found += (root / "instruments" / "wire").glob(ending)
    return sorted((file.relative_to(root).as_posix(), file) for file in found)


def _fingerprint(file: Path, name: str = "") -> dict[str, str]:
    try:
        # A pipe or a device would never come to its end.
        if file.exists() and not file.is_file():
            raise BadOption(f"{escape_path(file)}: is no plain file; name another")
        return {"name": name or file.name, "sha256": sha256_file(file)}
    except OSError as cause:
        raise BadOption(
            f"{escape_path(file)}: cannot be read ({cause.strerror}); check the path"
        ) from cause
