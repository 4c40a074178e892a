"""The crew on Dask: workers of this machine, or those of a scheduler elsewhere.

Workers keep nothing: a run is a function of its job. Whoever plays it has to be the
same program as the client, by its hash, and plays one run at a time.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dask
from distributed import Client, Future, LocalCluster
from distributed.scheduler import KilledWorker

from instruments.clock import wall_s
from station.campaigns.engine import Came
from station.campaigns.job import Job, Played
from station.campaigns.program import program_sha256
from station.campaigns.worker import Quiet, Refusal, play_here
from station.errors import BadOption, Unsure, escape
from station.faults.quiet import drop_logs

DEATHS_ALLOWED = 1
"""How many workers may die of a run, or beside it, before it is a suspect."""

_BESIDE = 2
_COUNT_EVERY_S = 5.0
_CONNECT_S = 10.0
_CLOSE_S = 10.0
_SETTINGS = {
    "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.diagnostics.nvml": False,
}
_LOOPBACK = "127.0.0.1"
_GONE = (
    OSError,
    TimeoutError,
    RuntimeError,
    asyncio.CancelledError,
    concurrent.futures.CancelledError,
)
"""What Dask raises where the scheduler has gone."""


class CrewLost(Unsure):
    """The scheduler does not answer any more."""


class DaskCrew:
    """Runs on a Dask client; each result is released as soon as it was taken."""

    def __init__(
        self, client: Client, name: str, play: Callable[[Job], Played], sha256: str
    ) -> None:
        self._client = client
        self._name = name
        self._play = play
        self._sha256 = sha256
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._jobs: dict[str, Job] = {}
        self._futures: dict[str, Future] = {}
        self._tries = 0
        self._workers = 0
        self._counted_s = float("-inf")

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return str(self._client.scheduler.address)

    def window(self) -> int:
        """Say how many runs may be on their way; see `engine.Crew`."""
        if wall_s() - self._counted_s >= _COUNT_EVERY_S:
            with self._scheduler():
                self._workers = len(self._client.ncores())
            self._counted_s = wall_s()
        return _BESIDE * max(self._workers, 1)

    def submit(self, job: Job) -> None:
        """Take on one run; see `engine.Crew`."""
        self._tries += 1
        key = f"{self._name}-{self._tries}-{job.key}"
        with self._scheduler():
            future = self._client.submit(
                play_here, self._play, job, self._sha256, key=key, pure=False
            )
        self._jobs[key] = job
        self._futures[key] = future
        future.add_done_callback(self._done.put)

    def take(self, patience_s: float) -> Came | None:
        """Bring one result; see `engine.Crew`."""
        try:
            future = self._done.get(timeout=patience_s)
        except queue.Empty:
            if self._client.status not in ("running", "connecting", "newly-created"):
                raise self._lost() from None
            return None
        key = str(future.key)
        job = self._jobs.pop(key)
        try:
            return self._came(job, future)
        finally:
            del self._futures[key]
            future.release()

    def close(self) -> None:
        """Give back what is still on its way."""
        with suppress(Exception):  # the scheduler may be gone already
            self._client.cancel(list(self._futures.values()), force=True)

    def _came(self, job: Job, future: Future) -> Came:
        try:
            with self._scheduler():
                result = future.result()
        except KilledWorker:
            return Came(job, None, "its workers died", killed=True)
        if not isinstance(result, Refusal):
            return Came(job, result)
        if result.other_program:
            raise BadOption(f"workers of {self._name}: {result.reason}")
        return Came(job, None, result.reason)

    @contextmanager
    def _scheduler(self) -> Iterator[None]:
        try:
            yield
        except _GONE as cause:
            raise self._lost() from cause

    def _lost(self) -> CrewLost:
        return CrewLost(
            "campaign: the scheduler does not answer any more; what came is stored,"
            " the same command goes on from there"
        )


@contextmanager
def local_crew(
    play: Callable[[Job], Played], workers: int, sha256: str | None = None
) -> Iterator[DaskCrew]:
    """Start worker processes on this machine, reachable from it alone."""
    with tempfile.TemporaryDirectory(prefix="station-campaign-") as folder:
        settings = {**_SETTINGS, "temporary-directory": folder}
        with dask.config.set(settings), _quiet_libraries():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host=_LOOPBACK,
                dashboard_address=f"{_LOOPBACK}:0",
                worker_dashboard_address=f"{_LOOPBACK}:0",
                memory_limit=0,
                silence_logs=logging.CRITICAL,
                local_directory=folder,
            )
            try:
                client = Client(cluster, set_as_default=False)
                try:
                    with _crew(client, "local", play, sha256, own=True) as crew:
                        yield crew
                finally:
                    client.close(_CLOSE_S)
            finally:
                cluster.close(_CLOSE_S)


@contextmanager
def scheduler_crew(
    play: Callable[[Job], Played],
    address: str,
    sha256: str | None = None,
    patience_s: float = _CONNECT_S,
) -> Iterator[DaskCrew]:
    """Use the workers of a scheduler.

    Raises:
        BadOption: nobody answers there.
    """
    with _quiet_libraries():
        try:
            client = Client(address, timeout=patience_s, set_as_default=False)
        except (OSError, TimeoutError, ValueError, RuntimeError) as cause:
            raise BadOption(
                f"scheduler {escape(address)}: does not answer; start it, or name"
                " another as tcp://HOST:PORT"
            ) from cause
        try:
            with _crew(client, address, play, sha256, own=False) as crew:
                yield crew
        finally:
            client.close(_CLOSE_S)


@contextmanager
def _crew(
    client: Client,
    name: str,
    play: Callable[[Job], Played],
    sha256: str | None,
    own: bool,
) -> Iterator[DaskCrew]:
    client.register_plugin(Quiet(own), name="station-quiet")
    crew = DaskCrew(client, name, play, sha256 or program_sha256())
    try:
        yield crew
    finally:
        crew.close()


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Drop what Dask logs and warns of while workers come and go."""
    before = logging.root.manager.disable
    drop_logs()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
