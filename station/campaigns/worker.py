"""What happens on a worker: it becomes quiet, and plays one run at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from distributed import Worker, WorkerPlugin

from station.campaigns.job import Job, Played
from station.campaigns.program import is_unchanged, program_sha256
from station.errors import describe
from station.faults.quiet import be_quiet
from station.wiring import bare_argv

_CHATTY = ("openhtf", "can", "pyvisa")
_one_run = threading.Lock()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a worker did not play a run; `other_program` where it never could."""

    reason: str
    other_program: bool = False


class Quiet(WorkerPlugin):  # type: ignore[misc]  # Dask says nothing of its types
    """Make a worker ready: OpenHTF imported in its main thread, and nothing said.

    A worker of the campaign's `own` leaves Ctrl-C to the campaign, too.
    """

    def __init__(self, own: bool) -> None:
        self.own = own

    def setup(self, worker: Worker) -> None:
        """Prepare one worker, also one that takes a dead one's place."""
        del worker
        with bare_argv():
            import phases.execute  # noqa: F401  takes SIGINT, in a main thread only
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if self.own:
            be_quiet()


def play_here(play: Callable[[Job], Played], job: Job, sha256: str) -> Played | Refusal:
    """Play a run on this worker, if it is the same program as the client."""
    if program_sha256() != sha256 or not is_unchanged():
        return Refusal(
            "their program is not the client's; install the same version on both, and"
            " change no file while a campaign runs",
            other_program=True,
        )
    with _one_run:
        try:
            return play(job)
        except Exception as error:  # the campaign counts it, and goes on
            return Refusal(describe(error))
