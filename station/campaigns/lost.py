"""Count the runs that nobody could play: each is an error, none is left out.

A run that kills its worker has no result, but it was owed. Left out of the counts it
would improve the bound that they prove.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from phases.make_safe import NAME as MAKE_SAFE
from phases.results import ERROR, NOT_RUN
from phases.sequences import behaviours_of, sequence_names
from station.campaigns.job import Job, Kind, Played
from station.campaigns.results_store import load_campaign, load_losses
from station.errors import RecordDamaged, escape
from station.results.store import Store


def load_counted(store: Store, campaign_id: str) -> Iterator[tuple[Job, Played]]:
    """Yield every run that counts: those that were played, then the lost ones.

    Raises:
        RecordDamaged: what is stored of a run is not what was written.
    """
    return chain(load_campaign(store, campaign_id), load_lost(store, campaign_id))


def load_lost(store: Store, campaign_id: str) -> Iterator[tuple[Job, Played]]:
    """Yield the runs that could not be played, and were not since, as errors.

    Raises:
        RecordDamaged: the key of a loss is none.
    """
    for key, reason in load_losses(store, campaign_id).items():
        job = job_from_key(key)
        steps = [(name, NOT_RUN, 0.0) for name in _steps_of(job.sequence)]
        yield job, Played(key, ERROR, reason, steps, (), 0.0, "", 0.0)


def job_from_key(key: str) -> Job:
    """Read back what a run's key says of its job, which is all that counting needs.

    Defects, state and firmware are left out.

    Raises:
        RecordDamaged: it is no key.
    """
    try:
        sequence, kind, subject, grade, seed = key.split("/")[:5]
        return Job(
            Kind(kind),
            subject,
            "" if grade == "-" else grade,
            sequence,
            None if seed == "None" else int(seed),
        )
    except ValueError as cause:
        raise RecordDamaged(
            f"campaign run {escape(key, 200)}: is no key of a run; check the disk, then"
            " play the campaign into another store"
        ) from cause


def _steps_of(sequence: str) -> tuple[str, ...]:
    """List the steps that were not asked: all of them."""
    known = sequence in sequence_names()
    return (*behaviours_of(sequence), MAKE_SAFE) if known else ()
